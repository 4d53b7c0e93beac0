// The proc file system as a value: /proc, a captured tree in a test, or what PROC_ROOT says.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "src/base/fd.h"

namespace duostat {

class ProcDir {
 public:
  using Replacements = std::map<std::string, std::string, std::less<>>;

  /// The running system's.
  ProcDir() = default;
  /// `replaced` maps a relative name ("net/tcp") to the full path to read in its stead (PROC_NET_TCP and its like).
  /// `given` says that somebody chose the root, even if it is /proc: then nobody but these files is asked.
  explicit ProcDir(std::string root, Replacements replaced = {}, bool given = true)
      : root_(std::move(root)), replaced_(std::move(replaced)), given_(given) {}

  const std::string& root() const noexcept { return root_; }
  bool given() const noexcept { return given_; }
  /// True if somebody named another place for this file.
  bool replaces(std::string_view relative) const { return replaced_.contains(relative); }
  /// The path that open() opens, for messages.
  std::string path(std::string_view relative) const;
  /// Opens for reading (O_CLOEXEC). No descriptor and errno in `error` if that fails.
  Fd open(std::string_view relative, int& error) const;
  /// The whole file, or an empty text and errno in `error` (0 if it was read, even when empty).
  std::string read(std::string_view relative, int& error) const;
  /// What the symbolic link says ("net:[4026531840]"), or an empty text and errno in `error`.
  std::string read_link(std::string_view relative, int& error) const;

 private:
  std::string root_ = "/proc";
  Replacements replaced_;
  bool given_ = false;
};

}  // namespace duostat
