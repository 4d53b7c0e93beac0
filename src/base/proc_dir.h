// A proc file system as a value: /proc, a captured tree in a test, or the directory in PROC_ROOT.
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

/// Records what would be read instead of reading it (dry run, `duostat explain`).
class ProcDryRun {
 public:
  virtual ~ProcDryRun() = default;
  /// Replaces opening `path`, which `relative` names. Returns the result of ProcDir::open().
  virtual Fd open(std::string_view relative, const std::string& path, int& error) = 0;
  /// Replaces the walk over all processes. `files`: what would be read of each, as "PID/fd PID/stat".
  virtual void walk(std::string_view files) = 0;
};

class ProcDir {
 public:
  using Replacements = std::map<std::string, std::string, std::less<>>;

  /// The running system's /proc.
  ProcDir() = default;
  /// `replaced` maps a relative name ("net/tcp") to the full path to read instead (PROC_NET_TCP and its like). `given`:
  /// the user chose the root, even if it is /proc; then only these files are used.
  explicit ProcDir(std::string root, Replacements replaced = {}, bool given = true)
      : root_(std::move(root)), replaced_(std::move(replaced)), given_(given) {}
  /// The recorded /proc of another system, under its names.
  explicit ProcDir(std::shared_ptr<const ProcImage> image, bool given = false)
      : image_(std::move(image)), given_(given) {}

  /// Returns the same directory in a dry run: nothing is read, and `dry_run`, which must outlive the result, records
  /// what would be.
  ProcDir for_dry_run(ProcDryRun& dry_run) const {
    ProcDir copy = *this;
    copy.dry_run_ = &dry_run;
    return copy;
  }
  /// Returns the same directory as the task "thread-self" or "1234" sees it: net/ and self/ are read from its folder.
  /// After setns(2) in a thread this is necessary, because /proc/net and /proc/self are those of the main thread.
  ProcDir of_task(std::string task) const {
    ProcDir copy = *this;
    copy.task_ = std::move(task);
    return copy;
  }
  /// Null if files are really read. Code that reads anything other than through open() (links, directories) must check
  /// this.
  ProcDryRun* dry_run() const noexcept { return dry_run_; }

  const std::string& root() const noexcept { return root_; }
  bool given() const noexcept { return given_; }
  /// Null if this is a directory. Code that reads anything other than through open() (directories) must check this.
  const ProcImage* image() const noexcept { return image_.get(); }
  /// True if this file is replaced by another.
  bool replaces(std::string_view relative) const;
  const Replacements& replacements() const noexcept { return replaced_; }
  /// The path that open() would open, for messages.
  std::string path(std::string_view relative) const;
  /// Opens for reading (O_CLOEXEC). On failure returns no descriptor, with errno in `error`.
  Fd open(std::string_view relative, int& error) const;
  /// Reads a whole file. On failure returns an empty text, with errno in `error` (0 on success, even if the file is
  /// empty).
  std::string read(std::string_view relative, int& error) const;
  /// True if the file or folder exists; always true in a dry run.
  bool exists(std::string_view relative) const;
  /// Reads a symbolic link ("net:[4026531840]"). On failure returns an empty text, with errno in `error`.
  std::string read_link(std::string_view relative, int& error) const;

 private:
  std::string root_ = "/proc";
  std::string task_;  ///< see of_task(); empty: the task that reads
  Replacements replaced_;
  std::shared_ptr<const ProcImage> image_;
  bool given_ = false;
  ProcDryRun* dry_run_ = nullptr;
};

}  // namespace duostat
