// -i, short and long, with made-up answers to the ioctls, compared with the output of net-tools 2.10 for the same
// answers and files.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/interfaces.h"

#include <sys/ioctl.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"

namespace duostat::netstat {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Answers from a table: name flags type address mtu queue memory-start memory-end base irq dma port inet destination
/// broadcast mask; "-" if the ioctl fails.
class FakeQuery final : public rtnl::InterfaceQuery {
 public:
  explicit FakeQuery(const std::string& table) {
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) add(line);
  }
  int names(std::vector<std::string>& names) override {
    for (const Interface& i : known)
      if (i.inet) names.push_back(i.name);
    return 0;
  }
  int describe(Interface& interface, rtnl::UnreadPart unread) override {
    for (const auto& [request, error] : parts_unread) unread(request, error);
    for (const Interface& i : known) {
      if (i.name != interface.name) continue;
      const auto counters = interface.counters;
      interface = i;
      interface.counters = counters;
      return 0;
    }
    return ENODEV;
  }
  std::vector<Interface> known;
  std::vector<std::pair<std::string, int>> parts_unread;

 private:
  static Address quad(const std::string& text) {
    unsigned b[4] = {};
    std::sscanf(text.c_str(), "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]);
    Address address{};
    for (int i = 0; i < 4; ++i) address[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(b[i]);
    return address;
  }
  void add(const std::string& line) {
    std::istringstream words(line);
    std::string w[16];
    for (std::string& word : w) words >> word;
    const auto number = [](const std::string& s, int base) { return std::strtoul(s.c_str(), nullptr, base); };
    Interface& i = known.emplace_back();
    i.name = w[0];
    i.flags = static_cast<std::uint16_t>(number(w[1], 0));
    i.hardware_type = static_cast<std::uint16_t>(number(w[2], 10));
    for (std::size_t at = 0; w[3] != "-" && 2 * at < w[3].size(); ++at)
      i.hardware_address[at] = static_cast<std::uint8_t>(number(w[3].substr(2 * at, 2), 16));
    i.mtu = static_cast<std::uint32_t>(number(w[4], 10));
    if (w[5] != "-1") i.queue_length = static_cast<std::uint32_t>(number(w[5], 10));
    i.map = {number(w[6], 16), number(w[7], 16), static_cast<std::uint16_t>(number(w[8], 16)),
             static_cast<std::uint8_t>(number(w[9], 10)), static_cast<std::uint8_t>(number(w[10], 16)),
             static_cast<std::uint8_t>(number(w[11], 10))};
    if (w[12] != "-") i.inet = {quad(w[12]), quad(w[13]), quad(w[14]), quad(w[15])};
  }
};

Ran list(const ProcDir& proc, FakeQuery& query, bool all, bool details, bool first = true) {
  StringSink sink;
  FakeWorld world(sink, proc);
  Request request;
  request.all = all;
  request.extend = details ? 1 : 0;
  const int status = print_interfaces(world.env, request, ViewPlan(request.view), Via::automatic, query, first);
  world.out.flush();
  return {status, sink.text, world.errors.text};
}

constexpr char kHeading[] = "Inter-|   Receive\n face |bytes    packets errs drop fifo frame compressed multicast|\n";

BOOST_AUTO_TEST_SUITE(netstat_interfaces)

BOOST_AUTO_TEST_CASE(recorded) {
  const char* top = std::getenv("top_srcdir");
  const std::string root = top == nullptr ? "." : top;
  struct Case {
    const char *tree, *expected;
    bool all, details;
  };
  for (const Case& c : {Case{"modes-interfaces", "interfaces", false, false},
                        Case{"modes-interfaces", "interfaces-all", true, false},
                        Case{"modes-interfaces", "interfaces-e", false, true},
                        Case{"modes-interfaces", "interfaces-all-e", true, true},
                        Case{"modes-hardware", "hardware", true, false},
                        Case{"modes-hardware", "hardware-e", true, true}}) {
    const std::string tree = root + "/tests/data/netstat/" + c.tree;
    FakeQuery query(text_of(tree + "/devices"));
    BOOST_TEST_REQUIRE(!query.known.empty());
    const Ran listed = list(ProcDir(tree), query, c.all, c.details);
    BOOST_TEST(listed.out == text_of(root + "/tests/compat/netstat/interfaces/" + c.expected), c.expected);
    BOOST_TEST(listed.err == "");
    BOOST_TEST(listed.status == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_interface_that_vanished_does_not_hide_the_others) {
  FakeQuery query("z0 0x49 772 - 65536 1000 0 0 0 0 0 0 - - - -\n");
  test::Scratch scratch;
  scratch.write("net/dev", std::string(kHeading) + "  a0: 0 0 0\n  z0: 0 0 0\n");
  const Ran listed = list(ProcDir(scratch.path()), query, false, false);
  BOOST_TEST(listed.status == 1);
  BOOST_TEST(listed.err ==
             "a0: error fetching interface information: Device not found\n"
             "missing interface information: No such device\n");
  BOOST_TEST(listed.out.find("\nz0 ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_part_that_cannot_be_read_is_told) {
  FakeQuery query("z0 0x49 772 - 65536 1000 0 0 0 0 0 0 - - - -\n");
  query.parts_unread = {{"SIOCGIFADDR", EIO}};
  test::Scratch scratch;
  scratch.write("net/dev", std::string(kHeading) + "  z0: 0 0 0\n");
  const Ran listed = list(ProcDir(scratch.path()), query, false, false);
  BOOST_TEST(listed.err == "netstat: z0: SIOCGIFADDR: Input/output error\n");
  BOOST_TEST(listed.out.find("\nz0 ") != std::string::npos);
  StringSink sink;
  FakeWorld world(sink, ProcDir(scratch.path()));
  const Interfaces interfaces = read_interface_list(world.env, Via::automatic, query, true);
  BOOST_REQUIRE(interfaces.problems.size() == 1u);
  BOOST_TEST(interfaces.problems[0].object == "SIOCGIFADDR z0");
  BOOST_TEST(interfaces.problems[0].error == EIO);
}

/// The parts reported as unread when every ioctl except SIOCGIFFLAGS fails with `error`.
std::vector<std::string> unread_parts(int error) {
  int ignored = 0;
  const auto query = rtnl::open_interface_ioctls(
      ignored, [error](unsigned long what, void*) { return what == SIOCGIFFLAGS ? 0 : error; });
  Interface interface;
  interface.name = "z0";
  std::vector<std::string> parts;
  BOOST_TEST(query->describe(interface, [&](std::string_view request, int code) {
    BOOST_TEST(code == error);
    parts.emplace_back(request);
  }) == 0);
  return parts;
}

BOOST_AUTO_TEST_CASE(only_what_an_interface_has_not_is_absent) {
  const std::vector<std::string> all{"SIOCGIFHWADDR", "SIOCGIFMTU", "SIOCGIFMAP", "SIOCGIFTXQLEN", "SIOCGIFADDR"};
  for (const int error : {EIO, EPERM, ENODEV, ENOMEM})
    BOOST_TEST(unread_parts(error) == all, boost::test_tools::per_element());
  for (const int error : {EADDRNOTAVAIL, EOPNOTSUPP, ENOTTY, EINVAL}) BOOST_TEST(unread_parts(error).empty());
}

BOOST_AUTO_TEST_CASE(a_name_of_fifteen_bytes_keeps_its_counters) {
  FakeQuery query("averylongbrname 0x43 1 - 1500 1000 0 0 0 0 0 0 - - - -\n");
  test::Scratch scratch;
  scratch.write("net/dev", std::string(kHeading) + "averylongbrname: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  BOOST_TEST(list(ProcDir(scratch.path()), query, false, false, false).out ==
             "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
             "averylongbrname  1500        2      3      4 5            10     11     12     13 BRU\n");
}

BOOST_AUTO_TEST_CASE(without_the_file_names_with_an_address_are_listed) {
  FakeQuery query("lo 0x49 772 - 65536 1000 0 0 0 0 0 0 127.0.0.1 127.0.0.1 0.0.0.0 255.0.0.0\n");
  const Ran listed = list(ProcDir("/nonexistent"), query, false, false);
  BOOST_TEST(listed.status == 0);
  BOOST_TEST(listed.err ==
             "Warning: cannot open /nonexistent/net/dev (No such file or directory). Limited output.\n");
  BOOST_TEST(listed.out.find("no statistics available") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(natural_order) {
  const std::vector<std::string> sorted = {"1",    "Eth2",   "eth",     "eth01", "eth1",  "eth1:2", "eth1:10",
                                           "eth2", "eth2:1", "eth10",   "eth.5", "eth1a", "lo",     "veth0"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t k = 0; k < sorted.size(); ++k)
      BOOST_TEST(interface_before(sorted[i], sorted[k]) == (i < k), sorted[i] << " " << sorted[k]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
