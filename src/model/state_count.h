// Counts of sockets by protocol, family and state, and numbers of the whole host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/model/protocol.h"

namespace duostat {

/// Either sockets of the shown network namespace in one state, or one number that the kernel keeps for the whole host.
struct StateCount {
  Protocol protocol{};
  std::optional<Family> family;           ///< absent: a number of the host
  std::string_view state;                 ///< as in the column of sockets; or the host's number: "orphan"
  std::optional<std::uint64_t> sockets;   ///< of the namespace
  std::optional<double> share;            ///< of the protocol's sockets, percent
  std::optional<std::uint64_t> host;      ///< of the host: sockets, or pages of memory
};

/// A number about TCP sockets without a connection, or a process that holds such sockets.
struct ClosedCount {
  std::string figure;                     ///< "alloc"; empty: a process
  std::optional<std::int64_t> value;
  std::string meaning;                    ///< source or formula of the figure
  std::optional<std::uint32_t> pid;
  std::string process;
  std::optional<std::uint64_t> closed, descriptors;  ///< of the process
  std::string workload;                   ///< its unit or container
};

}  // namespace duostat
