// Rows of the inet files: a table of lines, truncated at every byte, damaged at every byte, and written with other
// spacing.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/inet.h"

#include <array>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/base/proc_text.h"

namespace {

using namespace duostat;
using procfs::InetRowRequest;
using procfs::parse_inet;
using procfs::Row;

constexpr FieldSet kHead{Field::queues, Field::timer};
constexpr FieldSet kToInode = kHead | FieldSet{Field::retransmits, Field::timer_count, Field::uid, Field::inode};
constexpr FieldSet kToCookie = kToInode | FieldSet{Field::refcount, Field::cookie};

const std::string kTcp =
    "   2: 0A0200C0:0016 076433C6:C3CC 01 00000024:00000010 01:00000014 00000003  1000        2 20003 4 "
    "000000009a7c3e10 20 4 31 10 -1";
const std::string kTcp6 =
    "   0: 0000000000000000FFFF00000A0200C0:1F90 B80D0120785634120000000001000000:C351 0A 00000000:00000000 "
    "00:00000000 00000000 4294967294        0 4294967295 1 ffffffff51f01a52 100 0 0 10 0";
const std::string kUdp =
    " 1034: 3500007F:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000   102        0 20201 2 "
    "0000000077aa0001 17";
const std::string kRaw =
    "  58: 00000000:003A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20233 2 "
    "0000000077aa0033 2             ";
const std::string kTimeWait =
    "   8: 0A0200C0:9C43 057100CB:01BB 06 00000000:00000000 03:00001703 00000000     0        0 0 3 "
    "000000009a7c3e16                   ";

struct Sample {
  Protocol protocol;
  const std::string& line;
  std::size_t shortest;  ///< bytes that make it a row: up to the first digit of retrnsmt (tcp) or of when
  FieldSet fields;       ///< of the whole line
};
/// Start of the n-th column (separated by blanks), plus one: the first byte after which it is a number.
std::size_t first_digit(const std::string& line, int column) {
  std::size_t at = 0;
  for (int i = 0;; ++i) {
    at = line.find_first_not_of(' ', at);
    if (i == column) return at + 1;
    at = line.find(' ', at);
  }
}
const Sample kSamples[] = {
    {Protocol::tcp, kTcp, first_digit(kTcp, 6), kToCookie | FieldSet{Field::tcp_procfs}},
    {Protocol::tcp, kTcp6, first_digit(kTcp6, 6), kToCookie | FieldSet{Field::tcp_procfs}},
    {Protocol::tcp, kTimeWait, first_digit(kTimeWait, 6), kToCookie | FieldSet{Field::tcp_procfs}},
    {Protocol::udp, kUdp, first_digit(kUdp, 5) + 3, kToCookie | FieldSet{Field::drops}},
    {Protocol::raw, kRaw, first_digit(kRaw, 5) + 3, kToCookie | FieldSet{Field::drops}},
};

Row parse(Protocol protocol, std::string_view line, Socket& socket, TcpProcfs* tail = nullptr, unsigned ticks = 100) {
  socket = Socket{};
  // Each line has its own memory, so that a sanitizer detects reads beyond its end.
  const std::string own = test::proc_text("tcp", line);
  const Row row = parse_inet(own, {protocol, ticks, nullptr}, socket, tail);
  if (tail != nullptr) tail->extra = line.substr(line.size() - tail->extra.size());
  return row;
}

bool same_numbers(const Socket& a, const Socket& b) {
  return a.family == b.family && a.state == b.state && a.timer == b.timer && a.local == b.local &&
         a.remote == b.remote && a.rqueue == b.rqueue && a.wqueue == b.wqueue && a.uid == b.uid &&
         a.timer_count == b.timer_count && a.retransmits == b.retransmits && a.probes == b.probes &&
         a.refcount == b.refcount && a.drops == b.drops && a.timer_ms == b.timer_ms && a.inode == b.inode &&
         a.cookie == b.cookie && a.present == b.present;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inet)

BOOST_AUTO_TEST_CASE(reads_every_column_of_tcp) {
  Socket s;
  TcpProcfs tail;
  BOOST_REQUIRE(parse(Protocol::tcp, kTcp, s, &tail) == Row::kept);
  BOOST_TEST((s.protocol == Protocol::tcp && s.family == Family::inet && s.state == State::established));
  BOOST_TEST((s.local.address == Address{192, 0, 2, 10} && s.remote.address == Address{198, 51, 100, 7}));
  BOOST_TEST(s.local.port == 22u);
  BOOST_TEST(s.remote.port == 50124u);
  BOOST_TEST(s.wqueue == 0x24u);
  BOOST_TEST(s.rqueue == 0x10u);
  BOOST_TEST((s.timer == Timer::retransmit));
  BOOST_TEST(s.timer_ms == 200u);
  BOOST_TEST(s.retransmits == 3u);
  BOOST_TEST(s.probes == 2u);
  BOOST_TEST(s.timer_count == 3u);
  BOOST_TEST(s.uid == 1000u);
  BOOST_TEST(s.inode == 20003u);
  BOOST_TEST(s.refcount == 4u);
  BOOST_TEST(s.cookie == 0x9a7c3e10u);
  BOOST_TEST((s.present == (kToCookie | FieldSet{Field::tcp_procfs})));
  BOOST_TEST(tail.rto == 20u);
  BOOST_TEST(tail.ato == 4u);
  BOOST_TEST(tail.qack == 31u);
  BOOST_TEST(tail.cwnd == 10u);
  BOOST_TEST(tail.ssthresh == -1);
  BOOST_TEST(tail.complete);
  BOOST_TEST(tail.extra == "");
}

BOOST_AUTO_TEST_CASE(reads_ipv6_and_the_greatest_numbers) {
  Socket s;
  BOOST_REQUIRE(parse(Protocol::tcp, kTcp6, s) == Row::kept);
  BOOST_TEST((s.family == Family::inet6 && s.state == State::listen));
  BOOST_TEST((is_v4_mapped(s.local.address) && unmapped(s.local.address) == Address{192, 0, 2, 10}));
  BOOST_TEST((s.remote.address == Address{0x20, 1, 0xd, 0xb8, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0, 0, 0, 1}));
  BOOST_TEST(s.uid == 4294967294u);
  BOOST_TEST(s.inode == 4294967295u);
  BOOST_TEST(s.cookie == 0xffffffff51f01a52u);
  BOOST_TEST(!s.has(Field::tcp_procfs));
  BOOST_TEST(!s.has(Field::backlog));
}

BOOST_AUTO_TEST_CASE(reads_udp_and_raw) {
  Socket s;
  BOOST_REQUIRE(parse(Protocol::udp, kUdp, s) == Row::kept);
  BOOST_TEST((s.local.address == Address{127, 0, 0, 53} && s.local.port == 53));
  BOOST_TEST(s.rqueue == 0x300u);
  BOOST_TEST(s.drops == 17u);
  BOOST_TEST((s.present == (kToCookie | FieldSet{Field::drops})));
  BOOST_REQUIRE(parse(Protocol::raw, kRaw, s) == Row::kept);
  BOOST_TEST(s.local.port == 58u);
  BOOST_TEST(s.drops == 2u);
  BOOST_TEST(!s.has(Field::ip_protocol));
}

BOOST_AUTO_TEST_CASE(counts_what_belongs_to_the_timer) {
  struct {
    const char* timer;
    Timer expected;
    unsigned count;
    std::uint64_t ms;
  } const rows[] = {
      {"00:00000000", Timer::off, 7, 0},          {"01:00000014", Timer::retransmit, 3, 200},
      {"02:000AFC80", Timer::keepalive, 7, 7'200'000}, {"03:00001703", Timer::time_wait, 7, 58'910},
      {"04:00000001", Timer::probe0, 7, 10},      {"05:00000001", Timer::delayed_ack, 7, 10},
      {"FF:100000000", static_cast<Timer>(255), 7, 42'949'672'960},
  };
  for (const auto& row : rows) {
    Socket s;
    const std::string line = std::string("   0: 0100007F:1F90 0100007F:A2C4 01 00000000:00000000 ") + row.timer +
                             " 00000003  1000        7 1 2 00000000ec412036 20 4 30 10 -1";
    BOOST_TEST_CONTEXT(line) {
      BOOST_REQUIRE(parse(Protocol::tcp, line, s) == Row::kept);
      BOOST_TEST((s.timer == row.expected));
      BOOST_TEST(s.timer_count == row.count);
      BOOST_TEST(s.timer_ms == row.ms);
    }
  }
}

BOOST_AUTO_TEST_CASE(rounds_ticks_up_and_never_over) {
  Socket s;
  const std::string line = "0: 0100007F:1F90 0100007F:A2C4 01 00000000:00000000 02:00000001 00000000";
  BOOST_REQUIRE(parse(Protocol::tcp, line, s, nullptr, 1024) == Row::kept);
  BOOST_TEST(s.timer_ms == 1u);
  BOOST_REQUIRE(parse(Protocol::tcp, line, s, nullptr, 300) == Row::kept);
  BOOST_TEST(s.timer_ms == 4u);
  const std::string far = "0: 0100007F:1F90 0100007F:A2C4 01 00000000:00000000 02:FFFFFFFFFFFFFFFF 00000000";
  BOOST_REQUIRE(parse(Protocol::tcp, far, s) == Row::kept);
  BOOST_TEST(s.timer_ms == ~std::uint64_t{0});
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte) {
  for (const Sample& sample : kSamples) {
    for (std::size_t size = 0; size <= sample.line.size(); ++size) {
      Socket s;
      TcpProcfs tail;
      const std::string_view line = std::string_view(sample.line).substr(0, size);
      BOOST_TEST_CONTEXT('"' << line << '"') {
        const Row row = parse(sample.protocol, line, s, &tail);
        BOOST_TEST((row == Row::kept) == (size >= sample.shortest));
        if (row == Row::kept) BOOST_TEST(sample.fields.has_all(s.present));
        if (size == sample.line.size()) BOOST_TEST((s.present == sample.fields));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(damaged_at_every_byte) {
  // Any byte in any place: no crash, and the result claims no more fields than the whole line has.
  for (const Sample& sample : kSamples) {
    for (std::size_t at = 0; at < sample.line.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string line = sample.line;
        line[at] = static_cast<char>(byte);
        Socket s;
        TcpProcfs tail;
        if (parse(sample.protocol, line, s, &tail) == Row::kept && !sample.fields.has_all(s.present))
          BOOST_ERROR("more fields than columns: " << line);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_digit_that_is_none_is_noticed_in_every_fixed_column) {
  const std::size_t begin = kTcp.find("0A02"), end = kTcp.find(" 1000") - 1;
  for (std::size_t at = begin; at < end; ++at) {
    std::string line = kTcp;
    line[at] = 'g';
    Socket s;
    // A number truncated after its first digit is still a number; only the separator after its column is then missing.
    const bool last_column = at > end - 8;
    BOOST_TEST_CONTEXT(line) BOOST_TEST((parse(Protocol::tcp, line, s) == Row::malformed) == !last_column);
  }
}

BOOST_AUTO_TEST_CASE(other_spacing_is_the_same_row) {
  for (const Sample& sample : kSamples) {
    Socket fixed, free;
    TcpProcfs fixed_tail, free_tail;
    std::string wide = sample.line;
    for (std::size_t at = wide.find(": ") + 2; (at = wide.find(' ', at)) != std::string::npos; at += 2)
      wide.insert(at, " ");
    BOOST_REQUIRE(parse(sample.protocol, sample.line, fixed, &fixed_tail) == Row::kept);
    BOOST_REQUIRE(parse(sample.protocol, wide, free, &free_tail) == Row::kept);
    BOOST_TEST(same_numbers(fixed, free));
    BOOST_TEST(fixed_tail.cwnd == free_tail.cwnd);
  }
}

BOOST_AUTO_TEST_CASE(rejects) {
  const char* const lines[] = {
      "",
      "garbage",
      "   0 0100007F:1F90 0100007F:A2C4 01 0:0 0:0 0 0 0 1",                       // no colon after the slot
      "   x: 0100007F:1F90 0100007F:A2C4 01 0:0 0:0 0 0 0 1",                      // no slot
      "   0: 0100007F 0100007F:A2C4 01 0:0 0:0 0 0 0 1",                           // no port
      "   0: 0100007F:11F90 0100007F:A2C4 01 0:0 0:0 0 0 0 1",                     // port out of range
      "   0: 0100007F0100007F:1F90 0100007F0100007F:A2C4 01 0:0 0:0 0 0 0 1",      // neither IPv4 nor IPv6
      "   0: 0100007F:1F90 00000000000000000000000001000000:A2C4 01 0:0 0:0 0 0 0 1",  // both
      "   0: 0100007F:1F90 0100007F:A2C4 101 0:0 0:0 0 0 0 1",                     // state out of range
      "   0: 0100007F:1F90 0100007F:A2C4 01 100000000:0 0:0 0 0 0 1",              // queue out of range
      "   0: 0100007F:1F90 0100007F:A2C4 01 0 0:0 0 0 0 1",                        // only one queue
      "   0: 0100007F:1F90 0100007F:A2C4 01 0:0 100:0 0 0 0 1",                    // timer out of range
      "   0: 0100007F:1F90 0100007F:A2C4 01 0:0 0 0 0 0 1",                        // no time
  };
  for (const char* line : lines) {
    Socket s;
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::raw})
      BOOST_TEST_CONTEXT(line) BOOST_TEST((parse(protocol, line, s) == Row::malformed));
  }
}

BOOST_AUTO_TEST_CASE(a_negative_uid_is_a_great_one) {
  Socket s;
  BOOST_REQUIRE(parse(Protocol::tcp, "4: 7F:1F94 7f:a2c4 1 10:20 5:14 2 -2 7 21004 2 ec412037", s) == Row::kept);
  BOOST_TEST(s.uid == 4294967294u);
  const auto word = std::bit_cast<std::array<std::uint8_t, 4>>(std::uint32_t{0x7f});
  BOOST_TEST((s.local.address == Address{word[0], word[1], word[2], word[3]}));
}

BOOST_AUTO_TEST_CASE(a_kernel_that_cannot_hash_yet_has_no_cookie) {
  Socket s;
  TcpProcfs tail;
  const std::string line = "0: 0100007F:1F90 0100007F:A2C4 01 00000000:00000000 00:00000000 00000000 5 0 21003 2 "
                           "(____ptrval____) 20 4 30 10 -1";
  BOOST_REQUIRE(parse(Protocol::tcp, line, s, &tail) == Row::kept);
  BOOST_TEST(!s.has(Field::cookie));
  BOOST_TEST(s.has(Field::inode));
  BOOST_TEST(tail.complete);
}

BOOST_AUTO_TEST_CASE(keeps_text_behind_the_known_columns) {
  Socket s;
  TcpProcfs tail;
  const std::string longer = kTcp + " extra words  here  ", padded = kTcp + "              ";
  BOOST_REQUIRE(parse(Protocol::tcp, longer, s, &tail) == Row::kept);
  BOOST_TEST(tail.extra == "extra words  here  ");
  BOOST_REQUIRE(parse(Protocol::tcp, padded, s, &tail) == Row::kept);
  BOOST_TEST(tail.extra == "");
  BOOST_REQUIRE(parse(Protocol::tcp, kTimeWait, s, &tail) == Row::kept);
  BOOST_TEST(!tail.complete);
  BOOST_TEST(tail.ssthresh == -1);
  BOOST_TEST(s.has(Field::cookie));
}

BOOST_AUTO_TEST_SUITE_END()
