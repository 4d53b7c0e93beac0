// /proc/net/tcp, tcp6 (get_tcp4_sock(), get_openreq4(), get_timewait4_sock() and their IPv6 counterparts):
//
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//   0: 0100007F:1F90 0100007F:A2C4 01 00000000:00000000 02:000A8F14 00000000  1000        0 31337 …
//
// After the inode: refcount, address, rto, ato (ticks), quick acks << 1 | pingpong, cwnd, ssthresh, as in
// "2 00000000ec412036 20 4 30 10 -1". TIME-WAIT and SYN-RECV rows end with the address. udp and udplite
// (udp4_format_sock()), raw (raw_sock_seq_show()) and icmp (ping_v4_format_sock()) end with refcount, address, drops.
// "timeout" is the number of unanswered probes. An address is printed as 32-bit words in the host's byte order, a port
// as a number.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/inet.h"

#include <cstring>
#include <limits>

#include "src/base/cursor.h"

namespace duostat::procfs {
namespace {

/// Parses `Digits` hexadecimal digits at a known place. Sets one of the high bits of `bad` if any is not a digit.
template <unsigned Digits>
std::uint32_t hex_at(const char* at, unsigned& bad) noexcept {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < Digits; ++i) {
    const std::uint8_t digit = kHexValue[static_cast<unsigned char>(at[i])];
    bad |= digit;
    value = value << 4 | digit;
  }
  return value;
}

template <unsigned Digits>
void address_at(const char* at, Address& address, unsigned& bad) noexcept {
  for (unsigned i = 0; i < Digits / 8; ++i) {
    const std::uint32_t word = hex_at<8>(at + 8 * i, bad);
    std::memcpy(&address[4 * i], &word, sizeof word);
  }
}

/// Results of parse_inet() that are not members of Socket.
struct Head {
  std::uint64_t when = 0;
  bool has_retransmits = false;
};

/// Fast path: the columns from the local address to "retrnsmt", in the exact widths that every kernel prints for
/// addresses of `Digits` digits. Returns false, with `socket` in an undefined state, if the widths differ.
template <unsigned Digits>
bool fixed_head(std::string_view text, Socket& socket, Head& head) noexcept {
  constexpr unsigned kRemote = Digits + 6, kState = kRemote + Digits + 6, kTx = kState + 3, kRx = kTx + 9;
  constexpr unsigned kTimer = kRx + 9, kWhen = kTimer + 3, kRetransmits = kWhen + 9, kEnd = kRetransmits + 8;
  if (text.size() < kEnd) return false;
  const char* at = text.data();
  if (at[Digits] != ':' || at[kRemote - 1] != ' ' || at[kRemote + Digits] != ':' || at[kState - 1] != ' ' ||
      at[kTx - 1] != ' ' || at[kRx - 1] != ':' || at[kTimer - 1] != ' ' || at[kWhen - 1] != ':' ||
      at[kRetransmits - 1] != ' ' || (text.size() > kEnd && at[kEnd] != ' '))
    return false;
  unsigned bad = 0;
  socket.family = socket.local.family = socket.remote.family = Digits == 8 ? Family::inet : Family::inet6;
  address_at<Digits>(at, socket.local.address, bad);
  socket.local.port = hex_at<4>(at + Digits + 1, bad);
  address_at<Digits>(at + kRemote, socket.remote.address, bad);
  socket.remote.port = hex_at<4>(at + kRemote + Digits + 1, bad);
  socket.state = static_cast<State>(hex_at<2>(at + kState, bad));
  socket.wqueue = hex_at<8>(at + kTx, bad);
  socket.rqueue = hex_at<8>(at + kRx, bad);
  socket.timer = static_cast<Timer>(hex_at<2>(at + kTimer, bad));
  head.when = hex_at<8>(at + kWhen, bad);
  socket.retransmits = hex_at<8>(at + kRetransmits, bad);
  head.has_retransmits = true;
  return bad < 0x10;
}
/// Length of the text that fixed_head() parses.
template <unsigned Digits>
constexpr std::size_t kHeadLength = 2 * (Digits + 6) + 3 + 9 + 9 + 3 + 9 + 8;

/// ADDRESS:PORT of any width: up to eight digits are IPv4, thirty-two are IPv6, anything else fails.
bool read_endpoint(Cursor& cursor, Endpoint& endpoint) noexcept {
  cursor.skip_blanks();
  const std::string_view text = cursor.rest();
  std::size_t digits = 0;
  while (digits < text.size() && kHexValue[static_cast<unsigned char>(text[digits])] != 0xff) ++digits;
  unsigned bad = 0;
  std::uint64_t value = 0;
  if (digits == 0 || !cursor.hex(value)) return false;
  if (digits == 32) {
    endpoint.family = Family::inet6;
    address_at<32>(text.data(), endpoint.address, bad);
  } else if (digits <= 8) {
    endpoint.family = Family::inet;
    const auto word = static_cast<std::uint32_t>(value);
    std::memcpy(endpoint.address.data(), &word, sizeof word);
  } else {
    return false;
  }
  if (!cursor.expect(':') || !cursor.hex(value) || value > 0xffff) return false;
  endpoint.port = static_cast<std::uint32_t>(value);
  return true;
}

template <class Number>
bool read_hex(Cursor& cursor, Number& number) noexcept {
  std::uint64_t value;
  if (!cursor.hex(value) || value > std::numeric_limits<Number>::max()) return false;
  number = static_cast<Number>(value);
  return true;
}

/// Slow path: the same columns in any spacing and width.
bool free_head(Cursor& cursor, Socket& socket, Head& head) noexcept {
  std::uint8_t state, timer;
  if (!read_endpoint(cursor, socket.local) || !read_endpoint(cursor, socket.remote) ||
      socket.local.family != socket.remote.family || !read_hex(cursor, state) || !read_hex(cursor, socket.wqueue) ||
      !cursor.expect(':') || !read_hex(cursor, socket.rqueue) || !read_hex(cursor, timer) || !cursor.expect(':') ||
      !cursor.hex(head.when))
    return false;
  socket.family = socket.local.family;
  socket.state = static_cast<State>(state);
  socket.timer = static_cast<Timer>(timer);
  head.has_retransmits = read_hex(cursor, socket.retransmits);
  return true;
}

/// Starts after the slot's colon and leaves `cursor` after "retrnsmt".
bool read_head(Cursor& cursor, Socket& socket, Head& head) noexcept {
  cursor.skip_blanks();
  const std::string_view text = cursor.rest();
  if (fixed_head<8>(text, socket, head)) return cursor = Cursor(text.substr(kHeadLength<8>)), true;
  if (fixed_head<32>(text, socket, head)) return cursor = Cursor(text.substr(kHeadLength<32>)), true;
  socket = Socket{.protocol = socket.protocol};
  head = {};
  return free_head(cursor, socket, head);
}

/// Ticks to milliseconds, rounded up; saturates at the largest number.
std::uint64_t to_ms(std::uint64_t ticks, unsigned per_second) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return ticks > (kMax - per_second) / 1000 ? kMax : (ticks * 1000 + per_second - 1) / per_second;
}

/// Parses rto ato qack cwnd ssthresh, and keeps any text after them.
void read_tcp_tail(Cursor& cursor, TcpProcfs& tail) noexcept {
  std::uint64_t qack, cwnd, ssthresh;
  if (!cursor.dec(tail.rto) || !cursor.dec(tail.ato) || !cursor.dec(qack)) return;
  tail.qack = static_cast<std::uint32_t>(qack);
  if (!cursor.dec(cwnd)) return;
  tail.cwnd = static_cast<std::uint32_t>(cwnd);
  if (!cursor.dec(ssthresh)) return;
  tail.ssthresh = static_cast<std::int32_t>(ssthresh);
  tail.complete = true;
  cursor.skip_blanks();  // the kernel pads its rows
  tail.extra = cursor.rest();
}

/// Parses uid timeout inode refcount address …; a column counts only if all before it are present.
void read_rest(Cursor& cursor, Socket& socket, TcpProcfs* tail) noexcept {
  std::uint64_t value;
  bool known;
  if (!cursor.dec(value)) return;
  socket.uid = static_cast<std::uint32_t>(value);
  socket.present.add(Field::uid);
  if (!cursor.dec(value)) return;
  socket.probes = static_cast<std::uint32_t>(value);
  if (socket.timer != Timer::retransmit) {
    socket.timer_count = socket.probes;
    socket.present.add(Field::timer_count);
  }
  if (!cursor.dec(value)) return;
  socket.inode = value;
  socket.present.add(Field::inode);
  if (!cursor.dec(value)) return;
  socket.refcount = static_cast<std::uint32_t>(value);
  socket.present.add(Field::refcount);
  if (!read_pointer(cursor, value, known)) return;
  if (known) {
    socket.cookie = value;
    socket.present.add(Field::cookie);
  }
  if (tail != nullptr) {
    read_tcp_tail(cursor, *tail);
  } else if (socket.protocol != Protocol::tcp && cursor.dec(value)) {
    socket.drops = static_cast<std::uint32_t>(value);
    socket.present.add(Field::drops);
  }
}

}  // namespace

Row parse_inet(std::string_view line, const InetRowRequest& request, Socket& socket, TcpProcfs* tail) noexcept {
  Cursor cursor(line);
  std::uint64_t slot;
  Head head;
  socket.protocol = request.protocol;
  if (!cursor.dec(slot) || !cursor.expect(':') || !read_head(cursor, socket, head)) return Row::malformed;
  const bool is_tcp = request.protocol == Protocol::tcp;
  if (is_tcp && !head.has_retransmits) return Row::malformed;
  if (request.query != nullptr &&
      (!request.query->families.has(socket.family) || !state_asked(*request.query, socket.state)))
    return Row::unasked;
  socket.present = {Field::queues, Field::timer};
  socket.timer_ms = to_ms(head.when, request.ticks);
  if (is_tcp && tail != nullptr) {
    *tail = TcpProcfs{.ssthresh = -1};
    socket.present.add(Field::tcp_procfs);
  }
  if (!head.has_retransmits) return Row::kept;
  socket.present.add(Field::retransmits);
  if (socket.timer == Timer::retransmit) {
    socket.timer_count = socket.retransmits;
    socket.present.add(Field::timer_count);
  }
  read_rest(cursor, socket, is_tcp ? tail : nullptr);
  return Row::kept;
}

void read_inet(Protocol protocol, std::string_view, LineReader& lines, Reading& reading) {
  const InetRowRequest request{protocol, reading.ticks, &reading.query};
  const bool with_tail =
      protocol == Protocol::tcp && reading.query.wanted.has_any({Field::tcp_procfs, Field::tcp_info});
  each_row(lines, reading, [&](std::string_view line) {
    Socket* socket = reading.batch.begin(with_tail ? line.size() : 0);
    if (socket == nullptr) return Row::unasked;
    InetDetail* detail = with_tail ? &reading.batch.inet() : nullptr;
    const Row row = parse_inet(line, request, *socket, detail != nullptr ? &detail->tcp_procfs : nullptr);
    if (row != Row::kept) return row;
    if (detail != nullptr) {
      if (!detail->tcp_procfs.extra.empty()) detail->tcp_procfs.extra = reading.batch.keep(detail->tcp_procfs.extra);
      socket->inet = detail;
    }
    reading.batch.commit();
    return row;
  });
}

}  // namespace duostat::procfs
