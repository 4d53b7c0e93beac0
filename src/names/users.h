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

/// True if getpwuid_r(3) reads /etc/passwd before any other source, according to the text of nsswitch.conf(5); an empty
/// text means that there is no such file.
bool passwd_file_first(std::string_view nsswitch);

/// The names in the text of passwd(5), by the rules of glibc's "files": if a number occurs twice, the first entry
/// counts.
std::unordered_map<std::uint32_t, std::string> names_in_passwd(std::string_view text);

/// Reads /etc/passwd once, if it is the first source, and calls getpwuid_r(3) for numbers that are not in it. Most runs
/// therefore never load the C library's name service, which takes longer than the rest of a short listing and, in glibc
/// 2.36, crashes if memory for it runs out.
class Users {
 public:
  /// Empty if the number has no name. Throws std::bad_alloc if memory runs out.
  std::string name(std::uint32_t uid);

 private:
  std::optional<std::unordered_map<std::uint32_t, std::string>> listed_;
};

}  // namespace duostat
