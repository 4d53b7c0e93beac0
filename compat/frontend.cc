// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/frontend.h"

#include "src/command/guard.h"

namespace duostat {

int run_guarded(const FrontEnd& front_end, Environment& env, std::span<const std::string> args) {
  constexpr int kFailure = 1;
  return command::run_guarded({front_end.name, front_end.usage_status, kFailure}, env,
                              [&] { return front_end.run(env, args); });
}

}  // namespace duostat
