// A difference between two snapshots of a host: an object that is new or gone, or a property that changed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duostat {

/// What a snapshot consists of.
enum class Subject : std::uint8_t { socket, listener, route, interface, counter, count_ };
inline constexpr std::size_t kSubjects = static_cast<std::size_t>(Subject::count_);
inline constexpr std::string_view kSubjectWords[] = {"socket", "listener", "route", "interface", "counter"};
constexpr std::string_view word_of(Subject subject) { return kSubjectWords[static_cast<std::size_t>(subject)]; }

enum class ChangeKind : std::uint8_t { added, gone, changed };
inline constexpr std::string_view kChangeWords[] = {"new", "gone", "changed"};
constexpr std::string_view word_of(ChangeKind kind) { return kChangeWords[static_cast<std::size_t>(kind)]; }

/// One object that is new or gone, or one property that changed. Texts are raw bytes.
struct Change {
  ChangeKind kind{};
  Subject subject{};
  std::string protocol;         ///< of a socket or listener: Protocol's id
  std::string object;           ///< its name: "127.0.0.1:22 127.0.0.1:40000", "0.0.0.0/0 eth0", "TcpExt ListenDrops"
  std::string_view property{};  ///< changed: "state", "owner", "mtu"
  std::string before, now;      ///< the property, or a description of what is gone or new
  std::optional<std::int64_t> difference;  ///< changed, of a number
  std::string process;                     ///< of a socket or listener: the owner, the latter one if it changed
  std::uint32_t pid = 0;                   ///< 0: none, or not visible
};

}  // namespace duostat
