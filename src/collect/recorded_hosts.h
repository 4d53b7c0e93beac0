// Several recorded hosts: the captures that --from names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/collect/host.h"
#include "src/collect/recording.h"

namespace duostat {

struct RecordedHosts {
  struct One {
    std::string file;
    std::string label;  ///< the hostname; with the name of the file if two captures have the same
    Origin origin;
    std::shared_ptr<const Recording> recording{};  ///< null: read when it is shown
  };
  struct Problem {
    std::string file, error;
  };
  std::vector<One> list;          ///< in the order of the command line, in a directory by name
  std::vector<Problem> problems;  ///< captures of which not even the first record could be read

  /// When the first and the last of them were recorded, each by its own clock.
  std::int64_t first_ns() const;
  std::int64_t last_ns() const;
};

/// Reads the first record of each capture, and the whole of one that is not a regular file (a pipe, standard input).
/// Does not throw for a file that cannot be read.
RecordedHosts recorded_hosts(const std::vector<std::string>& files);

/// The message of an error without the name of the file that it begins with.
std::string without_name(std::string_view message, std::string_view file);

/// "3 hosts, recorded 2026-01-31T12:00:00Z to 2026-01-31T12:04:10Z, 250.2 s apart by their own clocks"
std::string times_text(const RecordedHosts& hosts);

}  // namespace duostat
