// Chooses where the owners of sockets are read from: /proc/PID/fd, or a BPF iterator. Every reader of owners asks here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/collect/environment.h"
#include "src/procfs/owners.h"

namespace duostat {

struct OwnersRow {
  OwnersFrom from;
  std::string_view word;  ///< of --owners and DUOSTAT_OWNERS
};
std::span<const OwnersRow> owners_rows();
std::string_view word_of(OwnersFrom from);

/// The links of /proc/PID/fd that `auto` reads before it asks the iterator: these cost as much as an iterator without
/// records (doc/performance.md).
inline constexpr std::uint32_t kLinksBeforeBpf = 1000;

/// The one of a word; throws UsageError with status 2 that names `where` and the valid words.
OwnersFrom owners_from(std::string_view word, std::string_view where);

/// Sets Environment::owners: the option if given, else DUOSTAT_OWNERS, else what it is. Throws UsageError with status 2
/// for an unknown word, and for the option's word bpf if another source is impossible; `threads`: owners are listed by
/// thread.
void choose_owners(Environment& env, std::optional<std::string_view> option, bool threads = false);

/// The owners of all sockets, from the source that choose_owners() set. If the iterator fails, /proc answers: with bpf
/// after a line on standard error, with automatic silently. In a dry run, reports what would be done.
OwnerIndex read_owners(Environment& env, const OwnerRequest& request);

/// The condition of automatic, in words.
std::string owners_condition();

}  // namespace duostat
