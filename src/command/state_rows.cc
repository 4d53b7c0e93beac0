// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/state_rows.h"

#include <array>
#include <cerrno>

#include "src/collect/facts.h"
#include "src/collect/shown_host.h"
#include "src/query/state_words.h"
#include "src/render/column.h"
#include "src/view/process_holders.h"

namespace duostat::command {
namespace {

/// The word of the column `state` for a socket in this state.
std::string_view word_of_state(ColumnContext& context, const SocketCount& count) {
  Socket socket;
  socket.protocol = count.protocol;
  socket.family = count.family;
  socket.state = count.state;
  if (count.association) {
    socket.remote.port = 1;
    socket.present.add(Field::cookie);
  }
  const Value value = find_column("state").column->value(context, socket);
  return value.is_text() ? value.text() : "unknown";
}

}  // namespace

std::vector<StateCount> state_rows(Environment& env, const SocketCounts& counts) {
  const OwnerIndex no_owners;
  const ProcessHolders holders(env.proc, no_owners, {});
  CgroupPaths cgroups = cgroups_of(env);
  ColumnContext context{env.names, cgroups, holders};
  std::array<std::uint64_t, static_cast<std::size_t>(Protocol::count_)> totals{};
  for (const SocketCount& c : counts.list) totals[static_cast<std::size_t>(c.protocol)] += c.sockets;
  std::vector<StateCount> rows;
  for (const SocketCount& c : counts.list) {
    const auto total = static_cast<double>(totals[static_cast<std::size_t>(c.protocol)]);
    rows.push_back({c.protocol, c.family, word_of_state(context, c), c.sockets,
                    100.0 * static_cast<double>(c.sockets) / total, {}});
  }
  return rows;
}

std::string add_host_numbers(Environment& env, ProtocolSet protocols, std::vector<StateCount>& rows) {
  FactSet wanted;
  for (const HostNumber& row : kHostNumbers)
    if (protocols.has(row.protocol)) wanted.add(row.fact);
  const Facts facts = read_facts(env.proc, wanted);
  std::string missing;
  for (const HostNumber& row : kHostNumbers) {
    if (const auto number = facts.get(row.fact)) rows.push_back({row.protocol, {}, row.word, {}, {}, *number});
    const int error = facts.error(row.fact);
    const bool no_such_file = error == ENOENT && env.proc.exists("net");  // a kernel without this file
    if (error != 0 && !no_such_file && missing.empty()) missing = why_absent(env.proc, facts, row.fact);
  }
  return missing;
}

std::string shown_state(std::string_view word) {
  for (const StateRow& row : kStateRows)
    if (!word.empty() && state_value(row.state) == word) return std::string(row.printed);
  std::string text(word);  // of an SCTP association
  for (char& c : text) c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string shown_protocol(Protocol protocol) {
  std::string text(row_of(protocol).id);
  for (char& c : text) c = c == '_' ? '-' : c;
  return text;
}

std::string shown_table(const StateCount& row) {
  const std::string_view family = row.family == Family::inet ? " IPv4" : row.family == Family::inet6 ? " IPv6" : "";
  return shown_protocol(row.protocol).append(family);
}

}  // namespace duostat::command
