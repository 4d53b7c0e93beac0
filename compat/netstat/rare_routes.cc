// One reader and printer for each file format:
//
//   /proc/net/ax25_route    callsign device mode digipeaters
//   /proc/net/nr_nodes      callsign mnemonic which count (quality neighbour obsolescence)*
//   /proc/net/nr_neigh      number callsign device quality lock count failed digipeaters
//   /proc/net/rose_nodes    address digits count neighbour*
//   /proc/net/rose_neigh    number callsign device count …
//   /proc/net/ipx/route     network router_network router_node
//   /proc/net/atalk_route   target router flags device
//   /proc/net/x25/route     address digits device
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/rare_routes.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <map>
#include <vector>

#include "compat/netstat/row.h"
#include "compat/netstat/statuses.h"
#include "src/base/error.h"
#include "src/procfs/text_file.h"

namespace duostat::netstat {
namespace {

using Words = std::vector<std::string>;
using Rows = std::vector<Words>;

/// Reads the rows that have at least `needed` words and skips shorter ones.
Rows read_rows(const ProcDir& proc, std::string_view name, Coverage& coverage, std::size_t needed = 1) {
  Rows rows;
  procfs::TextFile file(proc, name, coverage);
  std::string_view line;
  file.next(line);  // the titles
  while (file.next(line)) {
    Words& words = rows.emplace_back();
    Cursor cursor(line);
    for (std::string_view word; cursor.word(word);) words.emplace_back(word);
    if (words.size() < needed) rows.pop_back();
  }
  return rows;
}

std::string strerror_line(const Coverage& coverage) {
  return fmt::format("{}: {}", coverage.object, error_text(coverage.error));
}

/// The number at the start of a word, 0 if there is none.
unsigned leading_number(std::string_view word, int base = 10) {
  unsigned value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value, base);
  return value;
}

const std::string& word_at(const Words& words, std::size_t at) {
  static const std::string kNone;
  return at < words.size() ? words[at] : kNone;
}

int ax25(Environment& env) {
  Coverage coverage;
  const Rows rows = read_rows(env.proc, "net/ax25_route", coverage);
  if (coverage.error != 0) {
    env.err.line(strerror_line(coverage));
    env.out.append("AX.25 not configured in this system.\n");
    return kFailure;
  }
  env.out.append("Kernel AX.25 routing table\nDestination  Iface    Use\n");
  for (const Words& w : rows) {
    Row row;
    row.foreign(w[0], 9, 9)
        .text("    ")
        .foreign(word_at(w, 1), 4, 4)
        .text("   ")
        .right(leading_number(word_at(w, 2)), 5)
        .end(env.out);
  }
  return 0;
}

/// Neighbours by their number: call sign and device.
std::map<unsigned, Words> read_neighbours(const ProcDir& proc, std::string_view file, Coverage& coverage) {
  std::map<unsigned, Words> neighbours;
  for (Words& w : read_rows(proc, file, coverage))
    if (w.size() >= 3) neighbours[leading_number(w[0])] = std::move(w);
  return neighbours;
}

/// The value of errno in the original after its message that the first of two files is missing. Its perror(3) tries to
/// reopen standard error for reading too, which fails if that is a pipe or a plain redirection, and not a terminal.
/// quirk: second-errno
int errno_after_message(int error) {
  const int flags = ::fcntl(STDERR_FILENO, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDWR ? EINVAL : error;
}

int netrom(Environment& env) {
  Coverage nodes, neighbours;
  const Rows rows = read_rows(env.proc, "net/nr_nodes", nodes);
  const auto by_number = read_neighbours(env.proc, "net/nr_neigh", neighbours);
  if (nodes.error != 0) env.err.line(strerror_line(nodes));
  if (nodes.error != 0 && neighbours.error != 0) neighbours.error = errno_after_message(neighbours.error);
  if (neighbours.error != 0) env.err.line(strerror_line(neighbours));
  if (nodes.error != 0 || neighbours.error != 0) {
    env.out.append("NET/ROM not configured in this system.\n");
    return kFailure;
  }
  env.out.append("Kernel NET/ROM routing table\nDestination  Mnemonic  Quality  Neighbour  Iface\n");
  for (const Words& w : rows) {
    const unsigned which = std::max(leading_number(word_at(w, 2)), 1u);
    const std::size_t at = 4 + 3 * (static_cast<std::size_t>(which) - 1);  // of its quality, then the neighbour
    const auto neighbour = by_number.find(leading_number(word_at(w, at + 1)));
    const Words& via = neighbour == by_number.end() ? Words{} : neighbour->second;
    Row row;
    row.foreign(w[0], 9, 9)
        .text("    ")
        .foreign(word_at(w, 1), 6, 6)
        .text("    ")
        .left(leading_number(word_at(w, at)), 3);
    row.text("      ").foreign(word_at(via, 1), 9, 9).text("  ").foreign(word_at(via, 2), 4, 4).end(env.out);
  }
  return 0;
}

int rose(Environment& env) {
  constexpr std::size_t kNeighboursMax = 3;
  Coverage nodes, neighbours;
  const Rows rows = read_rows(env.proc, "net/rose_nodes", nodes);
  if (nodes.error != 0) {
    env.err.line(strerror_line(nodes));
    env.err.line("ROSE not configured in this system.");
    return kFailure;
  }
  const auto by_number = read_neighbours(env.proc, "net/rose_neigh", neighbours);
  env.out.append(
      "Kernel ROSE routing table\n"
      "Destination  neigh1 callsign  device  neigh2 callsign  device  neigh3 callsign  device\n");
  for (const Words& w : rows) {
    Row row;
    row.foreign(w[0], 10, 10).text("   ");
    for (std::size_t n = 0;
         n < std::min<std::size_t>(leading_number(word_at(w, 2)), kNeighboursMax) && 3 + n < w.size(); ++n) {
      const unsigned id = leading_number(w[3 + n]);
      row.text(fmt::format("{:05}  ", id));
      const auto neighbour = by_number.find(id);
      if (neighbour == by_number.end()) continue;
      row.foreign(neighbour->second[1], 9, 9)
          .text(" ")
          .right(std::string_view(neighbour->second[2]).substr(0, 6), 6)
          .text("  ");
    }
    row.end(env.out);
  }
  return 0;
}

int ipx(Environment& env) {
  Coverage coverage;
  Rows rows = read_rows(env.proc, "net/ipx/route", coverage, 3);
  if (coverage.error != 0 && coverage.operation == Operation::open) {
    coverage = {};
    rows = read_rows(env.proc, "net/ipx_route", coverage, 3);
  }
  if (coverage.error != 0) {
    env.err.line(coverage.operation == Operation::open ? error_text(coverage.error) : strerror_line(coverage));
    env.out.append("IPX routing not in file /proc/net/ipx/route or /proc/net/ipx_route found.\n");
    return kFailure;
  }
  env.out.append("Kernel IPX routing table\nDestination               Router Net                Router Node\n");
  for (const Words& w : rows) {
    // "Directly Connected" is parsed as hexadecimal, as in the original: D, and C followed by zeros.
    const std::string& node = word_at(w, 2);
    std::string digits = node.substr(0, std::min<std::size_t>(node.find_first_not_of("0123456789ABCDEFabcdef"), 12));
    digits.append(12 - digits.size(), '0');
    Row row;
    row.left(fmt::format("{:08X}", leading_number(w[0], 16)), 25).text(" ");
    row.left(fmt::format("{:08X}", leading_number(word_at(w, 1), 16)), 25).text(" ").left(digits, 25).end(env.out);
  }
  return 0;
}

int ddp(Environment& env) {
  Coverage coverage;
  const Rows rows = read_rows(env.proc, "net/atalk_route", coverage, 4);
  if (coverage.error != 0) {
    env.err.line("Error opening " + strerror_line(coverage));
    env.err.line("DDP (AppleTalk) not configured on this system.");
    return kFailure;
  }
  env.out.append("Destination     Gateway         Device          Flags\n");
  constexpr std::pair<unsigned, char> kFlags[] = {{0x1, 'U'}, {0x2, 'G'}, {0x4, 'H'}};
  for (const Words& w : rows) {
    std::string flags;
    for (const auto& [flag, letter] : kFlags)
      if ((leading_number(word_at(w, 2), 16) & flag) != 0) flags += letter;
    Row row;
    row.foreign(w[0], 15)
        .text(" ")
        .foreign(word_at(w, 1), 15)
        .text(" ")
        .foreign(word_at(w, 3), 15)
        .text(" ")
        .text(flags);
    row.end(env.out);
  }
  return 0;
}

int x25(Environment& env) {
  Coverage coverage;
  Rows rows = read_rows(env.proc, "net/x25/route", coverage, 3);
  if (coverage.error != 0) {
    coverage = {};
    rows = read_rows(env.proc, "net/x25_routes", coverage, 3);
  }
  if (coverage.error != 0) {
    env.out.append("X.25 not configured in this system.\n");
    return kFailure;
  }
  env.out.append("Kernel X.25 routing table\nDestination          Iface\n");
  for (const Words& w : rows) {
    const unsigned digits = leading_number(word_at(w, 1));
    Row row;
    row.foreign(fmt::format("{}/{}", std::string_view(w[0]).substr(0, digits), digits), 20).text(" ");
    row.foreign(word_at(w, 2), 5, 5).end(env.out);
  }
  return 0;
}

struct Routing {
  AddressFamily family;
  int (*print)(Environment& env);
};
constexpr Routing kRoutings[] = {
    {AddressFamily::ax25, ax25}, {AddressFamily::netrom, netrom}, {AddressFamily::rose, rose},
    {AddressFamily::ipx, ipx},   {AddressFamily::ddp, ddp},       {AddressFamily::x25, x25},
};

}  // namespace

std::optional<int> print_rare_routes(Environment& env, AddressFamily family) {
  const auto* found = std::ranges::find(kRoutings, family, &Routing::family);
  if (found == std::end(kRoutings)) return std::nullopt;
  return found->print(env);
}

}  // namespace duostat::netstat
