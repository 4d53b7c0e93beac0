// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/follow.h"

#include <fmt/core.h>

#include <iterator>

#include "src/query/eval.h"

namespace duostat {
namespace {

constexpr BlindRow kBlinds[] = {
    {Blind::time_wait, "time-wait", "TIME-WAIT"},
    {Blind::half_open, "half-open", "half-open connections"},
    {Blind::short_lived, "short-lived", "sockets that come and go between two looks"},
    {Blind::opening, "opening", "new sockets and durations"},
    {Blind::states, "states", "states"},
    {Blind::namespaces, "namespaces", "other network namespaces"},
    {Blind::new_namespaces, "new-namespaces", "the first second of a network namespace that appears later"},
    {Blind::which_netns, "which-namespace", "which of the host's network namespaces it is in"},
    {Blind::bytes, "bytes", "bytes"},
    {Blind::owner, "owner", "owners"},
    {Blind::accepted, "accepted-owner", "owners of accepted connections"},
};
static_assert(std::size(kBlinds) == static_cast<std::size_t>(Blind::count_));

constexpr ProtocolSet kDestroyed{Protocol::tcp, Protocol::udp};
constexpr ProtocolSet kListed = kInetProtocols | kUnixProtocols;
constexpr FieldSet every_field() {
  FieldSet all;
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i) all.add(static_cast<Field>(i));
  return all;
}

/// What the kernel sends of a socket that ends (inet_diag_handler_get_info()): neither its user nor its inode.
constexpr FieldSet kOfDestroyed{Field::cookie, Field::interface, Field::tcp_info, Field::retransmits, Field::v6only};

/// The protocols of the tracepoint (net/ipv4/af_inet.c, net/sctp, net/mptcp, net/dccp).
constexpr ProtocolSet kTraced{Protocol::tcp, Protocol::dccp, Protocol::sctp, Protocol::mptcp};

constexpr EventSourceRow kSources[] = {
    {.word = "bpf",
     .description = "a BPF program on the kernel's tracepoint for states, of every network namespace",
     .needs = "CAP_BPF and CAP_PERFMON, Linux 5.12 with BTF",
     .blind = {Blind::time_wait, Blind::half_open, Blind::accepted},
     .protocols = {Protocol::tcp},
     .known = {Field::cookie},
     .traces = true,
     .open = open_bpf_events},
    {.word = "perf",
     .description = "the kernel's tracepoint for states, of every network namespace, by perf_event_open",
     .needs = "CAP_PERFMON, and CAP_SYS_ADMIN for tracefs",
     .blind = {Blind::time_wait, Blind::half_open, Blind::which_netns, Blind::bytes, Blind::accepted},
     .protocols = kTraced,
     .known = {},
     .traces = true,
     .open = open_perf_events},
    {.word = "tracefs",
     .description = "the kernel's tracepoint for states, of every network namespace, by an instance of tracefs",
     .needs = "CAP_SYS_ADMIN",
     .blind = {Blind::time_wait, Blind::half_open, Blind::which_netns, Blind::bytes, Blind::owner},
     .protocols = kTraced,
     .known = {},
     .traces = true,
     .open = open_tracefs_events},
    {.word = "destroy",
     .description = "the kernel's messages about sockets that end",
     .needs = "CAP_NET_ADMIN; for other network namespaces CAP_SYS_ADMIN",
     .blind = {Blind::opening, Blind::states, Blind::time_wait, Blind::half_open, Blind::owner},
     .protocols = kDestroyed,
     .known = kOfDestroyed,
     .open = open_destroy_events},
    {.word = "poll",
     .description = "differences between looks, of this network namespace",
     .needs = "nothing",
     .blind = {Blind::short_lived, Blind::namespaces, Blind::bytes},
     .protocols = kListed,
     .known = every_field(),
     .looks = true,
     .open = open_poll_events},
};

}  // namespace

std::span<const BlindRow> blind_rows() { return kBlinds; }
std::span<const EventSourceRow> event_sources() { return kSources; }

std::string unfit(const Environment& env, const EventSourceRow& row, const FollowRequest& request, bool states) {
  const SocketRequest& wanted = request.sockets;
  for (const ProtocolRow& p : kProtocols)
    if (wanted.protocols.has(p.protocol) && !row.protocols.has(p.protocol))
      return fmt::format("it does not follow {}", p.id);
  if (states && row.blind.has(Blind::states)) return "it does not tell states";
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i)
    if (const auto field = static_cast<Field>(i); wanted.wanted.has(field) && !row.known.has(field))
      return fmt::format("it does not tell {}, which a filter needs", name_of(field));
  if (!row.looks && request.interval_ns) return "it does not look at intervals (--interval)";
  if (request.owners && row.blind.has(Blind::owner)) return "it does not tell owners (--processes)";
  if (row.traces && env.secure)
    return "it sets up something in the kernel, which this program may not do for its caller";
  if (row.traces && (env.bpf == nullptr || env.proc.root() != "/proc"))
    return "it asks the kernel of this host, and another /proc is in use";
  return {};
}

SocketEvent event_about(const Socket& socket) {
  SocketEvent event;
  event.protocol = socket.protocol;
  event.family = socket.family;
  event.local = socket.local;
  event.remote = socket.remote;
  event.ifindex = socket.ifindex;
  if (socket.has(Field::cookie)) event.cookie = socket.cookie;
  return event;
}

bool is_asked(const FollowRequest& request, const Socket& socket, State previous, State state) {
  const SocketRequest& wanted = request.sockets;
  if (!wanted.protocols.has(socket.protocol)) return false;
  if (kInetProtocols.has(socket.protocol) && !wanted.families.has(socket.family)) return false;
  if (!in_mask(wanted.states, previous) && !in_mask(wanted.states, state)) return false;
  if (wanted.filter != nullptr && !matches(*wanted.filter, socket, wanted.filter_context)) return false;
  return request.filter == nullptr || request.filter->wants(socket);
}

}  // namespace duostat
