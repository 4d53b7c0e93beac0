// /proc/net/if_inet6 (net/ipv6/addrconf.c, if6_seq_show), no heading:
//
//   fe8000000000000000fc00fffe000001 04 40 20 80     eth0
//   address, interface index, prefix length, scope, flags (all hexadecimal), device
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/if_inet6.h"

#include "src/procfs/text_file.h"

namespace duostat {
namespace {

bool read_row(std::string_view line, NamedInet6& row) {
  Cursor cursor(line);
  std::string_view address, name;
  std::uint64_t index = 0, prefix = 0, scope = 0, flags = 0;
  if (!cursor.word(address) || !procfs::read_inet6_word(address, row.address.address)) return false;
  if (!cursor.hex(index) || !cursor.hex(prefix) || !cursor.hex(scope) || !cursor.hex(flags)) return false;
  if (!cursor.word(name) || prefix > 0xff || scope > 0xff) return false;
  row.address.prefix_length = static_cast<std::uint8_t>(prefix);
  row.address.scope = static_cast<std::uint8_t>(scope);
  row.interface = name;
  return true;
}

}  // namespace

Coverage read_inet6_addresses(const ProcDir& proc, std::vector<NamedInet6>& addresses) {
  Coverage coverage;
  procfs::TextFile text(proc, kIfInet6File, coverage);
  text.each_row([&](std::string_view line) {
    NamedInet6 row;
    if (!read_row(line, row)) return false;
    addresses.push_back(std::move(row));
    return true;
  });
  return coverage;
}

}  // namespace duostat
