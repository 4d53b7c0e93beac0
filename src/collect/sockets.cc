// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/sockets.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/error.h"

namespace duostat {
namespace {

/// The protocols that the kernel keeps in one table.
constexpr ProtocolSet kSharedTables[] = {kUnixProtocols, kPacketProtocols, kVsockProtocols};

ProtocolSet table_of(Protocol protocol) {
  for (const ProtocolSet shared : kSharedTables)
    if (shared.has(protocol)) return shared;
  return {protocol};
}

bool selected(const SocketRequest& request, const Socket& socket) {
  if (!request.protocols.has(socket.protocol) || !in_mask(request.states, socket.state)) return false;
  const bool ip = kInetProtocols.has(socket.protocol);
  if (ip && !request.families.has(socket.family)) return false;
  return request.filter == nullptr || matches(*request.filter, socket, request.filter_context);
}

}  // namespace

std::vector<TableAnswer> each_socket(Environment& env, Via via, const SocketRequest& request,
                                     FunctionRef<void(const Socket&)> each) {
  std::vector<TableAnswer> answers;
  ProtocolSet left = request.protocols;
  for (const ProtocolRow& row : kProtocols) {
    if (!left.has(row.protocol)) continue;
    const ProtocolSet table = table_of(row.protocol) & request.protocols;
    left = left - table;
    const Query query{.protocols = table,
                      .families = request.families,
                      .states = request.states,
                      .wanted = request.wanted,
                      .filter = request.filter};
    TableAnswer answered{row.id.substr(0, row.id.find('_')), table, {}};
    answered.answer = collect(env, via, query, [&](std::span<const Socket> batch) {
      for (const Socket& socket : batch)
        if (selected(request, socket)) each(socket);
      return true;
    });
    const Coverage& coverage = answered.answer.coverage;
    answered.missing = rows_missing(answered.answer, env.proc) || (coverage.error == 0 && coverage.incomplete());
    answered.absent = coverage.error != 0 && !answered.missing;
    answers.push_back(std::move(answered));
  }
  return answers;
}

std::string why_missing(const TableAnswer& answer) {
  const Coverage& c = answer.answer.coverage;
  const bool of_file = c.operation == Operation::open || c.operation == Operation::read;
  if (c.error != 0 && of_file && !c.object.empty()) return fmt::format("{}: {}", c.object, error_text(c.error));
  if (c.error != 0) return error_text(c.error);
  if (const std::uint64_t lost = c.malformed + c.truncated; lost != 0) return std::to_string(lost) + " rows lost";
  return "it changed while it was read";
}

}  // namespace duostat
