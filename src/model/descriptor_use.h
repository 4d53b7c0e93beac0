// The number of descriptors of a process, and its limit.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace duostat {

/// RLIMIT_NOFILE. nullopt: unlimited, or not in the file.
struct DescriptorLimits {
  std::optional<std::uint64_t> soft, hard;
};

struct DescriptorUse {
  std::uint32_t pid = 0;
  std::string comm;          ///< raw bytes
  std::uint64_t open = 0;    ///< descriptors of every kind
  DescriptorLimits limits;
};

/// The processes that were asked for, and what could not be counted.
struct DescriptorUses {
  std::vector<DescriptorUse> uses;
  int error = 0;             ///< errno of listing the processes
  std::uint64_t processes = 0;
  std::uint64_t denied = 0;  ///< processes whose descriptors this user may not count: before Linux 6.2
  std::uint64_t unread = 0;  ///< processes not counted, or without limits, for another reason
  int unread_error = 0;      ///< errno of one of them

  bool incomplete() const noexcept { return error != 0 || denied != 0 || unread != 0; }
};

}  // namespace duostat
