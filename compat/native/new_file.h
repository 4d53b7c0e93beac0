// A file that takes its place when it is whole.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/fd.h"

namespace duostat::native {

/// A new file for `path`, readable by its owner alone. It has no name (O_TMPFILE) until take_place(), so that nothing is left behind
/// however the program ends. Where the file system cannot do that it has a temporary name beside `path`; then the destructor removes
/// it, and SIGHUP, SIGINT, SIGQUIT and SIGTERM do before they end the program. At most one exists at a time.
class NewFile {
 public:
  /// Throws SystemError if there is no such place.
  explicit NewFile(std::string path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int fd() const noexcept { return fd_.get(); }
  /// Gives the file its name. One that exists is replaced at once: readers see the old or the new. Throws SystemError.
  void take_place();

 private:
  void create_named();
  void link_beside();
  int link_to(const std::string& name) const noexcept;

  std::string path_;
  std::string temporary_;  ///< name beside `path_`; empty: none
  Fd fd_;
};

}  // namespace duostat::native
