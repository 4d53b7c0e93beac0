// Drops the rights that the program has beyond its caller's (set-uid, set-gid, file capabilities).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace duostat {

/// The reason given for every refusal in secure execution.
inline constexpr std::string_view kOnlyShows =
    "refused: with rights of its own (set-uid, set-gid or file capabilities) the program only lists";

/// True in secure execution (AT_SECURE of getauxval(3)): the program file grants rights that its caller lacks.
bool secure_execution() noexcept;

/// For opening files that the user named. During its lifetime this thread opens files as the caller could: with the
/// real user and group for file-system access and without effective capabilities. Does nothing unless `secure`.
class CallersRights {
 public:
  /// Throws SystemError if the rights cannot be dropped.
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
