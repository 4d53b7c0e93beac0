// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/guard.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "src/base/error.h"

namespace duostat::command {
namespace {

/// Prints the message without allocating.
void say_out_of_memory(std::string_view prefix, Environment& env) noexcept {
  constexpr std::string_view kWords = ": out of memory", kCut = ", the output is incomplete";
  char line[128];
  char* end = std::ranges::copy(prefix.substr(0, sizeof line - kWords.size() - kCut.size()), line).out;
  end = std::ranges::copy(kWords, end).out;
  if (env.out.begun()) end = std::ranges::copy(kCut, end).out;
  env.err.line({line, static_cast<std::size_t>(end - line)});
}

}  // namespace

int run_guarded(const Guard& guard, Environment& env, FunctionRef<int()> run) {
  try {
    return run();
  } catch (const UsageError& e) {
    env.err.lines(fmt::format("{}: {}", guard.prefix, e.what()));
    return e.status() != 0 && !guard.one_usage_status ? e.status() : guard.usage_status;
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: {}", guard.prefix, e.what()));
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: {}", guard.prefix, e.what()));
  } catch (const std::bad_alloc&) {
    say_out_of_memory(guard.prefix, env);
    return kOutOfMemory;
  }
  return guard.failure_status;
}

}  // namespace duostat::command
