// Rows of /proc/net/unix, and names that imitate rows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/unix.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/procfs/collected.h"

namespace {

using namespace duostat;
using procfs::parse_unix;
using procfs::UnixRow;

const std::string kRow = "00000000b5d6a2d3: 00000003 00000000 00010000 0005 01 31337 /run/test.sock";

const test::Copy* with_inode(const test::Collected& collected, std::uint64_t inode) {
  for (const test::Copy& row : collected.rows)
    if (row.socket.inode == inode) return &row;
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_domain)

BOOST_AUTO_TEST_CASE(reads_every_column) {
  UnixRow row;
  BOOST_REQUIRE(parse_unix(kRow, true, row));
  BOOST_TEST(row.address == 0xb5d6a2d3u);
  BOOST_TEST(row.has_address);
  BOOST_TEST(row.refcount == 3u);
  BOOST_TEST(row.protocol == 0u);
  BOOST_TEST(row.flags == 0x10000u);
  BOOST_TEST(row.type == 5u);
  BOOST_TEST(row.state == 1u);
  BOOST_TEST(row.inode == 31337u);
  BOOST_TEST(row.name == "/run/test.sock");
  BOOST_TEST(row.kernel_shape);
}

BOOST_AUTO_TEST_CASE(a_name_is_all_behind_one_blank) {
  UnixRow row;
  const std::string head = "00000000b5d6a2d3: 00000003 00000000 00010000 0005 01     7";
  for (const std::string name : {"", " two blanks", "a b  c ", "@", "@\x1b[2J", "\xff\x80"}) {
    const std::string line = head + " " + name;
    BOOST_REQUIRE(parse_unix(line, true, row));
    BOOST_TEST(row.name == name);
    BOOST_TEST(row.inode == 7u);
    BOOST_TEST(row.kernel_shape);
  }
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte) {
  const std::size_t shortest = kRow.find(" 01 ") + 2;  // one digit of the state
  for (std::size_t size = 0; size <= kRow.size(); ++size) {
    UnixRow row;
    const std::string line = kRow.substr(0, size);
    BOOST_TEST_CONTEXT('"' << line << '"') {
      BOOST_TEST(parse_unix(line, true, row) == (size >= shortest));
      if (size >= shortest) BOOST_TEST(row.has_inode == (size > kRow.find("31337")));
      // Only a line that reaches the end of the inode has the kernel's shape.
      BOOST_TEST((size >= shortest && row.kernel_shape) == (size >= kRow.find("31337") + 5));
    }
  }
}

BOOST_AUTO_TEST_CASE(damaged_at_every_byte) {
  for (std::size_t at = 0; at < kRow.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string line = kRow;
      line[at] = static_cast<char>(byte);
      UnixRow row;
      if (parse_unix(line, true, row) && row.kernel_shape) BOOST_TEST(row.name.size() <= kRow.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_from_before_inodes) {
  test::Tree tree;
  tree.file("net/unix", "Num       RefCount Protocol Flags    Type St Path\n"
                        "c1234567: 00000002 00000000 00010000 0001 01 123\n"
                        "c1234568: 00000002 00000000 00000000 0001 03\n");
  const auto got = test::collect(tree.proc(), {.protocols = kUnixProtocols});
  BOOST_REQUIRE(got.rows.size() == 2u);
  BOOST_TEST(!got.rows[0].unix_domain.has_inode_column);
  BOOST_TEST(!got.rows[0].socket.has(Field::inode));
  BOOST_TEST(got.rows[0].text == "123");
  BOOST_TEST(got.rows[1].text == "");
}

BOOST_AUTO_TEST_CASE(states_and_types) {
  const auto got = test::collect(ProcDir(test::data("zoo")), {.protocols = kUnixProtocols});
  BOOST_TEST(got.coverage.malformed == 0u);
  struct {
    std::uint64_t inode;
    State state;
    Protocol protocol;
    const char* name;
  } const rows[] = {
      {20301, State::listen, Protocol::unix_stream, "/run/systemd/private"},
      {20302, State::established, Protocol::unix_stream, ""},
      {20303, State::established, Protocol::unix_stream, "/run/systemd/private"},
      {20304, State::close, Protocol::unix_dgram, "/run/systemd/notify"},
      {20305, State::established, Protocol::unix_dgram, ""},
      {20306, State::listen, Protocol::unix_seqpacket, "@/tmp/.seq@x"},
      {0, State::syn_sent, Protocol::unix_stream, "/run/test.sock"},
      {20308, State::closing, Protocol::unix_stream, ""},
      {7, State::established, Protocol::unix_seqpacket, "@0000a"},
  };
  BOOST_REQUIRE(got.rows.size() == std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const test::Copy& row = got.rows[i];
    BOOST_TEST_CONTEXT("row " << i) {
      BOOST_TEST(row.socket.inode == rows[i].inode);
      BOOST_TEST((row.socket.state == rows[i].state && row.socket.protocol == rows[i].protocol));
      BOOST_TEST(row.text == rows[i].name);
      BOOST_TEST(row.unix_domain.name_is_text);
      BOOST_TEST((row.socket.present == FieldSet{Field::inode, Field::cookie, Field::refcount, Field::unix_name,
                                                 Field::unix_flags}));
    }
  }
}

BOOST_AUTO_TEST_CASE(only_the_types_that_were_asked_for) {
  const ProcDir proc(test::data("zoo"));
  BOOST_TEST(test::collect(proc, {.protocols = {Protocol::unix_seqpacket}}).rows.size() == 2u);
  BOOST_TEST(test::collect(proc, {.protocols = {Protocol::unix_dgram}}).rows.size() == 2u);
  // The state mask is not applied: ss derives its own states here.
  BOOST_TEST(test::collect(proc, {.protocols = kUnixProtocols, .states = mask_of(State::listen)}).rows.size() == 9u);
}

BOOST_AUTO_TEST_CASE(names_that_contain_newlines) {
  const auto got = test::collect(ProcDir(test::data("odd")), {.protocols = kUnixProtocols});
  const auto name = [&](std::uint64_t inode) {
    const test::Copy* row = with_inode(got, inode);
    return row == nullptr ? std::string("(none)") : row->text;
  };
  BOOST_TEST(name(22001) == "/tmp/with blanks in it");
  BOOST_TEST(name(22002) == " leads with a blank");
  BOOST_TEST(name(22003) == "@abstract name@");
  BOOST_TEST(name(22004) == "/tmp/two\nlines");
  BOOST_TEST(name(22005) == "/tmp/forged");
  BOOST_TEST(name(99999) == "@inj");  // indistinguishable from a row in the text: src/procfs/unix.cc
  BOOST_TEST(name(22006) == "/tmp/sloppy\nffff: 2 0 10000 1 1 99998 @sloppy");
  BOOST_TEST(name(99998) == "(none)");
  BOOST_TEST(name(22007) == "/tmp/esc\x1b[2J\x7f\t");
  BOOST_TEST(name(22009) == "/tmp/\n\n");
  BOOST_TEST(name(22010) == "");
  BOOST_TEST(got.coverage.joined == 4u);
  BOOST_TEST(got.coverage.malformed == 1u);  // "behind a row without a name"
  BOOST_TEST(got.coverage.rows == got.rows.size());
  const test::Copy* strange = with_inode(got, 22008);
  BOOST_REQUIRE(strange != nullptr);
  BOOST_TEST((strange->socket.protocol == Protocol::unix_dgram && strange->socket.state == State::unknown));
  BOOST_TEST(int{strange->socket.type} == 7);
  BOOST_TEST(int{strange->unix_domain.socket_state} == 9);
}

BOOST_AUTO_TEST_CASE(a_continuation_at_the_end_of_a_batch_finds_its_name) {
  std::string text = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  for (int i = 0; i < 300; ++i) text.append(kRow).append("\nnext line\n");
  test::Tree tree;
  tree.file("net/unix", text);
  const auto got = test::collect(tree.proc(), {.protocols = kUnixProtocols});
  BOOST_REQUIRE(got.rows.size() == 300u);
  for (const test::Copy& row : got.rows) BOOST_TEST(row.text == "/run/test.sock\nnext line");
  BOOST_TEST(got.coverage.joined == 300u);
  BOOST_TEST(got.coverage.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(a_continuation_of_a_row_that_nobody_asked_for_goes_with_it) {
  test::Tree tree;
  std::string datagram = kRow;
  datagram.replace(datagram.find(" 0005 "), 6, " 0002 ");
  tree.file("net/unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n" + kRow + "\n" + datagram + "\nnext line\n");
  const auto got = test::collect(tree.proc(), {.protocols = {Protocol::unix_seqpacket}});
  BOOST_REQUIRE(got.rows.size() == 1u);
  BOOST_TEST(got.rows[0].text == "/run/test.sock");
  BOOST_TEST(got.coverage.joined == 1u);
  BOOST_TEST(got.coverage.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(no_more_is_joined_than_a_name_can_hold) {
  const std::string head = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  test::Tree tree;
  tree.file("net/unix", head + kRow + "\n" + std::string(94, 'x') + "\n" + kRow + "\n" + std::string(93, 'y') + "\n");
  const auto got = test::collect(tree.proc(), {.protocols = kUnixProtocols});
  BOOST_REQUIRE(got.rows.size() == 2u);
  BOOST_TEST(got.rows[0].text == "/run/test.sock");
  BOOST_TEST(got.rows[1].text == "/run/test.sock\n" + std::string(93, 'y'));
  BOOST_TEST(got.coverage.malformed == 1u);
  BOOST_TEST(got.coverage.joined == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
