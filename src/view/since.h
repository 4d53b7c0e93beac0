// The sockets of a capture, for --since: the others are new.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat {

/// Sockets are compared as by `duostat diff` (src/insight/changes.h): by protocol and cookie; where one side lacks
/// cookies, by inode; by addresses and name if the capture is of another host, network namespace or boot.
class Since {
 public:
  /// Reads the sockets of `protocols` (empty: all) from the capture. `via`: of the listing. In a dry run, reports the
  /// file and knows no socket. Throws UsageError with status 2 if the capture cannot be read.
  Since(Environment& env, std::string file, ProtocolSet protocols, Via via);

  /// What knows() needs of a socket.
  static constexpr FieldSet needs() { return {Field::inode, Field::cookie, Field::interface, Field::unix_name}; }
  /// Whether the capture has the socket. Call it once for each: of sockets with the same addresses, as many are known
  /// as were recorded.
  bool knows(const Socket& socket);

  struct Problem {
    std::string object, error;
  };
  const std::string& file() const { return file_; }
  /// What the capture lacks: sockets that were there may be shown as new.
  const std::vector<Problem>& problems() const { return problems_; }
  /// False: the capture is of another host, network namespace or boot.
  bool same_boot() const { return same_boot_; }

 private:
  void read(Environment& recorded, ProtocolSet protocols, Via via);
  void keep(const Socket& socket);
  const std::string& key_of(const Socket& socket);

  std::string file_;
  std::vector<Problem> problems_;
  bool same_boot_ = true;
  ProtocolSet with_cookies_;  ///< tables that netlink listed
  std::unordered_set<std::string> cookies_, inodes_;
  std::unordered_map<std::string, std::uint64_t> endpoints_;
  std::string key_, name_;  ///< scratch
};

}  // namespace duostat
