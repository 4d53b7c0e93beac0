// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/closed_sockets.h"

#include <fmt/core.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "src/base/directory.h"
#include "src/base/error.h"
#include "src/collect/namespaces.h"
#include "src/collect/sockets.h"
#include "src/procfs/owners.h"
#include "src/procfs/task_text.h"

namespace duostat {
namespace {

std::string protocol_name(const std::string& path, int& error) {
  char name[32];
  const ssize_t size = ::getxattr(path.c_str(), "system.sockprotoname", name, sizeof name);
  error = size < 0 ? errno : 0;
  std::string text(name, size < 0 ? 0 : static_cast<std::size_t>(size));
  text.resize(std::min(text.find('\0'), text.size()));  // the value ends with NUL
  return text;
}

/// struct proto::name: tcp_prot, tcpv6_prot, mptcp_prot, mptcp_v6_prot.
bool is_tcp(std::string_view name) {
  return name == "TCP" || name == "TCPv6" || name == "MPTCP" || name == "MPTCPv6";
}

class ClosedSocketFinder {
 public:
  ClosedSocketFinder(Environment& env, const ClosedSocketRequest& request)
      : env_(env),
        request_(request),
        protocol_of_(request.protocol_of != nullptr ? request.protocol_of : protocol_name) {}

  ClosedSockets find() {
    if (env_.recorded || env_.proc.image() != nullptr)
      return cannot("a capture does not have the protocols of descriptors");
    if (env_.dry_run != nullptr) return cannot("nothing is looked at in a dry run");
    const std::string& root = env_.proc.root();
    std::vector<std::uint32_t> pids;
    if (const int error = numbers_in(root, pids)) return cannot(root + ": " + error_text(error));
    for (const std::uint32_t pid : pids) look(pid);
    if (std::string why = list_sockets(); !why.empty()) return cannot(std::move(why));
    look_again();
    found_.may_hide = !sees_every_process(env_.proc);
    std::ranges::stable_sort(found_.holders, std::ranges::greater{}, &ClosedSocketHolder::closed);
    return std::move(found_);
  }

 private:
  struct Descriptor {
    std::uint32_t fd;
    std::uint64_t inode;
  };
  struct Candidate {
    std::uint32_t pid;
    std::uint64_t descriptors;
    std::vector<Descriptor> sockets;
  };

  static ClosedSockets cannot(std::string why) {
    ClosedSockets none;
    none.cannot = std::move(why);
    return none;
  }

  void failed(int error) {
    if (is_denied(error)) ++found_.denied;
    else if (!is_gone(error)) ++found_.unread;
  }

  static std::string name_of(std::uint32_t pid, std::uint32_t fd) { return fmt::format("{}/fd/{}", pid, fd); }

  void look(std::uint32_t pid) {
    if (const int error = numbers_in(env_.proc.path(std::to_string(pid) + "/fd"), numbers_)) return failed(error);
    if (numbers_.size() > request_.most_descriptors) return void(++found_.not_looked_at);
    Candidate candidate{pid, numbers_.size(), {}};
    for (const std::uint32_t fd : numbers_) {
      int error = 0;
      const std::string name = name_of(pid, fd);
      // Only sockets are asked: the attribute of a file is a question to its file system, which may hang.
      const std::uint64_t inode = socket_inode(env_.proc.read_link(name, error));
      if (is_denied(error) || is_failure(error)) return failed(error);
      if (inode == 0) continue;
      const std::string protocol = protocol_of_(env_.proc.path(name), error);
      if (is_denied(error) || is_failure(error)) return failed(error);
      if (error == 0 && is_tcp(protocol)) candidate.sockets.push_back({fd, inode});
    }
    if (!candidate.sockets.empty()) candidates_.push_back(std::move(candidate));
  }

  /// Lists the sockets of every namespace. Returns why one could not be listed. Namespaces come and go: if one has
  /// ended, all are looked for again.
  std::string list_sockets() {
    constexpr int kAttempts = 4;
    std::string why;
    for (int attempt = 0; attempt < kAttempts; ++attempt)
      if (why = list_each_namespace(); why.empty()) break;
    return why;
  }

  std::string list_each_namespace() {
    const NetworkNamespaces spaces = find_network_namespaces(env_.proc);
    if (spaces.error != 0) return "network namespaces: " + error_text(spaces.error);
    if (spaces.unknown != 0)
      return fmt::format("the network namespaces of {} processes are not visible", spaces.unknown);
    if (spaces.list.empty()) return list(env_);
    for (const NetworkNamespace& space : spaces.list) {
      std::string why;
      const std::string refused = read_in_namespace(env_, space, [&](Environment& inside, bool only_files) {
        why = only_files ? "no permission to enter every network namespace" : list(inside);
      });
      if (!refused.empty()) return refused;
      if (!why.empty()) return why;
    }
    return {};
  }

  std::string list(Environment& env) {
    const SocketRequest request{.protocols = {Protocol::tcp, Protocol::mptcp}, .wanted = {Field::inode}};
    const auto answers = each_socket(env, Via::automatic, request, [&](const Socket& socket) {
      if (socket.has(Field::inode) && socket.inode != 0) listed_.insert(socket.inode);
    });
    for (const TableAnswer& a : answers) {
      if (!a.missing) continue;
      return fmt::format("the list of {} sockets is incomplete: {}", a.name, why_missing(a));
    }
    return {};
  }

  /// A descriptor that had the same socket before and after the dumps was held all the time.
  void look_again() {
    std::unordered_set<std::uint64_t> different;
    for (const Candidate& c : candidates_) {
      std::uint64_t closed = 0;
      int failure = 0, error = 0;
      for (const Descriptor& d : c.sockets) {
        if (listed_.contains(d.inode)) continue;
        const std::uint64_t inode = socket_inode(env_.proc.read_link(name_of(c.pid, d.fd), error));
        if (is_failure(error)) failure = error;
        if (inode != d.inode) continue;
        ++closed;
        different.insert(d.inode);
      }
      if (failure != 0) failed(failure);
      if (closed == 0 || closed < request_.least) continue;
      const std::string stat = env_.proc.read(std::to_string(c.pid) + "/stat", error);
      found_.holders.push_back({c.pid, std::string(comm_of(stat)), closed, c.descriptors});
    }
    found_.sockets = different.size();
  }

  Environment& env_;
  const ClosedSocketRequest& request_;
  std::string (*protocol_of_)(const std::string&, int&);
  std::vector<std::uint32_t> numbers_;
  std::vector<Candidate> candidates_;
  std::unordered_set<std::uint64_t> listed_;
  ClosedSockets found_;
};

}  // namespace

ClosedSockets find_closed_sockets(Environment& env, const ClosedSocketRequest& request) {
  return ClosedSocketFinder(env, request).find();
}

}  // namespace duostat
