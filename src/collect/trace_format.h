// Decodes records of the tracepoint sock:inet_sock_set_state by the kernel's own description of them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/model/state.h"

namespace duostat {

/// A change of a socket's state, as the kernel traces it.
struct StateRecord {
  std::int64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint64_t key = 0;     ///< the socket, as long as it lives: its address in the kernel
  State before = State::unknown, after = State::unknown;
  Family family = Family::unspecified;
  std::uint16_t ip_protocol = 0;
  Endpoint local, remote;
  bool in_softirq = false;   ///< the running task has nothing to do with the socket
  std::uint32_t pid = 0;     ///< the running process, in the PID namespace of the reader; 0: unknown
  std::string comm;          ///< its name; empty: unknown
  std::uint64_t cookie = 0;  ///< 0: unknown
  std::optional<std::uint64_t> netns, sent, received;
};

/// The layout of a record: tracefs' events/sock/inet_sock_set_state/format.
class TraceFormat {
 public:
  static constexpr std::string_view kEvent = "events/sock/inet_sock_set_state";

  /// nullopt if a field is missing that decode() needs; `missing` is its name.
  static std::optional<TraceFormat> parse(std::string_view format, std::string_view& missing);

  /// False if `raw` is too short. Leaves the time, the process, and members that the record lacks unchanged.
  bool decode(Bytes raw, StateRecord& record) const;

 private:
  struct Place {
    std::uint32_t at = 0, size = 0;
  };
  enum Name : std::size_t {
    kType, kFlags, kAddress, kBefore, kAfter, kLocalPort, kRemotePort, kFamily, kProtocol, kLocal, kRemote, kLocal6,
    kRemote6, kNames
  };
  static std::optional<Place> find(std::string_view format, std::string_view field);
  static std::uint64_t number(Bytes raw, Place place);
  /// The event's number.
  std::uint32_t end_ = 0;
  Place places_[kNames];
};

}  // namespace duostat
