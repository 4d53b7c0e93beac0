// /proc/net/igmp (igmp_mc_seq_show()): an interface, then its groups behind tabs, as words in the host's byte order:
//
//   Idx	Device    : Count Querier	Group    Users Timer	Reporter
//   1	lo        :     1      V3
//   				010000E0     1 0:00000000		0
//
// /proc/net/igmp6 (igmp6_mc_seq_show()), without column names:
//
//   1    lo              ff020000000000000000000000000001     1 0000000C 0
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/igmp.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

constexpr std::size_t kDeviceWidth = 15;

/// "1<TAB>lo        :     1      V3": the name ends at its last colon.
bool parse_device(std::string_view line, std::string& device) {
  const auto tab = line.find('\t');
  if (tab == std::string_view::npos || tab == 0) return false;
  std::string_view name = line.substr(tab + 1, kDeviceWidth);
  name = name.substr(0, name.rfind(':'));
  name = name.substr(0, name.find_last_not_of(" \t") + 1);
  device = name;
  return !name.empty();
}

bool parse_group(std::string_view line, GroupMembership& row) noexcept {
  Cursor cursor(line);
  std::uint64_t group, users;
  if (!cursor.hex(group) || !cursor.dec(users)) return false;
  const auto word = static_cast<std::uint32_t>(group);
  row.group = {};
  std::memcpy(row.group.data(), &word, sizeof word);
  row.users = static_cast<std::uint32_t>(users);
  return true;
}

bool parse_group6(std::string_view line, GroupMembership& row) noexcept {
  Cursor cursor(line);
  std::string_view group;
  std::uint64_t index, users;
  if (!cursor.dec(index) || !cursor.word(row.device) || !cursor.word(group) || !cursor.dec(users) ||
      group.size() != 2 * row.group.size())
    return false;
  unsigned bad = 0;
  for (std::size_t i = 0; i < row.group.size(); ++i) {
    const unsigned high = kHexValue[static_cast<unsigned char>(group[2 * i])],
                   low = kHexValue[static_cast<unsigned char>(group[2 * i + 1])];
    bad |= high | low;
    row.group[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  row.device = row.device.substr(0, kDeviceWidth);
  row.users = static_cast<std::uint32_t>(users);
  return bad < 0x10;
}

}  // namespace

Coverage read_groups(const ProcDir& proc, Family family, FunctionRef<void(const GroupMembership&)> sink,
                     FunctionRef<void(unsigned long)> bad) {
  const std::string_view file = family == Family::inet ? "net/igmp" : "net/igmp6";
  Coverage coverage;
  const Fd fd = proc.open(file, coverage.error);
  coverage.object = proc.path(file);
  coverage.operation = "open";
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  std::string device;
  while (lines.next(line)) {
    GroupMembership row;
    bool good;
    if (family != Family::inet) {
      good = parse_group6(line, row);
    } else if (!line.starts_with('\t')) {
      if (line.find("Device") != std::string_view::npos) continue;
      if (parse_device(line, device)) continue;
      good = false;
    } else {
      good = parse_group(line, row);
      row.device = device;
    }
    if (good) {
      ++coverage.rows;
      sink(row);
    } else {
      ++coverage.malformed;
      bad(lines.number() - 1);
    }
  }
  coverage.truncated = lines.cut();
  coverage.error = lines.error();
  coverage.operation = "read";
  return coverage;
}

}  // namespace duostat
