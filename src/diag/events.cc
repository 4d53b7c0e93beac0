// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/events.h"

#include <algorithm>
#include <cerrno>

#include "src/diag/inet.h"
#include "src/diag/message.h"

namespace duostat {
namespace {

struct GroupRow {
  std::uint32_t group;
  Protocol protocol;
  Family family;
};
constexpr GroupRow kGroups[] = {
    {uapi::kTcpDestroyed, Protocol::tcp, Family::inet},
    {uapi::kTcp6Destroyed, Protocol::tcp, Family::inet6},
    {uapi::kUdpDestroyed, Protocol::udp, Family::inet},
    {uapi::kUdp6Destroyed, Protocol::udp, Family::inet6},
};

bool is_asked(const GroupRow& row, ProtocolSet protocols, FamilySet families) noexcept {
  return protocols.has(row.protocol) && families.has(row.family);
}

constexpr std::size_t kEventBuffer = 32768;  // bytes; an event takes a few hundred

}  // namespace

bool DestroyedSockets::can_follow(ProtocolSet protocols, FamilySet families) noexcept {
  return std::ranges::any_of(kGroups, [&](const GroupRow& row) { return is_asked(row, protocols, families); });
}

OpenError DestroyedSockets::open(const OpenTransport& open_transport, ProtocolSet protocols, FamilySet families) {
  OpenError error;
  transport_ = open_transport(uapi::kNetlinkSockDiag, error);
  if (!transport_) return error;
  for (const GroupRow& row : kGroups)
    if (is_asked(row, protocols, families))
      if (const int refused = transport_->join(row.group))
        return {refused, OpenError::Step::bind};  // iproute2 joins as it binds
  buffer_.resize(kEventBuffer);
  return 0;
}

int DestroyedSockets::next(Sink sink) {
  const Transport::Received got = transport_->receive(buffer_);
  if (got.error != 0) return got.error;
  if (got.size == 0) return ENODATA;
  if (got.sender != 0) return 0;  // only the kernel has the port id 0
  if (got.truncated) ++coverage_.truncated;
  nsid_ = got.nsid;
  return hand_out(Bytes(buffer_).first(std::min(got.size, buffer_.size())), sink) ? 0 : ECANCELED;
}

bool DestroyedSockets::hand_out(Bytes datagram, Sink sink) {
  MessageWalk walk(datagram);
  for (Message message; walk.next(message);) {
    if (message.type != uapi::kSockDiagByFamily) continue;
    const Protocol protocol = protocol_in(message.payload, Protocol::tcp);
    Socket socket;
    InetDetail detail;
    if (!decode_inet(message.payload, protocol, inet_attributes({}, protocol, true), socket, detail, coverage_)) {
      ++coverage_.malformed;
      continue;
    }
    ++coverage_.rows;
    if (!sink(std::span<const Socket>(&socket, 1))) return false;
  }
  if (walk.deficit()) ++coverage_.malformed;
  return true;
}

}  // namespace duostat
