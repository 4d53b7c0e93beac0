// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/state_counts.h"

#include <array>
#include <iterator>

#include "src/model/subflows.h"

namespace duostat {
namespace {

constexpr std::size_t kStates = 32;

}  // namespace

SocketCounts count_sockets(Environment& env, Via via, ProtocolSet protocols, FamilySet families, FieldSet more,
                           FunctionRef<void(const Socket&)> each) {
  SocketCounts counts;
  struct Cell {
    Family family{};
    std::array<std::array<std::uint64_t, kStates>, 2> sockets{};  ///< by association
  };
  // By protocol, then IPv4 and others, IPv6.
  std::vector<std::array<Cell, 2>> cells(static_cast<std::size_t>(Protocol::count_));
  Subflows subflows;
  const auto count = [&](const Socket& s) {
    if (s.protocol == Protocol::mptcp) subflows.add(s);
    else if (subflows.has(s)) return void(++counts.subflows);
    const bool association = s.protocol == Protocol::sctp && s.remote.port != 0 && s.has(Field::cookie);
    const auto number = static_cast<std::size_t>(s.state);
    const std::size_t state = number < kStates ? number : static_cast<std::size_t>(State::unknown);
    Cell& cell = cells[static_cast<std::size_t>(s.protocol)][s.family == Family::inet6 ? 1 : 0];
    cell.family = s.family;
    ++cell.sockets[association ? 1 : 0][state];
    each(s);
  };
  constexpr ProtocolSet kMptcp{Protocol::mptcp};
  for (const ProtocolSet part : {protocols & kMptcp, protocols - kMptcp}) {  // TCP after MPTCP
    const SocketRequest request{part, families, kAllStates, more | FieldSet{Field::inode, Field::cookie}};
    auto answers = each_socket(env, via, request, count);
    counts.answers.insert(counts.answers.end(), std::make_move_iterator(answers.begin()),
                          std::make_move_iterator(answers.end()));
  }
  for (const ProtocolRow& row : kProtocols)
    for (const bool six : {false, true})
      for (const bool association : {false, true})
        for (std::size_t state = 0; state < kStates; ++state) {
          const Cell& cell = cells[static_cast<std::size_t>(row.protocol)][six];
          const std::uint64_t n = cell.sockets[association][state];
          if (n != 0) counts.list.push_back({row.protocol, cell.family, static_cast<State>(state), association, n});
        }
  return counts;
}

SocketCounts count_sockets(Environment& env, Via via, ProtocolSet protocols, FamilySet families) {
  return count_sockets(env, via, protocols, families, {}, [](const Socket&) {});
}

}  // namespace duostat
