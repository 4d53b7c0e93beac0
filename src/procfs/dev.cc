// /proc/net/dev (net/core/net-procfs.c, dev_seq_show):
//
//   Inter-|   Receive                                                |  Transmit
//    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls …
//       lo:    3267      29    0    0    0     0          0         0     3267      29    0    0    0     0 …
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/dev.h"

#include <iterator>

#include "src/procfs/text_file.h"

namespace duostat {
namespace {

constexpr std::uint64_t InterfaceCounters::*kColumns[] = {
    &InterfaceCounters::rx_bytes,      &InterfaceCounters::rx_packets,   &InterfaceCounters::rx_errors,
    &InterfaceCounters::rx_dropped,    &InterfaceCounters::rx_fifo,      &InterfaceCounters::rx_frame,
    &InterfaceCounters::rx_compressed, &InterfaceCounters::rx_multicast, &InterfaceCounters::tx_bytes,
    &InterfaceCounters::tx_packets,    &InterfaceCounters::tx_errors,    &InterfaceCounters::tx_dropped,
    &InterfaceCounters::tx_fifo,       &InterfaceCounters::collisions,   &InterfaceCounters::tx_carrier,
    &InterfaceCounters::tx_compressed,
};

/// The name ends at the first colon; that of an alias, which has its own row, at the colon after its digits, "eth0:1:".
std::size_t name_end(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return colon;
  std::size_t at = colon + 1;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at > colon + 1 && at < text.size() && text[at] == ':' ? at : colon;
}

bool read_row(std::string_view line, Interface& interface) {
  Cursor blanks(line);
  blanks.skip_blanks();
  const std::string_view text = blanks.rest();
  // quirk: long-interface-name - the original stops before the colon of a name of 15 bytes and shows zeros
  const std::size_t end = name_end(text);
  if (end == std::string_view::npos || end == 0 || end > kInterfaceNameMax) return false;
  std::string_view name;
  if (!Cursor(text.substr(0, end)).word(name)) return false;
  interface.name = name;
  InterfaceCounters& counters = interface.counters.emplace();
  Cursor numbers(text.substr(end + 1));
  // In a truncated line the text shows 0 for the missing counters, like the original.
  counters.known = 0;
  while (counters.known < std::size(kColumns) && procfs::read_count(numbers, counters.*kColumns[counters.known]))
    ++counters.known;
  return true;
}

}  // namespace

Coverage read_interfaces(const ProcDir& proc, std::vector<Interface>& interfaces) {
  Coverage coverage;
  procfs::TextFile text(proc, kDevFile, coverage);
  std::string_view heading;
  if (!text.next(heading) || !text.next(heading)) return coverage;
  text.each_row([&](std::string_view line) {
    Interface interface;
    if (!read_row(line, interface)) return false;
    interfaces.push_back(std::move(interface));
    return true;
  });
  return coverage;
}

}  // namespace duostat
