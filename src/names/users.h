// User names by number.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace duostat {

/// True if getpwuid_r(3) looks into /etc/passwd before anything else, going by the text of nsswitch.conf(5); empty: there is none.
bool passwd_file_first(std::string_view nsswitch);

/// The names in the text of passwd(5), by the rules of glibc's "files": of two entries for a number the first counts.
std::unordered_map<std::uint32_t, std::string> names_in_passwd(std::string_view text);

/// /etc/passwd is read once, where it comes first; what it lacks is asked of getpwuid_r(3). Most runs never load the C library's name
/// service, which takes longer than the rest of a short listing and, in glibc 2.36, crashes where there is no memory for it.
class Users {
 public:
  /// Empty if nobody knows. Throws std::bad_alloc if there is too little memory to ask.
  std::string name(std::uint32_t uid);

 private:
  std::optional<std::unordered_map<std::uint32_t, std::string>> listed_;
};

}  // namespace duostat
