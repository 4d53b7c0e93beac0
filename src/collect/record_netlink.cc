// The netlink part of a capture: the program's own dumps, each as wide as it can be, through transports that write down what
// passes. So fallbacks and refusals are recorded as they happen.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cstring>
#include <mutex>

#include "src/collect/recorder_parts.h"
#include "src/diag/abi.h"
#include "src/diag/diag_backend.h"
#include "src/rtnl/links.h"
#include "src/rtnl/routes.h"

namespace duostat::capture {
namespace {

/// Takes whole exchanges, from any thread.
class ExchangeLog {
 public:
  explicit ExchangeLog(Writer& writer) : writer_(writer) {}

  struct Reply {
    int error;
    bool truncated;
    std::vector<std::byte> bytes;
  };
  void add(int protocol, int open_error, int send_error, std::vector<std::byte> request, const std::vector<Reply>& replies) {
    const std::scoped_lock lock(mutex_);
    // The same request again, or the same refusal to open, would never be looked at.
    if (!written_.emplace(protocol, key_of(request)).second) return;
    writer_.add(Type::request, request_payload(protocol, open_error, send_error, request));
    for (const Reply& reply : replies) writer_.add(Type::reply, reply_payload({reply.error, reply.truncated, reply.bytes}));
  }

 private:
  /// A request without its sequence number and port id.
  static std::string key_of(const std::vector<std::byte>& request) {
    std::string key(reinterpret_cast<const char*>(request.data()), request.size());
    constexpr std::size_t kFrom = offsetof(uapi::MessageHeader, sequence);
    if (key.size() >= sizeof(uapi::MessageHeader)) key.replace(kFrom, 8, 8, '\0');
    return key;
  }

  Writer& writer_;
  std::mutex mutex_;
  std::set<std::pair<int, std::string>> written_;
};

class RecordingTransport final : public Transport {
 public:
  RecordingTransport(std::unique_ptr<Transport> inner, int protocol, ExchangeLog& log)
      : inner_(std::move(inner)), protocol_(protocol), log_(log) {}
  ~RecordingTransport() override { commit(); }

  int send(Bytes request) noexcept override {
    commit();
    request_.assign(request.begin(), request.end());
    return send_error_ = inner_->send(request);
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Received got = inner_->receive(buffer);
    if (got.sender == 0 && (got.error != 0 || got.size != 0)) {
      const Bytes datagram = Bytes(buffer).first(std::min(got.size, buffer.size()));
      replies_.push_back({got.error, got.truncated, {datagram.begin(), datagram.end()}});
    }
    return got;
  }
  std::uint32_t port_id() const noexcept override { return inner_->port_id(); }

 private:
  void commit() {
    if (!request_.empty()) log_.add(protocol_, 0, send_error_, std::move(request_), replies_);
    request_.clear();
    replies_.clear();
  }

  std::unique_ptr<Transport> inner_;
  int protocol_;
  ExchangeLog& log_;
  std::vector<std::byte> request_;
  std::vector<ExchangeLog::Reply> replies_;
  int send_error_ = 0;
};

constexpr StateMask kEveryState = ~StateMask{0};
constexpr StateMask kUnconnected = mask_of(State::listen, State::close);
/// SCTP chooses between endpoints and associations by what is asked for, so it is asked three times.
constexpr StateMask kSctpStates[] = {kEveryState, kUnconnected, kEveryState & ~kUnconnected};

/// All protocols of the kernel table that `row`'s is in.
ProtocolSet table_of(const ProtocolRow& row) {
  for (const ProtocolSet set : {kUnixProtocols, kPacketProtocols, kVsockProtocols})
    if (set.has(row.protocol)) return set;
  return {row.protocol};
}

/// One dump of everything about every socket of a table. False if it was refused.
bool dump(DiagBackend& backend, Query query, bool with_storages, Seen& seen, CaptureSummary& summary) {
  for (const ProtocolRow& row : kProtocols)
    if (query.protocols.has(row.protocol)) query.wanted |= backend.knows(row.protocol);
  if (!with_storages) query.wanted.remove(Field::bpf_storage);
  const Coverage coverage = backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) seen.note(socket);
    summary.sockets += batch.size();
    return true;
  });
  return coverage.error == 0;
}

void dump_table(DiagBackend& backend, const ProtocolRow& row, Seen& seen, CaptureSummary& summary) {
  const bool inet = kInetProtocols.has(row.protocol);
  const std::span<const StateMask> states =
      row.protocol == Protocol::sctp ? std::span(kSctpStates) : std::span(kSctpStates).first(1);
  for (const Family family : {Family::inet, Family::inet6}) {
    for (const StateMask mask : states) {
      Query query;
      query.protocols = table_of(row);
      query.families = {family};
      query.states = mask;
      // What cannot be had with BPF storages may be had without.
      if (!dump(backend, query, inet, seen, summary) && inet) dump(backend, query, false, seen, summary);
    }
    if (!inet) break;
  }
}

}  // namespace

void record_netlink(const OpenTransport& open, Writer& writer, Seen& seen, CaptureSummary& summary) {
  ExchangeLog log(writer);
  const OpenTransport recorder = [&](int protocol, int& error) -> std::unique_ptr<Transport> {
    auto inner = open(protocol, error);
    if (inner) return std::make_unique<RecordingTransport>(std::move(inner), protocol, log);
    log.add(protocol, error, 0, {}, {});
    return nullptr;
  };
  DiagBackend backend(recorder);
  ProtocolSet done;
  for (const ProtocolRow& row : kProtocols) {
    if (done.has(row.protocol) || backend.knows(row.protocol).empty()) continue;
    done = done | table_of(row);
    dump_table(backend, row, seen, summary);
  }

  std::vector<Interface> interfaces;
  rtnl::LinkNames links;
  std::vector<Route> routes;
  std::vector<MulticastGroup> groups;
  rtnl::read_link_names(recorder, links);
  rtnl::read_interfaces(recorder, interfaces);
  rtnl::read_multicast_groups(recorder, Family::inet, groups);
  rtnl::read_multicast_groups(recorder, Family::inet6, groups);
  rtnl::read_routes(recorder, routes);
  rtnl::read_ipv6_routes(recorder, routes);
  for (const auto& [index, name] : links) seen.interfaces.insert(index), seen.interface_names.insert(name);
  for (const Interface& i : interfaces) seen.interface_names.insert(i.name);
  for (const MulticastGroup& group : groups) seen.note_host(group.family, group.group);
  for (const Route& route : routes) {
    seen.note_host(route.family, route.destination);
    seen.note_host(route.family, route.gateway);
    seen.networks.insert(route.destination);
  }
}

}  // namespace duostat::capture
