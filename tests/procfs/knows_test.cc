// doc/backends.md against ProcfsBackend::knows().
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <map>
#include <sstream>

#include "tests/procfs/collected.h"

namespace {

using namespace duostat;
using test::data;

constexpr std::string_view kNames[] = {
    "queues",        "backlog",      "uid",           "inode",        "cookie",         "timer",       "timer_count",
    "retransmits",   "interface",    "refcount",      "drops",        "owner",          "mark",        "cgroup",
    "shutdown",      "v6only",       "ip_protocol",   "tos",          "tclass",         "class_id",    "sockopt",
    "meminfo",       "skmem",        "tcp_info",      "congestion",   "vegas_info",     "dctcp_info",  "bbr_info",
    "md5_keys",      "ulp",          "sctp_info",     "mptcp_info",   "bpf_storage",    "tcp_procfs",  "unix_name",
    "unix_peer",     "unix_vfs",     "unix_pending",  "unix_flags",   "packet_info",    "packet_rings", "packet_fanout",
    "packet_filter", "netlink_groups", "tipc_info",   "xdp_info"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Field::count_));

const std::map<std::string_view, ProtocolSet> kColumns = {
    {"tcp", {Protocol::tcp}},        {"udp", {Protocol::udp, Protocol::udplite}},
    {"raw", {Protocol::raw}},        {"icmp", {Protocol::icmp}},
    {"unix", kUnixProtocols},        {"packet", kPacketProtocols},
    {"netlink", {Protocol::netlink}}, {"sctp", {Protocol::sctp}},
    {"dccp", {Protocol::dccp}},      {"mptcp", {Protocol::mptcp}},
    {"vsock", kVsockProtocols},      {"tipc", {Protocol::tipc}},
    {"xdp", {Protocol::xdp}}};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found;
  std::istringstream stream(line.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) {
    std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
    found.push_back(cell);
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(knows)

BOOST_AUTO_TEST_CASE(the_manual_says_the_same) {
  const ProcDir proc;
  const ProcfsBackend backend(proc);
  std::ifstream file(data("../../../doc/backends.md"));
  BOOST_REQUIRE(file.good());
  std::vector<std::string> heading;
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| field |")) heading = cells(line);
    const auto name = line.starts_with("| `") && !heading.empty() ? cells(line)[0] : std::string();
    const auto at = std::ranges::find(kNames, name);
    if (at == std::end(kNames)) continue;
    ++rows;
    const auto row = cells(line);
    BOOST_REQUIRE(row.size() == heading.size());
    for (std::size_t i = 1; i < row.size(); ++i) {
      for (const ProtocolRow& protocol : kProtocols) {
        if (!kColumns.at(heading[i]).has(protocol.protocol)) continue;
        const bool said = row[i].find('P') != std::string::npos;
        BOOST_TEST(said == backend.knows(protocol.protocol).has(static_cast<Field>(at - std::begin(kNames))),
                   protocol.id << ' ' << name);
      }
    }
  }
  BOOST_TEST(rows == std::size(kNames));
}

BOOST_AUTO_TEST_SUITE_END()
