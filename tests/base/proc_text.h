// Text of /proc/net in tests. A kernel prints IPv4 addresses, and each quarter of an IPv6 address, as 32-bit numbers of
// its machine. Tests have the text of a little-endian machine; here it becomes that of the machine they run on.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>
#include <string_view>

namespace duostat::test {

/// Reverses the bytes of each 32-bit number in [begin, end), which are eight digits.
inline void turn_words(std::string& text, std::size_t begin, std::size_t end) {
  for (; begin < end; begin += 8)
    for (std::size_t i = 0; i < 4; i += 2)
      std::swap_ranges(text.begin() + static_cast<std::ptrdiff_t>(begin + i),
                       text.begin() + static_cast<std::ptrdiff_t>(begin + i + 2),
                       text.begin() + static_cast<std::ptrdiff_t>(begin + 6 - i));
}

/// `text` as a kernel of byte order `order` prints the file net/`file`. Addresses are cells of 8 digits in routes and
/// groups; elsewhere 8 or 32 digits before a port. Text that is damaged on purpose stays as it is.
inline std::string proc_text(std::string_view file, std::string_view text, std::endian order = std::endian::native) {
  constexpr std::string_view kDigits = "0123456789ABCDEFabcdef", kBlanks = " \t\n";
  std::string result(text);
  if (order == std::endian::little) return result;
  const bool cells = file == "route" || file == "rt_cache" || file == "igmp";
  const auto digits_from = [&](std::size_t at) {
    return std::min(result.find_first_not_of(kDigits, at), result.size()) - at;
  };
  for (std::size_t at = 0, size = 0; at < result.size(); at += std::max<std::size_t>(size, 1)) {
    size = digits_from(at);
    if (size != 8 && (size != 32 || cells)) continue;
    const std::size_t end = at + size;
    const char next = end < result.size() ? result[end] : '\n';
    if (at != 0 && kBlanks.find(result[at - 1]) == std::string_view::npos) continue;
    if (cells ? kBlanks.find(next) != std::string_view::npos : next == ':' && digits_from(end + 1) == 4)
      turn_words(result, at, end);
  }
  return result;
}

/// True if the file with this path has such addresses: net/tcp, 1/net/route, ...
inline bool has_addresses(std::string_view path) {
  constexpr std::string_view kFiles[] = {"tcp",  "tcp6",  "udp",   "udp6",     "udplite", "udplite6", "raw",
                                         "raw6", "icmp",  "icmp6", "route",    "rt_cache", "igmp"};
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view folder = path.substr(0, slash);
  return (folder == "net" || folder.ends_with("/net")) && std::ranges::count(kFiles, path.substr(slash + 1)) != 0;
}

}  // namespace duostat::test
