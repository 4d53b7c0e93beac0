// Answers a query from a backend, and falls back to the other one if that fails.
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

/// The choice of the option if given, else of DUOSTAT_VIA, else automatic. Throws UsageError that names the word and
/// the three valid ones.
Via choose_via(std::optional<std::string_view> option_value, const Variables& variables);

/// The backends to query, and why.
struct Choice {
  enum class Reason : std::uint8_t {
    demanded,       ///< by --via or DUOSTAT_VIA
    redirected,     ///< PROC_ROOT, or another file in place of the table's
    cheaper,        ///< netlink, which provides every wanted field
    knows_more,     ///< procfs, which provides the wanted fields `missing` that netlink lacks
    alone,          ///< netlink: the view cannot show rows of a text file
    combined,       ///< netlink, with `missing` from the file: reference counts of AF_UNIX (unix_counts.h)
  };
  Reason reason;
  Via first;                  ///< procfs or netlink
  std::optional<Via> second;  ///< queried if the first one fails
  FieldSet missing{};         ///< wanted fields that only procfs provides
};
Choice choose(const ProcDir& proc, Via via, const Query& query);

/// An answer and its source.
struct Answer {
  Coverage coverage;
  Via backend = Via::automatic;  ///< the one that answered last; automatic: none
  bool fell_back = false;      ///< the second backend was queried after the first one
  /// The coverage of the first answer, if it was refused or broke off and another attempt followed. Empty if the first
  /// answer was complete.
  Coverage refused;
  std::optional<Via> second{};  ///< the backend that the caller may fall back to: FallBack::left_to_caller
};

/// Attempts at one dump, the first included.
inline constexpr int kDumpAttempts = 3;

enum class FallBack : std::uint8_t { here, left_to_caller };

/// Answers `query`, which must be about one kernel table (protocols of one family group). The backend by `via`:
/// - automatic: the one that choose() selects; the other one is the fallback.
/// - procfs, netlink, netlink_alone: only that one. If it fails, Answer::coverage has the reason.
///
/// A dump that breaks off (a failed system call, an error after rows, a truncated datagram) is retried over a new
/// netlink socket, up to kDumpAttempts in all; then, with automatic, the other backend is queried. Rows that the sink
/// had are not repeated, except one that cannot be identified. Answer::coverage is that of the last source, with all
/// rows counted. It is incomplete() if no source listed the whole table.
Answer collect(Environment& env, Via via, const Query& query, Sink sink, FallBack fall_back = FallBack::here);

/// True if this kernel has no such table, so no row is missing: the kernel refused a protocol that it does not support,
/// or the file does not exist although net/ does.
bool absent(const Coverage& coverage, const ProcDir& proc);
/// True if the table exists, or may exist, and no source listed all of it.
bool rows_missing(const Answer& answer, const ProcDir& proc);

/// The line on standard error for an incomplete listing: "ss: tcp: incomplete, 31 rows shown".
std::string incomplete_line(std::string_view program, std::string_view table, std::uint64_t rows);

}  // namespace duostat
