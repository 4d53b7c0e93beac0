// The name of a UNIX socket as text.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "src/model/socket.h"

namespace duostat {

/// As in /proc/net/unix: '@' for each NUL of an abstract name. A path ends at its first NUL, although it may have been
/// bound with more. Raw bytes, in `detail` or in `scratch`; empty if the socket has no name.
inline std::string_view shown_name(const UnixDetail& detail, std::string& scratch) {
  const std::string_view name = detail.name;
  if (detail.name_is_text) return name;
  if (!name.starts_with('\0')) return name.substr(0, name.find('\0'));
  scratch.assign(name);
  std::ranges::replace(scratch, '\0', '@');
  return scratch;
}

}  // namespace duostat
