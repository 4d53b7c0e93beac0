// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/task_text.h"

#include <charconv>
#include <system_error>

namespace duostat {

std::string_view comm_of(std::string_view stat) noexcept {
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return stat.substr(open + 1, close - open - 1);
}

std::uint64_t socket_inode(std::string_view link) noexcept {
  constexpr std::string_view kNow = "socket:[", kOnce = "[0000]:";
  const bool now = link.starts_with(kNow);
  if (!now && !link.starts_with(kOnce)) return 0;
  link.remove_prefix(now ? kNow.size() : kOnce.size());
  std::uint64_t inode = 0;
  const auto [end, error] = std::from_chars(link.data(), link.data() + link.size(), inode);
  const std::string_view rest(end, static_cast<std::size_t>(link.data() + link.size() - end));
  return error == std::errc{} && rest == (now ? "]" : "") ? inode : 0;
}

}  // namespace duostat
