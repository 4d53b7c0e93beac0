// A recorded proc file system: what a capture has instead of a directory.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

struct ProcImage {
  struct File {
    int error = 0;          ///< errno of reading it on the recorded host
    bool link = false;      ///< a symbolic link: `text` is its target
    bool replaced = false;  ///< another file was read in its place (PROC_NET_TCP and its like)
    std::string text;
  };
  struct Descriptor {
    std::uint32_t fd;
    std::uint64_t inode;  ///< of the socket
  };
  /// A process, or another of its threads. Its name is in its files, "PID/stat" and "PID/task/TID/stat".
  struct Task {
    std::uint32_t pid = 0, tid = 0;
    int error = 0;                     ///< errno of listing its descriptors
    std::uint32_t links_denied = 0;    ///< descriptors that were listed but could not be read
    std::vector<Descriptor> sockets;   ///< ascending
    std::optional<std::uint32_t> descriptors{};  ///< of every kind; captures of older versions have none
  };

  std::map<std::string, File, std::less<>> files;  ///< by relative name, "net/tcp"
  std::vector<Task> tasks;                         ///< ascending by pid, then by tid
  int tasks_error = 0;                             ///< errno of listing the processes

  /// Returns null, with errno in `error`, if the file could not be read on the recorded host or is of the other kind.
  const File* find(std::string_view relative, bool link, int& error) const;
};

}  // namespace duostat
