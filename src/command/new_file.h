// A file that appears under its name only when it is complete.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>

#include "src/base/fd.h"
#include "src/base/function_ref.h"

namespace duostat::command {

/// The mode of a file that only its owner can read.
inline constexpr mode_t kPrivate = 0600;

/// A new file for `path`. It has no name (O_TMPFILE) until take_place(), so nothing is
/// left behind however the program ends. On file systems without O_TMPFILE it has a temporary name in the same
/// directory, which the destructor and the handlers of SIGHUP, SIGINT, SIGQUIT and SIGTERM remove. At most one object
/// may exist at a time.
class NewFile {
 public:
  /// `mode` applies regardless of the umask. Throws SystemError if the file cannot be created.
  explicit NewFile(std::string path, mode_t mode = kPrivate);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int fd() const noexcept { return fd_.get(); }
  /// Gives the file its name, and replaces an existing file atomically. Throws SystemError.
  void take_place();

 private:
  void create_named();
  void link_beside();
  int link_to(const std::string& name) const noexcept;

  std::string path_;
  mode_t mode_;
  std::string temporary_;  ///< name in the directory of `path_`; empty: none
  Fd fd_;
};

/// Calls `write` with a descriptor of the file: a new one, which takes the place of a regular file at `path` when
/// `write` returns, or the file itself if that is a pipe or a device. Throws SystemError.
void write_file(const std::string& path, FunctionRef<void(int fd)> write, mode_t mode = kPrivate);

}  // namespace duostat::command
