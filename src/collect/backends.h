// The backends as rows of one table: chosen, made, named and measured by walking it.
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
  netlink_alone,  ///< automatic, of a table that the view cannot show from a text file; no word chooses it
};

struct BackendRow {
  Via via;
  std::string_view word;  ///< of --via, in messages and in JSON's "backend"
  std::unique_ptr<Backend> (*make)(const Environment& env);
  /// The fields that the backend can tell about sockets of `protocol`. A field that it lacks is absent in every row.
  FieldSet (*knows)(Protocol protocol);
  unsigned cost;    ///< nanoseconds a TCP connection, about (doc/performance.md); only the order matters
  bool asks_again;  ///< a dump that broke off is worth asking for again; a file that broke off is not
};

/// The cheapest first.
std::span<const BackendRow> backends();

/// The row of procfs or netlink.
const BackendRow& row_of(Via backend);

/// "auto", "procfs" or "netlink"; nullopt for another word.
std::optional<Via> via_from(std::string_view word);
std::string_view word_of(Via via);

}  // namespace duostat
