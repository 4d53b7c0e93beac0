// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/report.h"

#include <fmt/core.h>

#include <cerrno>

#include "src/base/error.h"
#include "src/diag/dump.h"

namespace duostat::ss {
namespace {

/// Where rows came from: the file, or the table that was dumped.
std::string source_of(const Answer& answer, ProtocolSet tables, const ProcDir& proc) {
  for (const ProtocolRow& row : kProtocols) {
    if (!tables.has(row.protocol)) continue;
    if (answer.backend != "procfs") return fmt::format("{} {}", answer.backend, row.id);
    return proc.path(fmt::format("net/{}", row.id.substr(0, row.id.find('_'))));
  }
  return std::string(answer.backend);
}

void report_counts(Environment& env, const Answer& answer, const Asked& asked) {
  const Coverage& c = answer.coverage;
  if (c.interrupted || answer.refused.interrupted) env.err.line("Dump was interrupted and may be inconsistent.");
  if (c.malformed == 0 && c.truncated == 0) return;
  const std::string source = source_of(answer, asked.tables, env.proc);
  if (c.malformed != 0)
    // Of a message only the malformed attributes are missing, if its fixed part was whole.
    env.err.line(fmt::format("ss: {}: {} malformed {}{} left out", source, c.malformed,
                             answer.backend == "procfs" ? "row" : "part", c.malformed == 1 ? "" : "s"));
  if (c.truncated != 0)
    env.err.line(fmt::format("ss: {}: {} row{} cut short", source, c.truncated, c.truncated == 1 ? "" : "s"));
}

/// What the original says when netlink refuses and it looks elsewhere.
void report_refusal(Environment& env, const Coverage& refused, ProtocolSet tables) {
  if (refused.operation == kDiagOpen) {
    env.err.line(fmt::format("Cannot open netlink socket: {}", error_text(refused.error)));
  } else if (refused.error != ENOENT && refused.error != EOPNOTSUPP && !tables.has_any(kInetTables)) {
    env.err.line(fmt::format("RTNETLINK answers: {}", error_text(refused.error)));
  }
}

/// Netlink refused, and then the file could not be read either. A table that neither has is not there.
void report_second(Environment& env, const Coverage& c) {
  int error = 0;
  const bool absent = c.error == EOPNOTSUPP || c.error == EPROTONOSUPPORT ||
                      (c.error == ENOENT && (env.proc.image() != nullptr || env.proc.open("net", error)));
  if (absent) return;
  env.err.line(fmt::format("ss: procfs: {} {}: {}", c.operation, c.object, error_text(c.error)));  // quirk: both-sources-told
}

}  // namespace

bool report(Environment& env, const Answer& answer, const Asked& asked) {
  report_counts(env, answer, asked);
  const Coverage& c = answer.coverage;
  if (asked.via == Via::automatic) {
    const Coverage& refused = answer.fell_back ? answer.refused : c;
    if (refused.error != 0 && (answer.fell_back || answer.backend == "netlink")) report_refusal(env, refused, asked.tables);
    if (answer.fell_back && c.error != 0) report_second(env, c);
    return true;
  }
  if (c.error == 0) return true;
  // Without a choice of tables, those that a backend cannot tell are simply not there.
  if (!asked.request.defaulting)
    env.err.line(fmt::format("ss: {}: {} {}: {}", answer.backend, c.operation, c.object, error_text(c.error)));
  return c.rows != 0;
}

void report_replay(Environment& env, const Answer& answer) {
  const Coverage& c = answer.coverage;
  if (c.error == 0) return;
  if (c.operation == kDiagOpen) {
    env.err.line(fmt::format("fopen($TCPDIAG_FILE): {}", error_text(c.error)));
  } else if (c.operation == kDiagDump) {
    env.err.line(fmt::format("TCPDIAG answered: {}", error_text(c.error)));
  } else {
    env.err.raw("Unexpected EOF reading $TCPDIAG_FILE");
  }
}

}  // namespace duostat::ss
