// Sockets that are shown without an owner, and why: one line for a person at a terminal.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/owners.h"

namespace duostat {

class Ownerless {
 public:
  /// Counts the socket if `owners` has none for it.
  void count(const Socket& socket, const OwnerIndex& owners);

  /// Sockets that a process may hold which could not be looked at.
  std::uint64_t hidden(const OwnerCoverage& coverage) const { return is_hiding(coverage) ? unexplained_ : 0; }
  /// "ss: 6 sockets without a visible owner: 4 in TIME-WAIT; 2 wait for accept() at 127.0.0.1:8080"; empty if every
  /// socket has an owner. `root`: the caller is.
  std::string line(std::string_view program, const OwnerCoverage& coverage, bool root) const;

 private:
  static bool is_hiding(const OwnerCoverage& coverage) { return coverage.incomplete() || coverage.may_hide; }
  std::string accept_text() const;

  std::uint64_t total_ = 0;
  std::uint64_t time_wait_ = 0, half_open_ = 0, orphans_ = 0, kernel_ = 0, unexplained_ = 0;
  std::map<std::string, std::uint64_t> waiting_;  ///< for accept(), by the listener's address
  std::string scratch_;
};

}  // namespace duostat
