// /proc/net/route (fib_route_seq_show()); addresses are words in the host's byte order, columns are named by the first line:
//
//   Iface Destination Gateway  Flags RefCnt Use Metric Mask     MTU Window IRTT
//   eth0  000010AC    0300010A 0003  0      0   0      0000F0FF 1400 5840  300
//
// /proc/net/ipv6_route (rt6_info_route()); all columns but the last in hexadecimal:
//
//   destination and its prefix length, source and its prefix length, next hop, metric, references, uses, flags, interface
//   fd00… 40 00000000000000000000000000000000 00 00… 00000100 00000001 00000000 00000001     eth0
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/route.h"

#include <array>
#include <cstring>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

bool address_word(std::string_view word, Address& address) noexcept {
  Cursor cursor(word);
  std::uint64_t value = 0;
  if (!cursor.hex(value) || !cursor.done()) return false;
  const auto low = static_cast<std::uint32_t>(value);
  std::memcpy(address.data(), &low, sizeof low);
  return true;
}

template <class Number>
bool number_word(std::string_view word, Number& number) noexcept {
  Cursor cursor(word);
  std::uint64_t value = 0;
  if (!cursor.dec(value) || !cursor.done()) return false;
  number = static_cast<Number>(value);
  return true;
}

bool flags_word(std::string_view word, std::uint32_t& flags) noexcept {
  Cursor cursor(word);
  std::uint64_t value = 0;
  if (!cursor.hex(value) || !cursor.done()) return false;
  flags = static_cast<std::uint32_t>(value);
  return true;
}

struct Column {
  std::string_view name;
  bool (*read)(std::string_view word, Route& route) noexcept;
};
constexpr Column kColumns[] = {
    {"Iface", [](std::string_view w, Route& r) noexcept { return r.interface = w, true; }},
    {"Destination", [](std::string_view w, Route& r) noexcept { return address_word(w, r.destination); }},
    {"Gateway", [](std::string_view w, Route& r) noexcept { return address_word(w, r.gateway); }},
    {"Flags", [](std::string_view w, Route& r) noexcept { return flags_word(w, r.flags); }},
    {"RefCnt", [](std::string_view w, Route& r) noexcept { return number_word(w, r.references); }},
    {"Use", [](std::string_view w, Route& r) noexcept { return number_word(w, r.uses); }},
    {"Metric", [](std::string_view w, Route& r) noexcept { return number_word(w, r.metric); }},
    {"Mask", [](std::string_view w, Route& r) noexcept { return address_word(w, r.mask); }},
    {"MTU", [](std::string_view w, Route& r) noexcept { return number_word(w, r.mtu); }},
    {"Window", [](std::string_view w, Route& r) noexcept { return number_word(w, r.window); }},
    {"IRTT", [](std::string_view w, Route& r) noexcept { return number_word(w, r.irtt); }},
};
constexpr std::size_t kNeeded = 10;  ///< columns of a usable row

/// For each needed column the number of its word. Columns that this program does not know are stepped over.
using Positions = std::array<std::size_t, std::size(kColumns)>;

std::string_view find_columns(std::string_view heading, Positions& positions) {
  Cursor cursor(heading);
  std::string_view word;
  std::size_t column = 0;
  for (std::size_t i = 0; column < std::size(kColumns) && cursor.word(word); ++i)
    if (word == kColumns[column].name) positions[column++] = i;
  return column < std::size(kColumns) ? kColumns[column].name : std::string_view{};
}

bool parse_route(std::string_view line, const Positions& positions, Route& route) noexcept {
  Cursor cursor(line);
  std::string_view word;
  route = {};
  std::size_t column = 0;
  for (std::size_t i = 0; column < std::size(kColumns) && cursor.word(word); ++i) {
    if (i != positions[column]) continue;
    if (!kColumns[column].read(word, route)) break;
    ++column;
  }
  return column >= kNeeded;
}

bool address_hex(std::string_view word, Address& address) noexcept {
  if (word.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::uint8_t high = kHexValue[static_cast<unsigned char>(word[2 * i])],
                       low = kHexValue[static_cast<unsigned char>(word[2 * i + 1])];
    if (high == 0xff || low == 0xff) return false;
    address[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

template <class Number>
bool hex(Cursor& cursor, Number& number) noexcept {
  std::uint64_t value = 0;
  if (!cursor.hex(value)) return false;
  number = static_cast<Number>(value);
  return true;
}

/// Opens a file; without one the coverage says why.
Fd open_table(const ProcDir& proc, std::string_view file, Coverage& coverage) {
  Fd fd = proc.open(file, coverage.error);
  coverage.operation = "open";
  coverage.object = proc.path(file);
  return fd;
}

void finish(Coverage& coverage, const LineReader& lines) {
  coverage.truncated = lines.cut();
  coverage.error = lines.error();
  coverage.operation = "read";
}

}  // namespace

bool parse_route6(std::string_view line, Route6& route) noexcept {
  Cursor cursor(line);
  std::string_view destination, source, next_hop;
  unsigned source_length = 0;
  route = {};
  return cursor.word(destination) && address_hex(destination, route.destination) && hex(cursor, route.prefix_length) &&
         cursor.word(source) && hex(cursor, source_length) && cursor.word(next_hop) &&
         address_hex(next_hop, route.next_hop) && hex(cursor, route.metric) && hex(cursor, route.references) &&
         hex(cursor, route.uses) && hex(cursor, route.flags) && cursor.word(route.interface);
}

Coverage read_routes(const ProcDir& proc, RouteHeading& heading, FunctionRef<void(const Route&)> sink) {
  Coverage coverage;
  const Fd fd = open_table(proc, "net/route", coverage);
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  Positions positions{};
  heading = {};
  if (lines.next(line)) {
    heading.present = true;
    heading.missing_column = find_columns(line, positions);
  }
  while (heading.present && heading.missing_column.empty() && lines.next(line)) {
    Route route;
    if (!parse_route(line, positions, route)) {
      ++coverage.malformed;
      continue;
    }
    ++coverage.rows;
    sink(route);
  }
  finish(coverage, lines);
  return coverage;
}

Coverage read_routes6(const ProcDir& proc, FunctionRef<void(const Route6&)> sink) {
  Coverage coverage;
  const Fd fd = open_table(proc, "net/ipv6_route", coverage);
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  Route6 route;
  while (lines.next(line)) {
    if (!parse_route6(line, route)) {
      ++coverage.malformed;
      continue;
    }
    ++coverage.rows;
    sink(route);
  }
  finish(coverage, lines);
  return coverage;
}

}  // namespace duostat
