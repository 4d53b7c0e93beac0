// Exit statuses of netstat.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace duostat::netstat {

inline constexpr int kFailure = 1;        ///< what was asked for is not all there
inline constexpr int kUnsupported = 1;    ///< a table that was asked for does not exist here
inline constexpr int kUnreadable = 255;   ///< a table exists and cannot be read
inline constexpr int kFormatError = 255;  ///< a table has a form that the original does not know

}  // namespace duostat::netstat
