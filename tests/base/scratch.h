// A temporary directory that is removed after the test, and files in it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/base/proc_text.h"

namespace duostat::test {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "duostat-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path() const { return path_.string(); }
  /// Writes a file, with the directories above it, and returns its path. The addresses in files of /proc/net are given
  /// as a little-endian machine prints them; see proc_text().
  std::string write(std::string_view relative, std::string_view text) const {
    const auto path = path_ / relative;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    if (has_addresses(relative)) file << proc_text(path.filename().string(), text);
    else file << text;
    return path.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace duostat::test
