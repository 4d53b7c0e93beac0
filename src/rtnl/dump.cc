// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/dump.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "src/rtnl/abi.h"

namespace duostat::rtnl {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;  ///< the kernel fills at most 32 KiB per datagram
/// The fixed part that every RTM_GET* accepts: struct rtgenmsg, as long as the longest (ifinfomsg) for kernels that
/// read more than they should.
struct Request {
  std::uint8_t family;
  std::uint8_t rest[15];
};

Coverage failed(Coverage coverage, Operation operation, int error) {
  coverage.operation = operation;
  coverage.error = error;
  return coverage;
}

/// Sends one request and reads the whole reply.
Coverage attempt(Transport& transport, const RequestWriter& request, std::uint32_t sequence, std::string_view object,
                 std::span<std::byte> buffer, Visit visit) {
  Coverage coverage;
  coverage.object = object;
  int error = transport.send(request.bytes());
  if (error != 0) return failed(std::move(coverage), Operation::rtnl_send, error);
  for (;;) {
    const Transport::Received got = transport.receive(buffer);
    if (got.error != 0) return failed(std::move(coverage), Operation::rtnl_receive, got.error);
    if (got.size == 0) return failed(std::move(coverage), Operation::rtnl_receive, ENODATA);
    if (got.sender != 0) continue;
    if (got.truncated) ++coverage.truncated;
    MessageWalk walk(Bytes(buffer).first(std::min(got.size, buffer.size())));
    for (Message message; walk.next(message);) {
      const bool ours = transport.port_id() == 0 || message.port_id == transport.port_id();
      if (!ours || message.sequence != sequence) continue;
      if ((message.flags & uapi::kDumpInterrupted) != 0) coverage.interrupted = true;
      if (message.type == uapi::kDone || message.type == uapi::kError) {
        error = error_of(message);
        return error == 0 ? coverage : failed(std::move(coverage), Operation::rtnl_dump, error);
      }
      if (visit(message)) ++coverage.rows;
      else ++coverage.malformed;
    }
  }
}

}  // namespace

Coverage dump(const OpenTransport& open, std::uint16_t type, std::uint8_t family, std::string_view object, Visit visit,
              Restart restart) {
  OpenError error;
  const auto transport = open(abi::kNetlinkRoute, error);
  if (transport == nullptr) {
    Coverage coverage;
    coverage.object = object;
    return failed(std::move(coverage), Operation::rtnl_open, error);
  }
  std::vector<std::byte> buffer(kBufferSize);
  for (std::uint32_t sequence = 1;; ++sequence) {
    RequestWriter request(type, uapi::kDumpFlags, sequence);
    request.put(Request{family, {}});
    Coverage coverage = attempt(*transport, request, sequence, object, buffer, visit);
    if (!coverage.interrupted || coverage.error != 0 || sequence == kDumpAttempts) return coverage;
    restart();
  }
}

std::uint32_t number_of(const Attribute& attribute) noexcept {
  std::uint32_t value = 0;
  read_at(attribute.value, 0, value);
  return value;
}

std::string_view text_of(const Attribute& attribute) noexcept {
  const auto* text = reinterpret_cast<const char*>(attribute.value.data());
  return {text, ::strnlen(text, attribute.value.size())};
}

}  // namespace duostat::rtnl
