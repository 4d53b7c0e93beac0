// Records the netlink part of a capture: runs the program's own dumps with all fields and states, over transports that
// record requests and answers. So fallbacks and refusals are recorded as they happen.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "src/collect/capture_parts.h"
#include "src/diag/abi.h"
#include "src/diag/diag_backend.h"
#include "src/diag/message.h"
#include "src/rtnl/links.h"
#include "src/rtnl/routes.h"

namespace duostat::capture {
namespace {

struct Reply {
  int error;
  bool truncated;
  std::vector<std::byte> bytes;
};

/// A request and the part of its answer that was received.
struct Exchange {
  int protocol = 0, send_error = 0;
  std::vector<std::byte> request;
  std::vector<Reply> replies;
  bool whole = false;  ///< the kernel ended the answer without an error, and all of it was received
};

/// Collects exchanges, from any thread. An answer that broke off or was refused is kept until the end; if the same
/// request is later answered completely, that answer is written instead.
class ExchangeLog {
 public:
  explicit ExchangeLog(Writer& writer) : writer_(writer) {}

  void add(Exchange exchange) {
    const std::scoped_lock lock(mutex_);
    const Key key(exchange.protocol, text_of(exchange.request));
    opened_.insert(exchange.protocol);
    if (written_.contains(key)) return;  // a second answer would never be used
    if (!exchange.whole) {
      broken_.insert_or_assign(key, std::move(exchange));
      return;
    }
    broken_.erase(key);
    written_.insert(key);
    write(exchange);
  }
  /// Notes that a transport could not be opened. Recorded only if no transport of the protocol could.
  void refused(int protocol, int error) {
    const std::scoped_lock lock(mutex_);
    unopened_.emplace(protocol, error);
  }
  /// Notes that an exchange could not be kept.
  void lose() noexcept { lost_ = true; }
  /// Writes the answers that remained incomplete. Throws std::bad_alloc if an exchange was lost.
  void finish() {
    if (lost_) throw std::bad_alloc();
    for (const auto& [key, exchange] : broken_) write(exchange);
    for (const auto& [protocol, error] : unopened_)
      if (!opened_.contains(protocol)) writer_.add(Type::request, request_payload(protocol, error, 0, {}));
  }

 private:
  using Key = std::pair<int, std::string>;

  /// A request without its sequence number and port id.
  static std::string text_of(const std::vector<std::byte>& request) {
    std::string text(reinterpret_cast<const char*>(request.data()), request.size());
    constexpr std::size_t kFrom = offsetof(uapi::MessageHeader, sequence);
    if (text.size() >= sizeof(uapi::MessageHeader)) text.replace(kFrom, 8, 8, '\0');
    return text;
  }
  void write(const Exchange& exchange) {
    writer_.add(Type::request, request_payload(exchange.protocol, 0, exchange.send_error, exchange.request));
    for (const Reply& reply : exchange.replies)
      writer_.add(Type::reply, reply_payload({reply.error, reply.truncated, reply.bytes}));
  }

  Writer& writer_;
  std::mutex mutex_;
  std::atomic<bool> lost_ = false;
  std::set<Key> written_;
  std::map<Key, Exchange> broken_;
  std::set<int> opened_;          ///< protocols with an open transport
  std::map<int, int> unopened_;   ///< protocol, errno
};

class RecordingTransport final : public Transport {
 public:
  RecordingTransport(std::unique_ptr<Transport> inner, int protocol, ExchangeLog& log)
      : inner_(std::move(inner)), protocol_(protocol), log_(log) {}
  ~RecordingTransport() override {
    try {
      commit();
    } catch (const std::bad_alloc&) {
      log_.lose();
    }
  }

  int send(Bytes request) noexcept override {
    try {
      commit();
      current_.protocol = protocol_;
      current_.request.assign(request.begin(), request.end());
    } catch (const std::bad_alloc&) {
      log_.lose();
      current_ = {};
      return ENOMEM;
    }
    return current_.send_error = inner_->send(request);
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Received got = inner_->receive(buffer);
    if (got.sender != 0 || (got.error == 0 && got.size == 0)) return got;
    const Bytes datagram = Bytes(buffer).first(std::min(got.size, buffer.size()));
    try {
      current_.replies.push_back({got.error, got.truncated, {datagram.begin(), datagram.end()}});
    } catch (const std::bad_alloc&) {
      lossy_ = true;
      current_.whole = false;
      return {.error = ENOMEM};
    }
    lossy_ = lossy_ || got.error != 0 || got.truncated;
    look_at(datagram);
    current_.whole = ended_ && !lossy_;
    return got;
  }
  std::uint32_t port_id() const noexcept override { return inner_->port_id(); }

 private:
  /// Looks for the end of the answer, and for NLM_F_DUMP_INTR, after which the dump is retried.
  void look_at(Bytes datagram) noexcept {
    MessageWalk walk(datagram);
    for (Message message; walk.next(message);) {
      const bool end = message.type == uapi::kDone || message.type == uapi::kError;
      ended_ = ended_ || end;
      lossy_ = lossy_ || (end && error_of(message) != 0) || (message.flags & uapi::kDumpInterrupted) != 0;
    }
  }
  void commit() {
    Exchange exchange = std::exchange(current_, {});
    lossy_ = ended_ = false;
    if (!exchange.request.empty()) log_.add(std::move(exchange));
  }

  std::unique_ptr<Transport> inner_;
  int protocol_;
  ExchangeLog& log_;
  Exchange current_;
  bool lossy_ = false;  ///< part of the answer was not received, or not kept
  bool ended_ = false;  ///< by the kernel
};

constexpr StateMask kEveryState = ~StateMask{0};
constexpr StateMask kUnconnected = mask_of(State::listen, State::close);
/// SCTP selects endpoints or associations by the requested states, so three requests are sent.
constexpr StateMask kSctpStates[] = {kEveryState, kUnconnected, kEveryState & ~kUnconnected};

/// All protocols in the same kernel table as `row`'s.
ProtocolSet table_of(const ProtocolRow& row) {
  for (const ProtocolSet set : {kUnixProtocols, kPacketProtocols, kVsockProtocols})
    if (set.has(row.protocol)) return set;
  return {row.protocol};
}

/// True for the refusal of a host that lacks a table, or sock_diag itself: nothing is missing.
bool is_absent(const Coverage& c) {
  constexpr int kNoTable[] = {ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, EINVAL};
  constexpr Operation kRefusals[] = {Operation::diag_open, Operation::diag_dump, Operation::diag_done,
                                     Operation::rtnl_open, Operation::rtnl_dump};
  return std::ranges::find(kRefusals, c.operation) != std::end(kRefusals) &&
         std::ranges::find(kNoTable, c.error) != std::end(kNoTable);
}

/// Notes an incomplete answer. Malformed messages are recorded and do not count.
void check(const Coverage& coverage, CaptureSummary& summary) {
  const bool missed = coverage.error != 0 || coverage.truncated != 0 || coverage.interrupted;
  if (missed && !is_absent(coverage)) summary.problems.push_back(coverage);
}

/// Dumps all fields of all sockets of a table.
Coverage dump(DiagBackend& backend, Query query, bool with_storages, Seen& seen) {
  for (const ProtocolRow& row : kProtocols)
    if (query.protocols.has(row.protocol)) query.wanted |= DiagBackend::knows(row.protocol);
  if (!with_storages) query.wanted.remove(Field::bpf_storage);
  return backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) seen.note(socket);
    return true;
  });
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
      Coverage coverage = dump(backend, query, inet, seen);
      if (coverage.error != 0 && inet) {
        // The kernel may refuse only BPF storages.
        if (!is_kernels_answer(coverage.operation)) check(coverage, summary);
        coverage = dump(backend, query, false, seen);
      }
      if (coverage.error == 0) coverage.object = row.id;
      summary.sockets += coverage.rows;
      check(coverage, summary);
    }
    if (!inet) break;
  }
}

}  // namespace

void record_netlink(const OpenTransport& open, Writer& writer, Seen& seen, CaptureSummary& summary) {
  ExchangeLog log(writer);
  const OpenTransport recorder = [&](int protocol, OpenError& error) -> std::unique_ptr<Transport> {
    auto inner = open(protocol, error);
    if (inner) return std::make_unique<RecordingTransport>(std::move(inner), protocol, log);
    log.refused(protocol, error);
    return nullptr;
  };
  DiagBackend backend(recorder);
  ProtocolSet done;
  for (const ProtocolRow& row : kProtocols) {
    if (done.has(row.protocol) || DiagBackend::knows(row.protocol).empty()) continue;
    done = done | table_of(row);
    dump_table(backend, row, seen, summary);
  }

  std::vector<Interface> interfaces;
  rtnl::LinkNames links;
  std::vector<Route> routes;
  std::vector<MulticastGroup> groups;
  const Coverage answers[] = {
      rtnl::read_link_names(recorder, links),
      rtnl::read_interfaces(recorder, interfaces),
      rtnl::read_multicast_groups(recorder, Family::inet, groups),
      rtnl::read_multicast_groups(recorder, Family::inet6, groups),
      rtnl::read_routes(recorder, routes),
      rtnl::read_ipv6_routes(recorder, routes),
  };
  log.finish();
  for (const Coverage& answer : answers) check(answer, summary);
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
