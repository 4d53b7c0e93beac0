// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/report.h"

#include <fmt/core.h>

#include <cerrno>

#include "compat/ss/statuses.h"
#include "src/base/error.h"
#include "src/diag/dump.h"

namespace duostat::ss {
namespace {

/// The source of the rows: a file, or a dump of a table.
std::string source_of(const Answer& answer, ProtocolSet tables, const ProcDir& proc) {
  for (const ProtocolRow& row : kProtocols) {
    if (!tables.has(row.protocol)) continue;
    if (answer.backend != Via::procfs) return fmt::format("{} {}", word_of(answer.backend), row.id);
    return proc.path(fmt::format("net/{}", row.id.substr(0, row.id.find('_'))));
  }
  return std::string(word_of(answer.backend));
}

void report_counts(Environment& env, const Answer& answer, const Asked& asked) {
  const Coverage& c = answer.coverage;
  if (c.interrupted || (answer.fell_back && answer.refused.interrupted))
    env.err.line("Dump was interrupted and may be inconsistent.");
  if (c.malformed == 0 && c.truncated == 0) return;
  const std::string source = source_of(answer, asked.tables, env.proc);
  if (c.malformed != 0)
    // Of a message with a complete fixed part only the malformed attributes are missing.
    env.err.line(fmt::format("ss: {}: {} malformed {}{} left out", source, c.malformed,
                             answer.backend == Via::procfs ? "row" : "part", c.malformed == 1 ? "" : "s"));
  if (c.truncated != 0)
    env.err.line(fmt::format("ss: {}: {} row{} truncated", source, c.truncated, c.truncated == 1 ? "" : "s"));
}

/// The original's message about the fault that made it read the text file.
void report_fault(Environment& env, const Coverage& fault, ProtocolSet tables) {
  const auto say = [&](std::string_view what) { env.err.line(fmt::format("{}: {}", what, error_text(fault.error))); };
  const bool expected = fault.error == ENOENT || fault.error == EOPNOTSUPP;
  if (fault.operation == Operation::diag_open) return say(words_of(OpenError::Step::socket));
  if (fault.operation == Operation::diag_bind) return say(words_of(OpenError::Step::bind));
  if (fault.operation == Operation::diag_receive && fault.error == ENODATA) return env.err.line("EOF on netlink");
  if (fault.operation == Operation::diag_receive)
    return env.err.line(fmt::format("netlink receive error {} ({})", error_text(fault.error), fault.error));
  if (fault.operation == Operation::diag_truncated_error) return env.err.line("ERROR truncated");
  if (expected || !is_kernels_answer(fault.operation)) return;
  if (fault.operation == Operation::diag_done && fault.error == EMSGSIZE)
    return env.err.line("Error: Buffer too small for object.");
  // An error message about an inet table is suppressed; one that ends a dump is not.
  if (fault.operation == Operation::diag_done || !tables.has_any(kInetTables)) say("RTNETLINK answers");
}

/// Whether the file is cut short or ends with bytes that are no message.
bool is_end_of_replay(int error) { return error == ENODATA || error == EBADMSG || error == EMSGSIZE; }

/// "tcp", "unix": the name of the table under /proc/net.
std::string_view table_word(ProtocolSet tables) {
  for (const ProtocolRow& row : kProtocols)
    if (tables.has(row.protocol)) return row.id.substr(0, row.id.find('_'));
  return {};
}

}  // namespace

bool report(Environment& env, const Answer& answer, const Asked& asked) {
  report_counts(env, answer, asked);
  const Coverage& c = answer.coverage;
  const bool missing = rows_missing(answer, env.proc);
  const bool chosen = asked.via != Via::automatic;
  if (!chosen || answer.refused.error != 0) {
    const Coverage& fault = answer.refused.error != 0 ? answer.refused : c;
    if (fault.error != 0 && (answer.fell_back || answer.backend == Via::netlink))
      report_fault(env, fault, asked.tables);
  } else if (c.error != 0 && !asked.request.defaulting) {
    // If no table was selected, tables that the backend lacks are not reported.
    env.err.line(fmt::format("ss: {}: {} {}: {}", word_of(answer.backend), word_of(c.operation), c.object,
                             error_text(c.error)));
  }
  // quirk: both-sources-told
  // quirk: replaced-file-unread
  if (missing && !chosen && c.error != 0 && (answer.fell_back || answer.backend == Via::procfs))
    env.err.line(fmt::format("ss: {}: {} {}: {}", word_of(answer.backend), word_of(c.operation), c.object,
                             error_text(c.error)));
  // quirk: incomplete-told the original stops early without a message.
  // report_fault() has reported these.
  const bool unasked =
      c.rows == 0 && (c.operation == Operation::diag_open || c.operation == Operation::diag_bind);
  if (missing && !unasked && (!chosen || c.rows != 0) && !asked.replaced)
    env.err.line(incomplete_line("ss", table_word(asked.tables), c.rows));
  return !chosen || c.error == 0 || c.rows != 0;
}

void report_replay(Environment& env, const Answer& answer, bool whole_line) {
  const Coverage& c = answer.coverage;
  if (c.error == 0) return;
  if (c.operation == Operation::diag_open) {
    env.err.line(fmt::format("fopen($TCPDIAG_FILE): {}", error_text(c.error)));
  } else if (c.operation == Operation::diag_done) {
    return;  // NLMSG_DONE ends the file, with or without an error
  } else if (c.operation == Operation::diag_dump) {
    env.err.line(fmt::format("TCPDIAG answered: {}", error_text(c.error)));
  } else if (c.operation == Operation::diag_truncated_error) {
    env.err.line("ERROR truncated");
  } else if (c.operation == Operation::diag_receive && !is_end_of_replay(c.error)) {
    env.err.line(fmt::format("Reading header from $TCPDIAG_FILE: {}", error_text(c.error)));
  } else {
    env.err.raw("Unexpected EOF reading $TCPDIAG_FILE");
    if (whole_line) env.err.raw("\n");
  }
}

int report_dump(Environment& env, const Coverage& c, std::string_view file, int rewind_error) {
  const auto incomplete = [&](std::string_view what) {
    env.err.line(fmt::format("ss: -D: {}: incomplete: {}", file == "-" ? "standard output" : file, what));
  };
  if (c.interrupted) env.err.line("Dump was interrupted and may be inconsistent.");
  // quirk: dump-incomplete
  if (c.error != 0) incomplete(fmt::format("{} {}: {}", word_of(c.operation), c.object, error_text(c.error)));
  if (c.truncated != 0) incomplete(fmt::format("{} datagram{} truncated", c.truncated, c.truncated == 1 ? "" : "s"));
  if (rewind_error != 0)
    incomplete(fmt::format("it contains an incomplete answer that could not be removed: {}", error_text(rewind_error)));
  return c.error != 0 || c.truncated != 0 || rewind_error != 0 ? kIncomplete : 0;
}

}  // namespace duostat::ss
