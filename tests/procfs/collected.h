// Copies of what a backend passed on, for later inspection; and trees of files for it to read.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/procfs/procfs_backend.h"

namespace duostat::test {

/// A socket with its details, including texts.
struct Copy {
  Socket socket;
  InetDetail inet{};
  UnixDetail unix_domain;
  NetlinkDetail netlink;
  std::string text;  ///< the unix name, or the extra text of /proc/net/tcp
};

struct Collected {
  std::vector<Copy> rows;
  std::vector<std::size_t> batches;
  Coverage coverage;
};

inline Copy copy_of(const Socket& socket) {
  Copy copy{.socket = socket};
  if (socket.inet != nullptr) {
    copy.inet = *socket.inet;
    copy.text = socket.inet->tcp_procfs.extra;
  }
  if (socket.unix_domain != nullptr) {
    copy.unix_domain = *socket.unix_domain;
    copy.text = socket.unix_domain->name;
  }
  if (socket.netlink != nullptr) copy.netlink = *socket.netlink;
  return copy;
}

inline Collected collect(const ProcDir& proc, const Query& query) {
  Collected collected;
  collected.coverage = ProcfsBackend(proc).collect(query, [&](std::span<const Socket> sockets) {
    collected.batches.push_back(sockets.size());
    for (const Socket& socket : sockets) collected.rows.push_back(copy_of(socket));
    return true;
  });
  return collected;
}

/// The directory of the test data in the sources.
inline std::string data(const char* name) {
  const char* top = std::getenv("top_srcdir");
  return std::string(top != nullptr ? top : ".").append("/tests/data/procfs/").append(name);
}

/// A temporary directory with generated files.
class Tree {
 public:
  Tree() {
    std::string name = std::filesystem::temp_directory_path() / "duostat-test.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  Tree& file(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
    return *this;
  }
  Tree& directory(const std::string& name) { return std::filesystem::create_directories(root_ / name), *this; }
  Tree& link(const std::string& name, const std::string& target) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::filesystem::create_symlink(target, root_ / name);
    return *this;
  }
  std::string path(const std::string& name = {}) const { return name.empty() ? root_ : root_ / name; }
  ProcDir proc() const { return ProcDir(root_); }

 private:
  std::filesystem::path root_;
};

}  // namespace duostat::test
