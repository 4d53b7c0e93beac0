// The backends as rows of one table, from which they are chosen, created and named.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "src/query/backend.h"

namespace duostat {

struct Environment;  // src/collect/environment.h

/// --via, or the environment variable DUOSTAT_VIA.
enum class Via : std::uint8_t {
  automatic,
  procfs,
  netlink,
  netlink_alone,  ///< automatic, for a table that the view cannot show from a text file; has no word
};

struct BackendRow {
  Via via;
  std::string_view word;  ///< of --via, in messages and in JSON's "backend"
  std::unique_ptr<Backend> (*make)(const Environment& env);
  /// The fields that the backend provides for sockets of `protocol`. All others are absent in every row.
  FieldSet (*knows)(Protocol protocol);
  unsigned cost;    ///< approximate nanoseconds per TCP connection (doc/performance.md); only the order matters
  bool asks_again;  ///< retried after an answer that broke off; a file is not
};

/// The cheapest first.
std::span<const BackendRow> backends();

/// The row of procfs or netlink.
const BackendRow& row_of(Via backend);

/// "auto", "procfs" or "netlink"; nullopt for another word.
std::optional<Via> via_from(std::string_view word);
std::string_view word_of(Via via);

}  // namespace duostat
