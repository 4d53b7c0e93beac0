// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/everywhere.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "compat/netstat/statuses.h"
#include "src/collect/derived_environment.h"
#include "src/collect/each_place.h"

namespace duostat::netstat {
namespace {

/// Puts a cell before each line.
class LabelledLines final : public ByteSink {
 public:
  LabelledLines(Output& out, std::string cell) : out_(out), cell_(std::move(cell)) {}

  int write(std::string_view bytes) noexcept override {
    while (!bytes.empty()) {
      const auto newline = bytes.find('\n');
      const std::string_view line = bytes.substr(0, newline == std::string_view::npos ? newline : newline + 1);
      if (at_start_) out_.append(cell_);
      out_.append(line);
      at_start_ = newline != std::string_view::npos;
      bytes.remove_prefix(line.size());
    }
    return out_.error();
  }

 private:
  Output& out_;
  std::string cell_;
  bool at_start_ = true;
};

}  // namespace

int print_in_each_place(Environment& env, bool all_netns, Via via, bool files_suffice,
                        FunctionRef<int(Environment& inside, Via via)> print) {
  const auto found = places_of(env, all_netns);
  EachPlace& places = *found;
  print_times(env, "netstat", places, true);
  int status = 0;
  const auto pass = [&](Environment& inside, Via from) {
    LabelledLines lines(env.out, fmt::format("{:<{}} ", places.cell(), places.widest_cell()));
    Output out(lines);
    Environment labelled = derived(inside, {.out = &out});
    status = std::max(status, print(labelled, from));
  };
  places.run(via, pass, files_suffice);
  if (const std::string line = places.problem_line("netstat"); !line.empty()) {
    env.err.line(line);
    status = std::max(status, kFailure);
  }
  bool lacks = false;
  if (const std::string text = places.files_text({}, lacks); !text.empty()) env.err.line("netstat: " + text);
  return status;
}

}  // namespace duostat::netstat
