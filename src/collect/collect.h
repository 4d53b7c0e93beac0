// Query -> backend, or the other one where that cannot answer -> sockets. The one place where falling back happens.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/collect/backends.h"
#include "src/collect/environment.h"

namespace duostat {

/// The choice made by the option's value if it was given, else by DUOSTAT_VIA, else automatic.
/// Throws UsageError naming the word and the three that exist.
Via choose_via(std::optional<std::string_view> option_value, const Variables& variables);

/// Who will be asked, and why.
struct Choice {
  enum class Reason : std::uint8_t {
    demanded,       ///< by --via or DUOSTAT_VIA
    redirected,     ///< PROC_ROOT, or another file in place of the table's
    cheaper,        ///< netlink, and nothing is wanted that it does not know
    knows_more,     ///< procfs knows `missing`, which is wanted and which netlink does not know
    alone,          ///< netlink: the view cannot show a text file's rows
    combined,       ///< netlink, and `missing` from the file: reference counts of AF_UNIX (src/collect/unix_counts.h)
  };
  Reason reason;
  Via first;                  ///< procfs or netlink
  std::optional<Via> second;  ///< asked if the first one refuses
  FieldSet missing{};         ///< wanted, unknown to netlink, known to procfs
};
Choice choose(const ProcDir& proc, Via via, const Query& query);

/// Who answered.
struct Answer {
  Coverage coverage;
  Via backend = Via::automatic;  ///< procfs or netlink: who answered last; automatic: nobody did
  bool fell_back = false;      ///< the other backend was asked after the first one
  /// What the first source said where that was not the whole answer: it refused, or it broke off and was asked again. Everything is empty
  /// if the first answer was whole.
  Coverage refused;
  std::optional<Via> second{};  ///< who was not asked although the first one refused: FallBack::left_to_caller
};

/// How often a dump is asked for.
inline constexpr int kDumpAttempts = 3;

enum class FallBack : std::uint8_t { here, left_to_caller };

/// Answers `query` (of one kernel table: protocols of one family group) from the chosen backend.
/// automatic: netlink, unless the table's file is replaced in `env.proc` or env.proc is not /proc, or netlink does not know
/// a field that is wanted and procfs does; if netlink refuses, procfs. AF_UNIX sockets with their reference counts come from
/// both together.
/// procfs, netlink, netlink_alone: that one alone; Answer::coverage says why it could not.
/// A dump that breaks off (a failed system call, an error after rows, a datagram that was cut) is asked for again over a new netlink
/// socket, kDumpAttempts times in all; then, with automatic, the other backend is asked. Rows that the sink had are not repeated; in doubt one
/// is. Answer::coverage is that of the last source, with all rows counted; it is incomplete() if no source gave the whole table.
Answer collect(Environment& env, Via via, const Query& query, Sink sink, FallBack fall_back = FallBack::here);

/// True if a source says that this kernel has no such table, so that no row is missing: the kernel refused a protocol that it does not know,
/// or its file does not exist although net/ does.
bool absent(const Coverage& coverage, const ProcDir& proc);
/// True if the table exists, or may exist, and no source listed the whole of it.
bool rows_missing(const Answer& answer, const ProcDir& proc);

/// "ss: tcp: incomplete, 31 rows shown": the line on standard error for a listing whose Coverage is incomplete().
std::string incomplete_line(std::string_view program, std::string_view table, std::uint64_t rows);

}  // namespace duostat
