// /proc/net/igmp (net/ipv4/igmp.c, igmp_mc_seq_show): one line per device, followed by one per group (a word in host
// order). The name fills at least ten columns.
//
//   Idx	Device    : Count Querier	Group    Users Timer	Reporter
//   1	lo        :     1      V3
//   				010000E0     1 0:00000000		0
//
// /proc/net/igmp6 (net/ipv6/mcast.c, igmp6_mc_seq_show): index, device, group in network order, users, flags, timer.
//
//   4    eth0            ff0200000000000000000001ff000002     1 00000004 0
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/igmp.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "src/model/interface.h"
#include "src/procfs/text_file.h"

namespace duostat {
namespace {

/// "1\tlo        :     1      V3" -> "lo"
bool read_device(std::string_view line, std::string& device) {
  Cursor cursor(line);
  std::uint64_t index = 0;
  if (!cursor.dec(index)) return false;
  cursor.skip_blanks();
  std::string_view name = cursor.rest();
  // The kernel pads short names with blanks up to the colon. Interface names contain neither, except the colon of an
  // alias.
  name = name.substr(0, std::min(name.find_first_of(" \t"), kInterfaceNameMax));
  if (const std::size_t colon = name.rfind(':'); colon != std::string_view::npos && colon + 1 == name.size())
    name = name.substr(0, colon);
  if (name.empty()) return false;
  device = name;
  return true;
}

/// Removes up to `most` hexadecimal digits from the front of `text`, at least one.
std::string_view take_digits(std::string_view& text, std::size_t most) {
  std::size_t length = 0;
  while (length < std::min(text.size(), most) && kHexValue[static_cast<unsigned char>(text[length])] != 0xff) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

/// Reads a count as scanf(3) reads an int: a number that does not fit a long becomes the largest long, and its low half
/// is kept.
bool read_users(std::string_view text, std::uint32_t& users) {
  Cursor cursor(text);
  cursor.skip_blanks();
  const bool negative = cursor.expect('-');
  std::uint64_t value = 0;
  if (!procfs::read_count(cursor, value)) return false;
  const std::uint64_t most = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  value = std::min(value, most);
  users = static_cast<std::uint32_t>(negative ? 0 - value : value);
  return true;
}

/// Fewer than eight digits are a smaller number; further digits are taken as the start of the count, as in the
/// original.
bool read_group(std::string_view line, MulticastGroup& group) {
  Cursor cursor(line);
  cursor.skip_blanks();
  std::string_view rest = cursor.rest();
  const std::string_view digits = take_digits(rest, 8);
  std::uint64_t word = 0;
  if (!Cursor(digits).hex(word) || !read_users(rest, group.users.emplace())) return false;
  const auto address = static_cast<std::uint32_t>(word);
  std::memcpy(group.group.data(), &address, sizeof address);
  return true;
}

bool read_group6(std::string_view line, MulticastGroup& group) {
  Cursor cursor(line);
  std::uint64_t index = 0;
  std::string_view name;
  if (!cursor.dec(index) || !cursor.word(name) || name.size() > kInterfaceNameMax) return false;
  cursor.skip_blanks();
  std::string_view rest = cursor.rest();
  std::string_view digits = take_digits(rest, 64);
  if (digits.empty() || !read_users(rest, group.users.emplace())) return false;
  for (std::size_t i = 0; i < 4 && !digits.empty(); ++i) {
    std::uint64_t word = 0;
    Cursor(take_digits(digits, 8)).hex(word);
    const std::uint32_t part = htonl(static_cast<std::uint32_t>(word));
    std::memcpy(group.group.data() + 4 * i, &part, sizeof part);
  }
  group.family = Family::inet6;
  group.interface = name;
  return true;
}

}  // namespace

Coverage read_multicast_groups(const ProcDir& proc, Family family, std::vector<MulticastGroup>& groups,
                               std::vector<unsigned long>& rejected) {
  Coverage coverage;
  const bool inet = family == Family::inet;
  procfs::TextFile text(proc, inet ? kIgmpFile : kIgmp6File, coverage);
  std::string device;
  text.each_row([&](std::string_view line) {
    // quirk: groups-continuous - each file is parsed by its own rules; the original's second pass parses igmp by those
    // of igmp6
    if (inet && text.number() == 1 && line.find("Device") != std::string_view::npos) return true;
    MulticastGroup group;
    const bool is_group = !inet || line.starts_with('\t');
    const bool understood = !is_group ? read_device(line, device)
                            : inet    ? read_group(line, group)
                                      : read_group6(line, group);
    if (!understood) return rejected.push_back(text.number() - 1), false;
    if (!is_group) return true;
    if (inet) group.interface = device;
    groups.push_back(std::move(group));
    return true;
  });
  return coverage;
}

}  // namespace duostat
