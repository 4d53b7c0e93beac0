// Prints the output of `duostat events`: the source, one line per event, losses, and a closing line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/collect/environment.h"
#include "src/collect/follow.h"
#include "src/render/json.h"

namespace duostat::command {

class EventOutput {
 public:
  /// `json`: one object per line, else text.
  EventOutput(Environment& env, bool json);

  /// The first line: which source it is, and what it cannot see.
  void source(const EventSourceRow& row, Blinds blind, std::optional<std::int64_t> interval_ns);
  void event(const SocketEvent& event);
  /// What was lost since the last call; `now` is the whole.
  void lost(const Loss& now);
  /// The last line.
  void end(const Loss& lost, std::uint64_t late, const std::string& account);
  std::uint64_t events() const { return events_; }

 private:
  void time(std::int64_t wall_ns);
  void text(const SocketEvent& event);

  Environment& env_;
  std::optional<Json> json_;
  std::uint64_t own_netns_;  ///< is not shown in text
  Loss told_;
  std::uint64_t events_ = 0;
};

}  // namespace duostat::command
