// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/words.h"

#include <iterator>
#include <span>

#include "compat/netstat/cells.h"

namespace duostat::netstat {
namespace {

constexpr std::string_view kTcpStates[] = {"",           "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
                                           "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
                                           "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING"};
constexpr std::string_view kUnixTypes[] = {"", "STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET"};
constexpr std::string_view kUnixStates[] = {"FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING"};
constexpr std::string_view kTcpTimers[] = {"off", "on", "keepalive", "timewait", "probe"};
constexpr std::string_view kDatagramTimers[] = {"off", "on1", "on2"};

/// "12.34" of milliseconds. The kernel counts in hundredths, so nothing is rounded.
char* put_seconds(char* at, std::uint64_t milliseconds) noexcept {
  const std::uint64_t hundredths = milliseconds / 10;
  at = format_decimal(at, hundredths / 100);
  *at++ = '.';
  *at++ = static_cast<char>('0' + hundredths / 10 % 10);
  *at++ = static_cast<char>('0' + hundredths % 10);
  return at;
}

char* put_count(char* at, bool known, std::uint32_t count) noexcept {
  if (known) return format_decimal(at, count);
  *at++ = '-';
  return at;
}

/// The two counts as /proc writes them, where no backend told both: constants for what has no connection behind it,
/// else the one that belongs to the running timer. A connection that is not yet accepted never probes.
char* put_counts(char* at, const Socket& s) noexcept {
  const bool connection = s.protocol == Protocol::tcp && s.state != State::time_wait && s.state != State::listen;
  const bool both = s.has(Field::retransmits);
  const bool one = !both && connection && s.has(Field::timer_count);
  const bool probing = s.timer == Timer::keepalive || s.timer == Timer::probe0;
  const bool forced_zero = s.protocol == Protocol::udp || s.protocol == Protocol::udplite;
  const std::uint32_t retransmits = forced_zero ? 0 : both ? s.retransmits : one && !probing ? s.timer_count : 0;
  const std::uint32_t probes = both ? s.probes : one && probing ? s.timer_count : 0;
  at = put_count(at, both || !connection || (one && !probing), retransmits);
  *at++ = '/';
  return put_count(at, both || !connection || (one && probing) || s.state == State::syn_recv, probes);
}

}  // namespace

std::string_view tcp_state(State state) {
  const auto number = static_cast<unsigned>(state);
  return number < std::size(kTcpStates) ? kTcpStates[number] : "UNKNOWN";  // quirk: tcp-state-range
}

std::string_view datagram_state(State state) {
  return state == State::established ? "ESTABLISHED" : state == State::close ? "" : "UNKNOWN";
}

std::string_view unix_type(unsigned type) {
  return type != 0 && type < std::size(kUnixTypes) ? kUnixTypes[type] : "UNKNOWN";
}

std::string_view unix_state(unsigned socket_state, bool listening) {
  if (socket_state == 1 && listening) return "LISTENING";
  return socket_state < std::size(kUnixStates) ? kUnixStates[socket_state] : "UNKNOWN";
}

char* format_timer(char* at, const Socket& s) noexcept {
  const std::span<const std::string_view> names =
      s.protocol == Protocol::tcp ? std::span<const std::string_view>(kTcpTimers) : kDatagramTimers;
  const auto number = static_cast<unsigned>(s.timer);
  if (number < names.size()) {
    at = put(at, names[number]);
  } else {
    at = format_decimal(put(at, "unkn-"), number);
  }
  at = put(at, " (");
  at = put_seconds(at, number == 0 ? 0 : s.timer_ms);
  *at++ = '/';
  at = put_counts(at, s);
  *at++ = ')';
  return at;
}

}  // namespace duostat::netstat
