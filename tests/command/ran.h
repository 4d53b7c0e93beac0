// Runs a command in a made-up world.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>

#include "src/command/command.h"
#include "tests/collect/fake_world.h"

namespace duostat::command {

struct Ran {
  int status;
  std::string out, err;
};

/// `sink`: the output of `world`.
inline Ran run_in(FakeWorld& world, const StringSink& sink, const Command& command,
                  std::span<const std::string> words) {
  const int status = command.run(command, world.env, words);
  world.out.flush();
  return {status, sink.text, world.errors.text};
}

}  // namespace duostat::command
