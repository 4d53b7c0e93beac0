// Trees with processes, and their owners as text.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/procfs/owners.h"
#include "tests/procfs/collected.h"

namespace duostat::test {

/// Owners in the order of each(), as "pid/tid:fd".
inline std::string owners_of(const OwnerIndex& index, std::uint64_t inode) {
  std::string text;
  index.each(inode, [&](const Owner& owner) {
    if (!text.empty()) text += ' ';
    text += std::to_string(owner.pid) + '/' + std::to_string(owner.tid) + ':' + std::to_string(owner.fd);
    return true;
  });
  return text;
}

inline Tree& process(Tree& tree, const std::string& pid, const std::string& stat, const std::string& cmdline) {
  return tree.file(pid + "/stat", stat).file(pid + "/cmdline", cmdline).directory(pid + "/fd");
}

}  // namespace duostat::test
