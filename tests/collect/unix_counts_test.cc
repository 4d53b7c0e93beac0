// Reference counts of AF_UNIX sockets: netlink's sockets, the file's numbers, and names that forge rows of the file.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/unix_counts.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "src/names/map_resolver.h"
#include "tests/base/scratch.h"
#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;
using duostat::test::Scratch;

namespace {

constexpr std::string_view kHeading = "Num       RefCount Protocol Flags    Type St Inode Path\n";

/// A row in the format of unix_seq_show().
std::string row(unsigned inode, unsigned refcount, std::string_view name = {}, unsigned type = 1, unsigned address = 0,
                unsigned state = 1) {
  return fmt::format("{:016x}: {:08X} 00000000 00000000 {:04X} {:02X} {:5}{}{}\n", address != 0 ? address : inode,
                     refcount, type, state, inode, name.empty() ? "" : " ", name);
}

/// struct unix_diag_msg with a name.
Wire told(std::uint32_t inode, std::string_view name = {}, std::uint8_t type = 1, std::uint8_t state = 7) {
  Wire payload = Wire()
                     .u8("udiag_family", 1).u8("udiag_type", type).u8("udiag_state", state).u8("pad", 0)
                     .u32("udiag_ino", inode).u32("udiag_cookie[0]", inode).u32("udiag_cookie[1]", 0);
  if (!name.empty()) payload.attribute(uapi::kUnixName, Wire().text("UNIX_DIAG_NAME", name));
  return message(payload);
}

struct UnixWorld {
  Scratch scratch;
  Variables variables;
  ProcDir proc{scratch.path(), {}, false};
  MapResolver names;
  StringSink out_sink, err_sink;
  Output out{out_sink};
  Diagnostics err{err_sink, nullptr, false};
  SystemClock clock;
  Script script;
  Query query{.protocols = kUnixProtocols, .families = {Family::unix_domain}, .states = ~StateMask{0},
              .wanted = {Field::refcount, Field::inode, Field::unix_name}};
  std::string later;  ///< if not empty: the file's contents after netlink was asked

  UnixWorld(std::string_view rows, std::initializer_list<Wire> sockets) {
    scratch.write("net/unix", std::string(kHeading).append(rows));
    for (const Wire& socket : sockets) script.datagram(socket);
    script.datagram(done());
  }

  /// "INODE NAME COUNT;" for each socket, '@' for NUL, '-' for an unknown count.
  std::string shown() {
    const OpenTransport open = [this](int protocol, OpenError& error) {
      if (!later.empty()) scratch.write("net/unix", std::string(kHeading).append(later));
      return open_script(script)(protocol, error);
    };
    Environment env{"test", variables, proc, open, clock, names, out, err, {}};
    std::string text;
    answer = collect(env, Via::automatic, query, [&](std::span<const Socket> sockets) {
      for (const Socket& s : sockets) {
        std::string name(s.unix_domain->name);
        std::ranges::replace(name, '\0', '@');
        text += fmt::format("{} {} {};", s.inode, name, s.has(Field::refcount) ? std::to_string(s.refcount) : "-");
      }
      return true;
    });
    return text;
  }
  Answer answer;
};

std::string without_newline(std::string text) { return text.pop_back(), text; }

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_counts)

BOOST_AUTO_TEST_CASE(counts_by_inode_in_the_order_of_the_table) {
  UnixWorld w(row(103, 2, "/run/a") + row(101, 3) + row(102, 4, "@abstract@name") + row(0, 5, "/run/a", 1, 0xaa),
              {told(103, {"/run/a\0", 7}), told(101), told(102, {"\0abstract\0name", 14})});
  BOOST_TEST(w.shown() == "103 /run/a 2;101  3;102 @abstract@name 4;0 /run/a 5;");
  BOOST_TEST((w.answer.backend == Via::netlink));
  BOOST_TEST(w.answer.coverage.rows == 4u);
}

BOOST_AUTO_TEST_CASE(a_name_forges_no_row) {
  const std::string forged = without_newline(row(55, 9, "/run/sshd"));
  UnixWorld w(row(103, 2, "/tmp/x\n" + forged) + row(101, 3), {told(103, "/tmp/x\n" + forged), told(101)});
  BOOST_TEST(w.shown() == "103 /tmp/x\n" + forged + " 2;101  3;");
}

BOOST_AUTO_TEST_CASE(a_name_forges_no_count_of_another_socket) {
  const std::string forged = without_newline(row(101, 99, "/run/sshd"));
  for (const bool abstract : {false, true}) {
    const std::string shown = (abstract ? "@x\n" : "/x\n") + forged, real = abstract ? '\0' + shown.substr(1) : shown;
    const Wire hostile = told(103, real), victim = told(101, "/run/sshd");
    UnixWorld before(row(103, 2, shown) + row(101, 3, "/run/sshd"), {hostile, victim});
    BOOST_TEST(before.shown() == "103 " + shown + " 2;101 /run/sshd 3;");
    UnixWorld after(row(101, 3, "/run/sshd") + row(103, 2, shown), {victim, hostile});
    BOOST_TEST(after.shown() == "101 /run/sshd 3;103 " + shown + " 2;");
  }
}

// Names of a connection that waits (its listener's name) and of a socket that is gone.
BOOST_AUTO_TEST_CASE(names_of_sockets_that_netlink_does_not_have) {
  const std::string forged = without_newline(row(101, 99, "/run/sshd"));
  const std::string waiting = without_newline(row(0, 9, "/run/private"));
  UnixWorld w(row(0, 3, "/x\n" + forged) + row(0, 4, "/x\n" + waiting) + row(101, 3, "/run/sshd") +
                  row(103, 2, "/x\n" + forged) + row(104, 2, "/x\n" + waiting),
              {told(101, "/run/sshd"), told(103, "/x\n" + forged), told(104, "/x\n" + waiting)});
  BOOST_TEST(w.shown() == "0 /x\n" + forged + " 3;0 /x\n" + waiting + " 4;101 /run/sshd 3;103 /x\n" + forged +
                              " 2;104 /x\n" + waiting + " 2;");
  UnixWorld gone(row(105, 2, "/x\n" + forged) + row(101, 3, "/run/sshd"), {told(101, "/run/sshd")});
  BOOST_TEST(gone.shown() == "101 /run/sshd -;");
}

BOOST_AUTO_TEST_CASE(sockets_come_and_go_between_the_readings) {
  UnixWorld opened(row(101, 2), {told(101), told(102, "/new"), told(103)});
  opened.later = row(101, 7) + row(102, 3, "/new");
  BOOST_TEST(opened.shown() == "101  2;102 /new 3;103  -;");
  UnixWorld closed(row(101, 2) + row(102, 2), {told(101)});
  BOOST_TEST(closed.shown() == "101  2;");
  UnixWorld bound(row(101, 2), {told(101, "/now")});
  bound.later = row(101, 2, "/now");
  BOOST_TEST(bound.shown() == "101 /now 2;");
}

// A connection that waits for accept(2) has no inode. Accepted meanwhile, it is recognized by its address and shown
// once.
BOOST_AUTO_TEST_CASE(a_connection_is_accepted_between_the_readings) {
  UnixWorld accepted(row(0, 3, "/l", 1, 0xabc) + row(0, 4, "/l", 1, 0xdef) + row(101, 2, "/l"),
                     {told(107, "/l"), told(101, "/l")});
  accepted.later = row(107, 3, "/l", 1, 0xabc) + row(0, 4, "/l", 1, 0xdef) + row(101, 2, "/l");
  BOOST_TEST(accepted.shown() == "107 /l 3;0 /l 4;101 /l 2;");
  UnixWorld after_the_dump(row(0, 3, "/l", 1, 0xabc) + row(101, 2, "/l"), {told(101, "/l")});
  after_the_dump.later = row(107, 3, "/l", 1, 0xabc) + row(101, 2, "/l");
  BOOST_TEST(after_the_dump.shown() == "0 /l 3;101 /l 2;");
}

BOOST_AUTO_TEST_CASE(only_what_was_asked) {
  UnixWorld w(row(101, 2) + row(102, 3, {}, 2) + row(103, 4) + row(0, 5, "/l", 2),
              {told(101), told(102, {}, 2), told(103, {}, 1, 10)});
  w.query.protocols = {Protocol::unix_stream};
  w.query.states = mask_of(State::close);
  BOOST_TEST(w.shown() == "101  2;");
}

BOOST_AUTO_TEST_CASE(one_of_them_cannot_answer) {
  UnixWorld refused(row(101, 2, "/a"), {});
  refused.script.items.clear();
  refused.script.datagram(wire::refused(ENOENT)).datagram(wire::refused(ENOENT)).datagram(wire::refused(ENOENT));
  BOOST_TEST(refused.shown() == "101 /a 2;");
  BOOST_TEST((refused.answer.backend == Via::procfs));
  UnixWorld no_file("", {told(101, "/a")});
  no_file.proc = ProcDir("/nonexistent", {}, false);
  BOOST_TEST(no_file.shown() == "101 /a -;");
  BOOST_TEST(no_file.answer.coverage.error == 0);
}

BOOST_AUTO_TEST_SUITE_END()
