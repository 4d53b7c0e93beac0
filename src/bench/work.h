// The answers that are measured: what each phase of each backend does, from the first system call to the last.
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

/// What a piece of work says of itself; the process around it knows the rest.
struct Told {
  std::optional<std::uint64_t> sockets;  ///< absent if nothing counted them
  std::int64_t first_at = 0;   ///< clock when the first socket was handed out; 0: none was
  std::uint64_t received = 0;  ///< bytes that came by netlink; what came from files the kernel counts itself
  std::string problem;         ///< empty, or why the answer is not whole
};
using Work = std::function<Told()>;

/// A word of --query and the kernel tables behind it. Only tables that both backends list.
struct TableWord {
  std::string_view word;
  std::string_view tables;  ///< what it stands for: words of ss's -A, comma separated
};
inline constexpr TableWord kTableWords[] = {
    {"tcp", "tcp"},       {"udp", "udp"},         {"raw", "raw"},
    {"unix", "unix"},     {"packet", "packet"},   {"netlink", "netlink"},
    {"inet", "tcp,udp,raw"}, {"all", "tcp,udp,raw,unix,packet,netlink"},
};

/// The plain table words that a list such as "inet,unix" names, each once, in the order of the table above. Throws UsageError
/// naming a word that is none, and the words that exist.
std::vector<std::string_view> tables_of(std::string_view list);

/// The kernel's own view of what is asked: one query for each table.
std::vector<Query> queries_for(const Options& options);

/// Prints what `options` asks for from one backend, as ss does, into an environment whose output is thrown away.
using Render = std::function<void(Environment& env, Via backend)>;

/// Makes the work of a phase. What the netlink backend sends is recorded once, here, and sent again by its lower phases.
class Workshop {
 public:
  /// `env` and `render` must outlive the works. `render` is needed only for Phase::render.
  Workshop(Environment& env, const Options& options, Render render);

  /// The phases that the options ask for, in ascending order.
  std::vector<Phase> phases() const;
  Work work(Via backend, Phase phase) const;

 private:
  /// The requests of one table: they go through one transport.
  struct Recorded {
    std::vector<std::vector<std::byte>> requests;
    std::size_t buffer = 0;  ///< bytes that the backend receives into
  };
  void record();
  Told raw_netlink(bool walk) const;
  Told raw_procfs(bool lines) const;
  Told sockets(Via backend, bool owners) const;
  Told rendered(Via backend) const;

  Environment& env_;
  const Options& options_;
  Render render_;
  std::vector<Query> queries_;
  std::vector<Recorded> recorded_;
};

}  // namespace duostat::bench
