// The files of a directory that `duostat capture --every` fills: named by time, so that the newest is the last one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

/// "20260131T120000Z.capture" for a time in nanoseconds since 1970, UTC.
std::string capture_name(std::int64_t wall_ns);
/// True for such a name.
bool is_capture_name(std::string_view name);

/// The captures of a directory, the oldest first: names without the directory. Returns 0 or errno.
int captures_in(const std::string& directory, std::vector<std::string>& names);

/// `path`, or the newest capture in it if it is a directory. Throws SystemError if the directory cannot be read, and
/// FormatError if it has no capture.
std::string newest_capture(const std::string& path);

/// The captures that --from names.
struct Captures {
  std::vector<std::string> files;  ///< at least one
  bool several = false;            ///< they are hosts in one listing, even if there is only one file
};

/// A directory stands for the newest of the captures in it that are named by time, which are one host. If it has other
/// files NAME.capture, or folders with captures, it is a directory of several hosts: these files and, of each folder,
/// what the folder stands for. Throws SystemError if a directory cannot be read, and FormatError if it has no capture.
Captures captures_of(const std::vector<std::string>& from);

}  // namespace duostat
