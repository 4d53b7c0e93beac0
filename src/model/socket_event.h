// What happened to a socket: it appeared, changed its state, or is gone.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/model/state.h"

namespace duostat {

enum class EventKind : std::uint8_t { appeared, changed, gone, count_ };
inline constexpr std::string_view kEventWords[] = {"new", "state", "gone"};
constexpr std::string_view word_of(EventKind kind) { return kEventWords[static_cast<std::size_t>(kind)]; }

/// A value of its own: it points nowhere.
struct SocketEvent {
  static constexpr std::uint64_t kUnknownNamespace = 0;

  EventKind kind{};
  std::int64_t time_ns = 0;  ///< CLOCK_MONOTONIC: of the event, or of the look that found it
  std::int64_t wall_ns = 0;  ///< CLOCK_REALTIME of the same moment; set by the view
  Protocol protocol{};
  Family family{};
  State state = State::unknown;     ///< afterwards; unknown: the source does not tell, or the socket is gone
  State previous = State::unknown;  ///< before; unknown: the source does not tell, or there was no socket
  Endpoint local, remote;
  std::uint32_t ifindex = 0;
  std::uint64_t inode = 0;   ///< 0: none, or unknown
  std::uint64_t cookie = 0;  ///< 0: unknown
  std::optional<std::uint32_t> uid;
  std::string name;          ///< of a UNIX socket; raw bytes
  /// Inode of its network namespace; kUnknownNamespace: another one than the command's. nullopt: the source does not
  /// tell.
  std::optional<std::uint64_t> netns;
  std::optional<std::int64_t> lasted_ns;        ///< gone: since it appeared, if that was seen
  std::optional<std::uint64_t> sent, received;  ///< gone: bytes that the peer acknowledged, bytes received
  std::uint32_t pid = 0;                        ///< of an owner; 0: none, or unknown
  std::string process;       ///< its name; raw bytes
};

}  // namespace duostat
