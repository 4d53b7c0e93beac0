// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/state_tracker.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace duostat {
namespace {

std::optional<Protocol> protocol_of(std::uint16_t number) {
  for (const ProtocolRow& row : kProtocols)
    if (row.ip_protocol == number && number != 0) return row.protocol;
  return std::nullopt;
}

/// What connect(), listen(), shutdown(), close() and the end of a process do (net/ipv4/tcp.c, tcp_ipv4.c).
struct Change {
  State before, after;
};
constexpr Change kByOwner[] = {
    {State::close, State::syn_sent},
    {State::close, State::listen},
    {State::established, State::fin_wait1},
    {State::close_wait, State::last_ack},
    {State::syn_recv, State::fin_wait1},
};

/// Ports are set after the change of the state: by connect() with the choice of a port, for a child with the rest.
void complete(Endpoint& end, const Endpoint& former) {
  if (end.port == 0) end.port = former.port;
  if (is_unspecified(end.address)) end.address = former.address;
}

}  // namespace

bool is_change_by_owner(const StateRecord& r) {
  if (r.in_softirq || r.pid == 0) return false;
  return std::ranges::any_of(kByOwner, [&](const Change& c) { return c.before == r.before && c.after == r.after; });
}

std::optional<std::string> process_name(const ProcDir& proc, std::uint32_t pid) {
  int error = 0;
  const std::string text = proc.read(std::to_string(pid) + "/stat", error);
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::string();
  // state ppid pgrp session tty tpgid flags
  constexpr int kBeforeFlags = 7;
  constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD
  std::size_t at = close + 1;
  for (int i = 0; i < kBeforeFlags && at != std::string::npos; ++i) at = text.find(' ', at + (i == 0 ? 0 : 1));
  std::uint64_t flags = 0;
  if (at != std::string::npos) std::from_chars(text.data() + at + 1, text.data() + text.size(), flags);
  if ((flags & kKernelThread) != 0) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

void StateTracker::add(const StateRecord& r, FunctionRef<void(SocketEvent&&)> take) {
  if (r.before == r.after) return;
  const bool child = r.before == State::listen && r.after == State::syn_recv;
  const bool born = child || (r.before == State::close && r.after != State::close);
  const auto found = alive_.find(r.key);
  const bool was_known = found != alive_.end() && !born;
  Known known = was_known ? found->second : Known{};
  if (born) known.since = r.time_ns;
  const bool appears = (born && !child) || known.pending;
  known.pending = child;
  if (r.local.port != 0) known.local = r.local;
  if (r.remote.port != 0) known.remote = r.remote;
  if (request_.owners && is_change_by_owner(r)) {
    // A process that has ended has no name any more, but perhaps had one before.
    if (!r.comm.empty() || known.pid != r.pid) known.process = r.comm;
    known.pid = r.pid;
  }
  const bool gone = r.after == State::close;
  // A child that ends before it has addresses was a half-open connection.
  if (!child && !(appears && gone && !born))
    offer(gone ? EventKind::gone : appears ? EventKind::appeared : EventKind::changed, r, known, take);
  if (gone || r.time_ns <= unsure_until_) alive_.erase(r.key);
  else alive_[r.key] = std::move(known);
}

void StateTracker::offer(EventKind kind, const StateRecord& r, const Known& known,
                         FunctionRef<void(SocketEvent&&)> take) {
  const auto protocol = protocol_of(r.ip_protocol);
  if (!protocol) return;
  SocketEvent event;
  event.kind = kind;
  event.time_ns = r.time_ns;
  event.protocol = *protocol;
  event.family = r.family;
  event.state = r.after == State::new_syn_recv ? State::syn_recv : r.after;
  if (kind != EventKind::appeared) event.previous = r.before;
  if (kind == EventKind::gone) event.state = State::unknown;
  event.local = r.local;
  event.remote = r.remote;
  complete(event.local, known.local);
  complete(event.remote, known.remote);
  event.cookie = r.cookie;
  event.netns = r.netns;
  event.pid = known.pid;
  event.process = known.process;
  if (kind == EventKind::gone) {
    if (known.since) event.lasted_ns = r.time_ns - *known.since;
    if (r.before != State::listen) event.sent = r.sent, event.received = r.received;
  }
  Socket socket;
  socket.protocol = event.protocol;
  socket.family = event.family;
  socket.state = kind == EventKind::gone ? event.previous : event.state;
  socket.local = event.local;
  socket.remote = event.remote;
  if (event.cookie != 0) socket.cookie = event.cookie, socket.present.add(Field::cookie);
  const State before = kind == EventKind::appeared ? socket.state : event.previous;
  if (is_asked(request_, socket, before, socket.state)) take(std::move(event));
}

}  // namespace duostat
