// A proc file system that was recorded: what a capture holds in place of a directory.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

struct ProcImage {
  struct File {
    int error = 0;          ///< errno with which it could not be read there
    bool link = false;      ///< a symbolic link: `text` is what it says
    bool replaced = false;  ///< somebody had named another file in its place (PROC_NET_TCP and its like)
    std::string text;
  };
  struct Descriptor {
    std::uint32_t fd;
    std::uint64_t inode;  ///< of the socket
  };
  /// A process, or one of its other threads. What it is called is in its files, "PID/stat" and "PID/task/TID/stat".
  struct Task {
    std::uint32_t pid = 0, tid = 0;
    int error = 0;                     ///< errno with which its descriptors could not be listed
    std::uint32_t links_denied = 0;    ///< descriptors that could be listed and not looked at
    std::vector<Descriptor> sockets;   ///< ascending
  };

  std::map<std::string, File, std::less<>> files;  ///< by relative name, "net/tcp"
  std::vector<Task> tasks;                         ///< ascending by pid, then by tid
  int tasks_error = 0;                             ///< errno with which processes could not be listed

  /// Null, and errno in `error`, if it could not be read there or is not of the kind that is asked for.
  const File* find(std::string_view relative, bool link, int& error) const;
};

}  // namespace duostat
