// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/frontend.h"

#include <fmt/core.h>

#include <new>

#include "src/base/error.h"

namespace duostat {

int run_guarded(const FrontEnd& front_end, Environment& env, std::span<const std::string> args) {
  try {
    return front_end.run(env, args);
  } catch (const UsageError& e) {
    env.err.line(fmt::format("{}: {}", front_end.name, e.what()));
    return e.status() != 0 ? e.status() : front_end.usage_status;
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: {}", front_end.name, e.what()));
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: {}", front_end.name, e.what()));
  } catch (const std::bad_alloc&) {
    env.err.line(fmt::format("{}: out of memory", front_end.name));
  }
  return 1;
}

}  // namespace duostat
