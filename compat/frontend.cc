// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/frontend.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "src/base/error.h"

namespace duostat {
namespace {

/// Says that there is no memory, without any.
void say_out_of_memory(const FrontEnd& front_end, Environment& env) noexcept {
  constexpr std::string_view kWords = ": out of memory", kCut = ", the output is incomplete";
  char line[128];
  char* end = std::ranges::copy(front_end.name, line).out;
  end = std::ranges::copy(kWords, end).out;
  if (env.out.begun()) end = std::ranges::copy(kCut, end).out;
  env.err.line({line, static_cast<std::size_t>(end - line)});
}

}  // namespace

int run_guarded(const FrontEnd& front_end, Environment& env, std::span<const std::string> args) {
  try {
    return front_end.run(env, args);
  } catch (const UsageError& e) {
    env.err.lines(fmt::format("{}: {}", front_end.name, e.what()));
    return e.status() != 0 ? e.status() : front_end.usage_status;
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: {}", front_end.name, e.what()));
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: {}", front_end.name, e.what()));
  } catch (const std::bad_alloc&) {
    say_out_of_memory(front_end, env);
  }
  return kOutOfMemory;
}

}  // namespace duostat
