// /proc/net/dev (dev_seq_show()), behind two lines of column names; eight numbers received, eight sent:
//
//     lo:   43107     509    0    0    0     0          0         0    43107     509    0    0    0     0       0          0
//
// A name is any fifteen bytes without '/' and blanks, so that the last colon ends it, and no number need be apart from it.
//
// /proc/net/if_inet6 (if6_seq_show()): address, index, prefix length, scope and flags in hexadecimal, name:
//
//   fe8000000000000000fc00fffe000001 04 40 20 80     eth0
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/dev.h"

#include <algorithm>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

constexpr std::uint64_t InterfaceCounters::*kCounters[] = {
    &InterfaceCounters::rx_bytes,      &InterfaceCounters::rx_packets,    &InterfaceCounters::rx_errors,
    &InterfaceCounters::rx_dropped,    &InterfaceCounters::rx_fifo,       &InterfaceCounters::rx_frame,
    &InterfaceCounters::rx_compressed, &InterfaceCounters::rx_multicast,  &InterfaceCounters::tx_bytes,
    &InterfaceCounters::tx_packets,    &InterfaceCounters::tx_errors,     &InterfaceCounters::tx_dropped,
    &InterfaceCounters::tx_fifo,       &InterfaceCounters::tx_collisions, &InterfaceCounters::tx_carrier,
    &InterfaceCounters::tx_compressed,
};

bool read_word(std::string_view word, Address& address) noexcept {
  if (word.size() != 2 * address.size()) return false;
  unsigned bad = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const unsigned high = kHexValue[static_cast<unsigned char>(word[2 * i])],
                   low = kHexValue[static_cast<unsigned char>(word[2 * i + 1])];
    bad |= high | low;
    address[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  return bad < 0x10;
}

/// Opens `file`, skips its column names and gives each line to `parse`, which says whether it could be read.
Coverage read_lines(const ProcDir& proc, std::string_view file, int heading_lines,
                    FunctionRef<bool(std::string_view)> parse) {
  Coverage coverage;
  const Fd fd = proc.open(file, coverage.error);
  coverage.object = proc.path(file);
  coverage.operation = "open";
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  while (lines.next(line)) {
    if (lines.number() <= static_cast<unsigned long>(heading_lines)) continue;
    ++(parse(line) ? coverage.rows : coverage.malformed);
  }
  coverage.truncated = lines.cut();
  coverage.error = lines.error();
  coverage.operation = "read";
  return coverage;
}

}  // namespace

bool parse_dev(std::string_view line, std::string_view& name, InterfaceCounters& counters) noexcept {
  const auto colon = line.rfind(':');
  if (colon == std::string_view::npos) return false;
  name = line.substr(0, colon);
  name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
  if (name.empty()) return false;
  Cursor cursor(line.substr(colon + 1));
  for (const auto member : kCounters)
    if (!cursor.dec(counters.*member)) return false;
  return true;
}

bool parse_if_inet6(std::string_view line, std::string_view& name, InterfaceAddress6& address) noexcept {
  Cursor cursor(line);
  std::string_view text;
  std::uint64_t index, length, scope, flags;
  if (!cursor.word(text) || !read_word(text, address.address) || !cursor.hex(index) || !cursor.hex(length) ||
      !cursor.hex(scope) || !cursor.hex(flags) || !cursor.word(name))
    return false;
  address.prefix_length = static_cast<unsigned>(length);
  address.scope = static_cast<unsigned>(scope);
  return true;
}

Coverage read_dev(const ProcDir& proc, FunctionRef<void(std::string_view name, const InterfaceCounters&)> sink) {
  return read_lines(proc, "net/dev", 2, [&](std::string_view line) {
    std::string_view name;
    InterfaceCounters counters;
    if (!parse_dev(line, name, counters)) return false;
    sink(name, counters);
    return true;
  });
}

Coverage read_if_inet6(const ProcDir& proc, FunctionRef<void(std::string_view name, const InterfaceAddress6&)> sink) {
  return read_lines(proc, "net/if_inet6", 0, [&](std::string_view line) {
    std::string_view name;
    InterfaceAddress6 address;
    if (!parse_if_inet6(line, name, address)) return false;
    sink(name, address);
    return true;
  });
}

}  // namespace duostat
