// Shared parts of rules: sockets grouped by owner, listeners by port, and numbers in words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/insight/rule.h"

namespace duostat {

/// The fields of sockets and of processes that describe_owner() reads.
inline constexpr FieldSet kOwnerKeys{Field::inode, Field::uid};
inline constexpr ProcessFields kOwnerFields{ProcessField::user, ProcessField::workload};

/// The process that was found first to hold a socket. If none is visible, `pid` is 0 and the user tells sockets apart.
struct OwnerKey {
  std::uint32_t pid = 0;
  std::optional<std::uint32_t> uid{};  ///< of the sockets; absent with a process, or if the kernel tells none
  bool operator==(const OwnerKey&) const = default;
  // libc++ compares optionals and texts three-way only since LLVM 17.
  bool operator<(const OwnerKey& other) const { return std::tie(pid, uid) < std::tie(other.pid, other.uid); }
};
OwnerKey owner_key(const Socket& socket, const Look& look);
/// Name, user, unit and container of the process, or the user alone. `inode`: of one of its sockets.
FindingOwner describe_owner(const OwnerKey& key, std::uint64_t inode, const Look& look);
/// Unit and container by the names of control groups.
void describe_workload(const Workload& workload, FindingOwner& owner);
/// The user's name, or the number if it has none.
std::string user_text(std::uint32_t uid, const Look& look);

/// One Data for each owner. Data has a member `evidence`.
template <class Data>
class ByOwner {
 public:
  struct Entry {
    std::uint64_t inode = 0;  ///< of its first socket
    Data data{};
  };
  Data& of(const Socket& socket, const Look& look) {
    const auto [at, is_new] = entries_.try_emplace(owner_key(socket, look));
    if (is_new) at->second.inode = socket.inode;
    return at->second.data;
  }
  /// In the order of process ids.
  const std::map<OwnerKey, Entry>& entries() const { return entries_; }
  std::map<OwnerKey, Entry>& entries() { return entries_; }
  bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }
  /// Sockets of all entries without a visible process.
  std::uint64_t hidden() const {
    std::uint64_t sockets = 0;
    for (const auto& [key, entry] : entries_)
      if (key.pid == 0) sockets += entry.data.evidence.count();
    return sockets;
  }

 private:
  std::map<OwnerKey, Entry> entries_;
};

/// A TCP or MPTCP listener, or those of one SO_REUSEPORT group.
struct QueueListener {
  Protocol protocol{};
  Family family{};
  Endpoint local;
  std::uint32_t ifindex = 0;
  std::uint32_t rqueue = 0, backlog = 0;  ///< connections; sums over the group
  std::uint64_t drops = 0;                ///< sum
  std::uint32_t sockets = 1;              ///< of the group
  std::uint32_t full = 0;                 ///< sockets of the group with more connections than their backlog
  std::uint64_t inode = 0;                ///< of a full socket if there is one, else of the first
  OwnerKey owner;                         ///< of the same socket
};

/// The listeners of one look, merged by protocol, address, port and interface.
class ListenerTable {
 public:
  void add(const Socket& socket, const Look& look);
  const std::vector<QueueListener>& all() const { return all_; }
  /// The listener whose connections have this local end: of its address, else of all addresses. nullptr: none.
  const QueueListener* for_local(const Endpoint& local) const;
  /// The same listener of another look; nullptr: none.
  const QueueListener* same(const QueueListener& listener) const;
  bool has_port(std::uint32_t port) const { return by_port_.contains(port); }
  void clear() { all_.clear(), by_port_.clear(); }

 private:
  std::vector<QueueListener> all_;
  std::unordered_multimap<std::uint32_t, std::size_t> by_port_;
};

/// Listeners by inode: the kernel lists one of MPTCP in the table of TCP, too.
class SeenInodes {
 public:
  /// False if it was added before. A socket without an inode is always new.
  bool add(std::uint64_t inode) { return inode == 0 || seen_.insert(inode).second; }

 private:
  std::unordered_set<std::uint64_t> seen_;
};

/// Counts sockets whose kernel sends their memory without the count of drops, which came to it in Linux 4.11.
class WithoutDrops {
 public:
  void see(const Socket& s) { count_ += s.has(Field::skmem) && !s.has(Field::drops); }
  void tell(Findings& findings) const;

 private:
  std::uint64_t count_ = 0;
};

/// tcp_info of a connection, if the backend supplied it. `has()` of the result tells whether the kernel knows a member.
const Grown<TcpInfo>* tcp_info_of(const Socket& socket);
/// A member of tcp_info; nullopt if the backend or this kernel does not supply it.
template <class Number>
std::optional<std::uint64_t> info_of(const Socket& socket, Number TcpInfo::* member) {
  const Grown<TcpInfo>* info = tcp_info_of(socket);
  if (info == nullptr || !info->has(member)) return std::nullopt;
  return info->value.*member;
}

/// 127.0.0.0/8, ::1, and v4-mapped loopback.
bool is_loopback(const Endpoint& end);
/// RFC 1918, RFC 4193 and link-local addresses.
bool is_private(const Endpoint& end);
/// The address with a v4-mapped one as IPv4.
Endpoint plain(const Endpoint& end);

/// "10.0.0.1:80", "[::1]:80", "*:80" for the unspecified address.
std::string endpoint_text(const Endpoint& end);
/// "tcp 10.0.0.1:80".
std::string listener_text(const QueueListener& listener);
/// "850 ms", "12 s", "5 min", "3 h", "2 days": rounded down.
std::string duration_text(std::uint64_t ms);
/// "900 bytes", "12 kB", "3.4 MB".
std::string bytes_text(std::uint64_t bytes);
/// "1 connection", "3 connections".
std::string counted(std::uint64_t count, std::string_view noun);
/// Whether a count or size has reached a threshold.
inline bool reaches(std::uint64_t number, double threshold) { return static_cast<double>(number) >= threshold; }
/// Whether `part` is `percentage` of `whole` or more; true if `whole` is 0.
inline bool share_reaches(std::uint64_t part, std::uint64_t whole, double percentage) {
  constexpr double kAll = 100;
  return static_cast<double>(part) * kAll >= percentage * static_cast<double>(whole);
}
/// Whole percent, rounded down; 100 if `whole` is 0.
std::uint64_t percent(std::uint64_t part, std::uint64_t whole);

}  // namespace duostat
