// The proc file system as a value: /proc, a captured tree in a test, or what PROC_ROOT says.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/fd.h"
#include "src/base/proc_image.h"

namespace duostat {

/// Told what would be read, in place of reading it (`duostat explain`).
class ProcDryRun {
 public:
  virtual ~ProcDryRun() = default;
  /// Stands for opening `path`, which `relative` names. Its result is that of ProcDir::open().
  virtual Fd open(std::string_view relative, const std::string& path, int& error) = 0;
  /// Stands for looking at every process. `files`: what would be read of each, as "PID/fd PID/stat".
  virtual void walk(std::string_view files) = 0;
};

class ProcDir {
 public:
  using Replacements = std::map<std::string, std::string, std::less<>>;

  /// The running system's.
  ProcDir() = default;
  /// `replaced` maps a relative name ("net/tcp") to the full path to read in its stead (PROC_NET_TCP and its like).
  /// `given` says that somebody chose the root, even if it is /proc: then nobody but these files is asked.
  explicit ProcDir(std::string root, Replacements replaced = {}, bool given = true)
      : root_(std::move(root)), replaced_(std::move(replaced)), given_(given) {}
  /// What was recorded of another system's /proc, under its names.
  explicit ProcDir(std::shared_ptr<const ProcImage> image, bool given = false) : image_(std::move(image)), given_(given) {}

  /// The same directory, of which nothing is read: `dry_run`, which must outlive the result, is told instead.
  ProcDir for_dry_run(ProcDryRun& dry_run) const {
    ProcDir copy = *this;
    copy.dry_run_ = &dry_run;
    return copy;
  }
  /// Null where files are read. Whoever reads what open() cannot open (links, directories) asks.
  ProcDryRun* dry_run() const noexcept { return dry_run_; }

  const std::string& root() const noexcept { return root_; }
  bool given() const noexcept { return given_; }
  /// Null if this is a directory. Whoever reads what open() cannot open (directories) asks.
  const ProcImage* image() const noexcept { return image_.get(); }
  /// True if somebody named another place for this file.
  bool replaces(std::string_view relative) const;
  const Replacements& replacements() const noexcept { return replaced_; }
  /// The path that open() opens, for messages.
  std::string path(std::string_view relative) const;
  /// Opens for reading (O_CLOEXEC). No descriptor and errno in `error` if that fails.
  Fd open(std::string_view relative, int& error) const;
  /// The whole file, or an empty text and errno in `error` (0 if it was read, even when empty).
  std::string read(std::string_view relative, int& error) const;
  /// True if there is such a file or folder; always true in a recording.
  bool exists(std::string_view relative) const;
  /// What the symbolic link says ("net:[4026531840]"), or an empty text and errno in `error`.
  std::string read_link(std::string_view relative, int& error) const;

 private:
  std::string root_ = "/proc";
  Replacements replaced_;
  std::shared_ptr<const ProcImage> image_;
  bool given_ = false;
  ProcDryRun* dry_run_ = nullptr;
};

}  // namespace duostat
