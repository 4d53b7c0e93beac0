// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/netlink_protocols.h"

#include <fcntl.h>

#include <cerrno>

#include "src/base/cursor.h"
#include "src/base/fd.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

struct Row {
  std::uint32_t number;
  std::string_view name;
};
constexpr Row kBuiltIn[] = {
    {0, "rtnl"},      {1, "unused"},     {2, "usersock"}, {3, "fw"},         {4, "tcpdiag"},    {5, "nflog"},
    {6, "xfrm"},      {7, "selinux"},    {8, "iscsi"},    {9, "audit"},      {10, "fiblookup"}, {11, "connector"},
    {12, "nft"},      {13, "ip6fw"},     {14, "dec-rt"},  {15, "uevent"},    {16, "genl"},      {18, "scsi-trans"},
    {19, "ecryptfs"}, {20, "rdma"},      {21, "crypto"},
};
constexpr const char* kFiles[] = {"/etc/iproute2/nl_protos", "/usr/share/iproute2/nl_protos"};
constexpr std::uint64_t kNumberMax = 255;  // MAX_LINKS is 32; the file format allows a byte

bool parse_row(std::string_view line, std::uint32_t& number, std::string_view& name) {
  Cursor cursor(line);
  cursor.skip_blanks();
  std::uint64_t value = 0;
  const bool hex = cursor.rest().starts_with("0x");
  if (hex) cursor = Cursor(cursor.rest().substr(2));
  if (!(hex ? cursor.hex(value) : cursor.dec(value)) || value > kNumberMax) return false;
  if (!cursor.word(name) || name.starts_with('#')) return false;
  number = static_cast<std::uint32_t>(value);
  return true;
}

}  // namespace

NetlinkProtocols::NetlinkProtocols() {
  for (const Row& row : kBuiltIn) names_.emplace(row.number, row.name);
}

NetlinkProtocols::NetlinkProtocols(std::string_view nl_protos) : NetlinkProtocols() {
  while (!nl_protos.empty()) {
    const auto end = nl_protos.find('\n');
    std::uint32_t number;
    std::string_view name;
    if (parse_row(nl_protos.substr(0, end), number, name)) names_[number] = name;
    nl_protos.remove_prefix(end == std::string_view::npos ? nl_protos.size() : end + 1);
  }
}

NetlinkProtocols NetlinkProtocols::of_system() {
  for (const char* file : kFiles) {
    const Fd fd(::open(file, O_RDONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) continue;
    if (!fd) break;
    std::string text;
    std::string_view line;
    for (LineReader lines(fd.get()); lines.next(line);) text.append(line).append("\n");
    return NetlinkProtocols(text);
  }
  return {};
}

std::string_view NetlinkProtocols::name(std::uint32_t number) const {
  const auto row = names_.find(number);
  return row == names_.end() ? std::string_view{} : row->second;
}

std::optional<std::uint32_t> NetlinkProtocols::number(std::string_view name) const {
  for (const auto& [number, known] : names_)
    if (known == name) return number;
  return std::nullopt;
}

}  // namespace duostat
