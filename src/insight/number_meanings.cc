// Numbers of a row that mean something particular, and the lines that explain one row.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <span>

#include "src/insight/meanings.h"

namespace duostat {
namespace {

constexpr ProtocolSet kBuffered{Protocol::udp, Protocol::udplite, Protocol::raw, Protocol::icmp};

bool is_tcp(const Socket& s) { return kTcpProtocols.has(s.protocol); }
bool has_queues(const Socket& s) { return s.has(Field::queues); }
bool holds_memory(const Socket& s) {
  return kBuffered.has(s.protocol) || s.family == Family::packet || s.family == Family::netlink;
}
bool is_unix_datagram(const Socket& s) { return s.protocol == Protocol::unix_dgram; }
bool listens(const Socket& s) {
  return s.state == State::listen && (is_tcp(s) || s.family == Family::unix_domain);
}
/// Of a byte stream that does not listen.
bool is_stream(const Socket& s) {
  return s.state != State::listen && (is_tcp(s) || (s.family == Family::unix_domain && !is_unix_datagram(s)));
}
constexpr StateMask kAskedForConnection = mask_of(State::syn_sent);
constexpr StateMask kSentEnd = mask_of(State::fin_wait1, State::last_ack, State::closing);

std::uint64_t recv_q(const Socket& s) { return s.rqueue; }
std::uint64_t send_q(const Socket& s) { return s.wqueue; }
std::uint64_t limit(const Socket& s) { return s.backlog_limit; }
std::uint64_t fired(const Socket& s) { return s.timer_count; }
std::uint64_t no_inode(const Socket&) { return 0; }

bool close_wait(const Socket& s) { return is_tcp(s) && s.state == State::close_wait && has_queues(s); }
bool without_holder(const Socket& s) {
  return s.protocol == Protocol::tcp && s.has(Field::inode) && s.inode == 0;
}
bool resends(const Socket& s) { return is_tcp(s) && s.has(Field::timer_count) && s.timer_count != 0; }

// ---- what -i and -m add ----

const TcpInfo* info_of(const Socket& s) {
  return s.has(Field::tcp_info) && s.inet != nullptr ? &s.inet->tcp_info.value : nullptr;
}
/// A member of tcp_info; 0 if the kernel did not send it.
template <auto member>
std::uint64_t of_info(const Socket& s) {
  const TcpInfo* const info = info_of(s);
  return info != nullptr ? info->*member : 0;
}
template <auto member>
bool not_zero(const Socket& s) {
  return s.state != State::listen && of_info<member>(s) != 0;
}
template <auto member>
std::uint64_t milliseconds(const Socket& s) {
  return of_info<member>(s) / 1000;
}
/// At least a tenth of the time with data to send. Microseconds.
template <auto member>
bool holds_back(const Socket& s) {
  const std::uint64_t time = of_info<member>(s);
  return time >= 1000 && time * 10 >= of_info<&TcpInfo::busy_time>(s);
}

const SocketMemory* memory_of(const Socket& s) {
  if (!s.has(Field::skmem)) return nullptr;
  if (s.inet != nullptr) return &s.inet->memory;
  if (s.unix_domain != nullptr) return &s.unix_domain->memory;
  if (s.packet != nullptr) return &s.packet->memory;
  return s.netlink != nullptr ? &s.netlink->memory : nullptr;
}
std::uint64_t dropped(const Socket& s) {
  constexpr unsigned kDrops = 8;
  if (const SocketMemory* const memory = memory_of(s); memory != nullptr && memory->skmem_words > kDrops)
    return memory->skmem[kDrops];
  return s.has(Field::drops) ? s.drops : 0;
}

constexpr NumberMeaning kNumbers[] = {
    {"Recv-Q of LISTEN", "Recv-Q", true, [](const Socket& s) { return listens(s) && has_queues(s); }, recv_q,
     "connections that are open and wait for accept()"},
    {"Send-Q of LISTEN", "Send-Q", true, [](const Socket& s) { return listens(s) && s.has(Field::backlog); }, limit,
     "how many connections may wait for accept(): the smaller of the program's backlog and somaxconn"},
    {"Recv-Q of LISTEN above Send-Q", "Recv-Q", true,
     [](const Socket& s) {
       return listens(s) && has_queues(s) && s.has(Field::backlog) && s.rqueue > s.backlog_limit;
     },
     recv_q, "the queue is full: the program takes connections too slowly, and new ones have to wait or fail"},
    {"Recv-Q 0 of CLOSE-WAIT", "Recv-Q", true, [](const Socket& s) { return close_wait(s) && s.rqueue == 0; }, recv_q,
     "the program has read the peer's end and has not closed the socket"},
    {"Recv-Q 1 of CLOSE-WAIT", "Recv-Q", true, [](const Socket& s) { return close_wait(s) && s.rqueue == 1; }, recv_q,
     "the peer's end, which counts as 1, and which the program has not read"},
    {"Recv-Q above 1 of CLOSE-WAIT", "Recv-Q", true, [](const Socket& s) { return close_wait(s) && s.rqueue > 1; },
     recv_q, "bytes that the program has not read; the peer's end counts as 1 of them"},
    {"Recv-Q of a connection", "Recv-Q", true,
     [](const Socket& s) {
       return is_stream(s) && has_queues(s) && s.state != State::close_wait && s.rqueue != 0;
     },
     recv_q, "bytes that arrived and that the program has not read"},
    {"Recv-Q of UNIX datagrams", "Recv-Q", true,
     [](const Socket& s) { return is_unix_datagram(s) && has_queues(s) && s.rqueue != 0; }, recv_q,
     "bytes of the first datagram that the program has not read"},
    {"Recv-Q of UDP, raw, packet and netlink sockets", "Recv-Q", true,
     [](const Socket& s) { return holds_memory(s) && has_queues(s) && s.rqueue != 0; }, recv_q,
     "bytes of memory for what the program has not read: more than the data itself"},
    {"Send-Q 1 of SYN-SENT", "Send-Q", true,
     [](const Socket& s) { return is_tcp(s) && has_queues(s) && in_mask(kAskedForConnection, s.state); }, send_q,
     "the request for the connection counts as 1"},
    {"Send-Q of FIN-WAIT-1, LAST-ACK, CLOSING", "Send-Q", true,
     [](const Socket& s) {
       return is_tcp(s) && has_queues(s) && in_mask(kSentEnd, s.state) && s.wqueue != 0;
     },
     send_q, "bytes that the peer has not acknowledged; our end counts as 1 of them"},
    {"Send-Q of a connection", "Send-Q", true,
     [](const Socket& s) {
       return is_tcp(s) && is_stream(s) && has_queues(s) && !in_mask(kSentEnd | kAskedForConnection, s.state) &&
              s.wqueue != 0;
     },
     send_q, "bytes that the program wrote and that the peer has not acknowledged"},
    {"Send-Q of other sockets", "Send-Q", true,
     [](const Socket& s) {
       return !is_tcp(s) && s.state != State::listen && has_queues(s) && s.wqueue != 0;
     },
     send_q, "bytes of memory for what was sent and has not left the host, or was not read by its peer here"},
    {"timer on, fired before", "sent again", false,
     [](const Socket& s) { return resends(s) && s.timer == Timer::retransmit; }, fired,
     "times in a row, without an answer: the peer or the path is silent"},
    {"timer persist or keepalive, fired before", "asked", false,
     [](const Socket& s) { return resends(s) && (s.timer == Timer::probe0 || s.timer == Timer::keepalive); }, fired,
     "times in a row, without an answer"},
    {"inode 0 of ESTAB and CLOSE-WAIT", "inode", false,
     [](const Socket& s) {
       return without_holder(s) && in_mask(mask_of(State::established, State::close_wait), s.state);
     },
     no_inode, "no process has it yet: it waits for accept() at its listener"},
    {"inode 0 of FIN-WAIT-1, LAST-ACK, CLOSING", "inode", false,
     [](const Socket& s) { return without_holder(s) && in_mask(kSentEnd, s.state); }, no_inode,
     "its program has closed it or ended; the kernel does the rest"},
    {"inode 0 of FIN-WAIT-2", "inode", false,
     [](const Socket& s) { return without_holder(s) && s.state == State::fin_wait2; }, no_inode,
     "its program has closed it or ended; the kernel removes it when the timer fires"},
    {"inode of FIN-WAIT-2", "inode", false,
     [](const Socket& s) { return is_tcp(s) && s.state == State::fin_wait2 && s.has(Field::inode) && s.inode != 0; },
     [](const Socket& s) { return s.inode; }, "a program still holds it: it sent its end and goes on reading"},
    {"lastack of CLOSE-WAIT", "lastack", false,
     [](const Socket& s) { return s.state == State::close_wait && info_of(s) != nullptr; },
     of_info<&TcpInfo::last_ack_recv>, "ms: the peer closed at least so long ago"},
    {"backoff", "backoff", false, not_zero<&TcpInfo::backoff>, of_info<&TcpInfo::backoff>,
     "times in a row nobody answered, and the time until the next try was doubled"},
    {"retrans", "retrans", false, not_zero<&TcpInfo::total_retrans>, of_info<&TcpInfo::total_retrans>,
     "segments were sent again since the connection was opened"},
    {"lost", "lost", false, not_zero<&TcpInfo::lost>, of_info<&TcpInfo::lost>, "segments are taken for lost now"},
    {"rwnd_limited, a tenth of busy or more", "rwnd_limited", false, holds_back<&TcpInfo::rwnd_limited>,
     milliseconds<&TcpInfo::rwnd_limited>, "ms: the peer had no room, because its program reads too slowly"},
    {"sndbuf_limited, a tenth of busy or more", "sndbuf_limited", false, holds_back<&TcpInfo::sndbuf_limited>,
     milliseconds<&TcpInfo::sndbuf_limited>, "ms: the send buffer was too small for this path"},
    {"d of skmem", "dropped", false, [](const Socket& s) { return dropped(s) != 0; }, dropped,
     "packets were dropped by this socket since it was opened, mostly because its buffer was full"},
};

/// By Timer.
constexpr std::string_view kTimers[] = {"", "on", "keepalive", "timewait", "persist", "delack"};
constexpr std::string_view kNetstatTimers[] = {"off", "on", "keepalive", "timewait", "probe"};

}  // namespace

std::span<const NumberMeaning> number_meanings() { return kNumbers; }

void explain_row(const Socket& socket, const RowWords& words, std::string& line,
                 FunctionRef<void(std::string_view line)> put) {
  const auto begin = [&](std::string_view label) { line.assign(label); };
  const auto end = [&](std::string_view meaning) { put(line.append(": ").append(meaning)); };
  if (const Term* const state = find_term(words.group, words.state); state != nullptr) {
    begin(state->word);
    end(state->meaning);
  }
  for (const NumberMeaning& number : kNumbers) {
    if ((number.is_queue && !words.queues) || !number.applies(socket)) continue;
    begin(number.label);
    line.append(" ").append(std::to_string(number.value(socket)));
    end(number.meaning);
  }
  const auto timer = static_cast<std::size_t>(socket.timer);
  if (!socket.has(Field::timer) || timer == 0) return;
  const bool of_netstat = words.timers == TermGroup::netstat_timer;
  using Known = std::span<const std::string_view>;
  const Known known = of_netstat ? Known(kNetstatTimers) : Known(kTimers);
  const std::string_view word = timer < known.size() ? known[timer] : of_netstat ? "unkn" : "unknown";
  if (const Term* const term = find_term(words.timers, word); term != nullptr) {
    begin("timer ");
    line.append(term->word);
    end(term->meaning);
  }
}

}  // namespace duostat
