// The answers to measure: the work of each phase of each backend, from the first system call to the last.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/bench/result.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat::bench {

/// What the work reports; the process around it measures the rest.
struct WorkReport {
  std::optional<std::uint64_t> sockets;  ///< absent if they were not counted
  std::int64_t first_at = 0;   ///< time at which the first socket was passed on; 0: never
  std::uint64_t received = 0;  ///< bytes received over netlink; the kernel counts bytes from files
  std::string problem;         ///< empty, or why the answer is incomplete
};
using Work = std::function<WorkReport()>;

/// A word of --query and its kernel tables. Only tables that both backends list.
struct TableWord {
  std::string_view word;
  std::string_view tables;  ///< its meaning: words of ss's -A, separated by commas
};
inline constexpr TableWord kTableWords[] = {
    {"tcp", "tcp"},       {"udp", "udp"},         {"raw", "raw"},
    {"unix", "unix"},     {"packet", "packet"},   {"netlink", "netlink"},
    {"inet", "tcp,udp,raw"}, {"all", "tcp,udp,raw,unix,packet,netlink"},
};

/// The plain table words in a list such as "inet,unix", each once, in the order of the table above. Throws UsageError
/// for an unknown word, naming it and the valid words.
std::vector<std::string_view> tables_of(std::string_view list);

/// The queries for the kernel, one for each table.
std::vector<Query> queries_for(const Options& options);

/// Prints what `options` requests from one backend, as ss does, into an environment whose output is discarded.
using Render = std::function<void(Environment& env, Via backend)>;

/// Makes the work of a phase. Records what the netlink backend sends once, here; the lower phases of that backend send
/// it again.
class Workshop {
 public:
  /// `env` and `render` must outlive the works. `render` is needed only for Phase::render.
  Workshop(Environment& env, const Options& options, Render render);

  /// The phases that the options request, in ascending order.
  std::vector<Phase> phases() const;
  Work work(Via backend, Phase phase) const;
  /// The steps of a source of owners.
  static std::vector<OwnerStep> steps(OwnersFrom source);
  Work work(OwnersFrom source, OwnerStep step) const;

 private:
  /// The requests of one table, which share one transport.
  struct Recorded {
    std::vector<std::vector<std::byte>> requests;
    std::size_t buffer = 0;  ///< size of the backend's receive buffer in bytes
  };
  void record();
  WorkReport raw_netlink(bool walk) const;
  WorkReport raw_procfs(bool lines) const;
  WorkReport sockets(Via backend, bool owners) const;
  WorkReport rendered(Via backend) const;
  WorkReport owners(OwnersFrom source, OwnerStep step) const;

  Environment& env_;
  const Options& options_;
  Render render_;
  std::vector<Query> queries_;
  std::vector<Recorded> recorded_;
};

}  // namespace duostat::bench
