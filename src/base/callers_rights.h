// The rights of the user who called, in a program that has more (set-uid, set-gid, file capabilities).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace duostat {

/// Why something is refused in secure execution.
inline constexpr std::string_view kOnlyShows =
    "refused: the program has rights of its own (set-uid, set-gid or file capabilities) and only shows";

/// True in secure execution (AT_SECURE of getauxval(3)): the program's file gives rights that its caller does not have.
bool secure_execution() noexcept;

/// While it lives, this thread opens files as its caller could: with the real user and group for the file system and without
/// effective capabilities. For files that the user named. Nothing changes unless `secure`.
class CallersRights {
 public:
  /// Throws SystemError if the rights cannot be given up.
  explicit CallersRights(bool secure);
  ~CallersRights();
  CallersRights(const CallersRights&) = delete;
  CallersRights& operator=(const CallersRights&) = delete;

 private:
  void restore() noexcept;

  bool secure_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  std::array<std::uint32_t, 6> capabilities_{};  ///< two of __user_cap_data_struct
};

}  // namespace duostat
