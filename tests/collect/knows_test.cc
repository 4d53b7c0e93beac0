// Compares doc/backends.md with the fields that both backends provide.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "src/collect/backends.h"

namespace {

using namespace duostat;

/// A column of the table and the protocols that it stands for.
struct TableColumn {
  std::string_view heading;
  ProtocolSet protocols;
};
constexpr TableColumn kColumns[] = {
    {"tcp", {Protocol::tcp}},         {"udp", {Protocol::udp, Protocol::udplite}},
    {"raw", {Protocol::raw}},         {"icmp", {Protocol::icmp}},
    {"unix", kUnixProtocols},         {"packet", kPacketProtocols},
    {"netlink", {Protocol::netlink}}, {"sctp", {Protocol::sctp}},
    {"dccp", {Protocol::dccp}},       {"mptcp", {Protocol::mptcp}},
    {"vsock", kVsockProtocols},       {"tipc", {Protocol::tipc}},
    {"xdp", {Protocol::xdp}}};
constexpr std::string_view kDefaultRow = "every other";

struct Letter {
  Via backend;
  char letter;
};
constexpr Letter kLetters[] = {{Via::procfs, 'P'}, {Via::netlink, 'N'}};

/// "PN": the backends that know `field` of every protocol of the column. "?": they differ among its protocols.
std::string cell(const TableColumn& column, Field field) {
  std::string text;
  for (const Letter& row : kLetters) {
    std::set<bool> known;
    for (const ProtocolRow& protocol : kProtocols)
      if (column.protocols.has(protocol.protocol))
        known.insert(row_of(row.backend).knows(protocol.protocol).has(field));
    if (known.size() > 1) return "?";
    if (*known.begin()) text += row.letter;
  }
  return text;
}

/// The table's line for a field: what to paste where it is missing or wrong.
std::string line_of(std::string_view name, Field field) {
  std::string line = "| " + std::string(name) + " |";
  for (const TableColumn& column : kColumns) {
    const std::string text = cell(column, field);
    line += text.empty() ? " |" : " " + text + " |";
  }
  return line;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(knows)

BOOST_AUTO_TEST_CASE(every_field_stands_in_the_manual_as_the_backends_know_it) {
  const char* const source = std::getenv("top_srcdir");
  std::ifstream file(std::string(source != nullptr ? source : ".") + "/doc/backends.md");
  BOOST_REQUIRE(file.good());
  std::set<std::string, std::less<>> lines;
  std::string heading = "| field |", by_default;
  for (const TableColumn& column : kColumns) heading += " " + std::string(column.heading) + " |";
  for (std::string line; std::getline(file, line);) {
    lines.insert(line);
    if (line.starts_with("| every other |")) by_default = line;
  }
  BOOST_TEST(lines.contains(heading), heading);
  BOOST_REQUIRE(!by_default.empty());
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i) {
    const auto field = static_cast<Field>(i);
    const std::string name = "`" + std::string(name_of(field)) + "`", line = line_of(name, field);
    const bool listed =
        std::ranges::any_of(lines, [&](const std::string& l) { return l.starts_with("| " + name + " |"); });
    BOOST_TEST((listed ? lines.contains(line) : line_of(kDefaultRow, field) == by_default),
               "doc/backends.md lacks: " << line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
