// duostat explain: runs a front end whose every request is recorded and none answered, and shows what it would have
// asked.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/explain.h"

#include <fmt/core.h>

#include <algorithm>

#include "compat/frontend.h"
#include "compat/native/commands.h"
#include "compat/native/plan_recorder.h"
#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/command/scaffold.h"

namespace duostat::native {
namespace {

struct Request {
  bool json = false;
};

constexpr Option<Request> kOptions[] = {
    {'j', "json", "", "print JSON (see duostat-json(7), kind \"explain\")",
     [](Request& r, std::string_view) { r.json = true; }, "Options"},
};
static_assert(letters_unique(kOptions));

std::span<const Option<Request>> options() { return kOptions; }

constexpr const FrontEnd* kExplained[] = {&kSs, &kNetstat};

/// The front end that `word` names, with or without a path; nullptr for another word.
const FrontEnd* front_end(std::string_view word) {
  word.remove_prefix(word.rfind('/') == std::string_view::npos ? 0 : word.rfind('/') + 1);
  const auto* at = std::ranges::find(kExplained, word, [](const FrontEnd* f) { return f->name; });
  return at == std::end(kExplained) ? nullptr : *at;
}

/// Whether the front end ended before it asked anything. `err` is what it printed on standard error.
bool ended_early(const Plan& plan, std::string_view err) {
  const bool asks = !plan.tables.empty() || !plan.requests.empty() || !plan.groups.empty() || !plan.files.empty() ||
                    !plan.ioctls.empty();
  const bool prepares = !plan.others.empty() || !plan.network_namespaces.empty();
  return !asks && (!prepares || !err.empty());
}

int explain(Environment& env, const Request& request, std::span<const std::string> words) {
  const std::int64_t start_ns = env.clock.processor_ns();
  if (!words.empty() && words[0] == "duostat") words = words.subspan(1);
  if (words.empty()) throw UsageError("expected a command to explain: ss or netstat, with its options");
  const FrontEnd* chosen = front_end(words[0]);
  if (chosen == nullptr) {
    const std::string_view names[] = {kSs.name, kNetstat.name};
    throw UsageError(fmt::format("\"{}\" cannot be explained; expected ss or netstat{}", words[0],
                                 did_you_mean(words[0], names)));
  }

  std::string out, err;
  const Plan plan = record(env, *chosen, words.subspan(1), out, err);
  if (ended_early(plan, err)) {  // a mistake, or a text that needs no sockets: pass on what the front end printed
    env.out.append(out);
    env.err.raw(err);
    return plan.status;
  }
  const Cost cost = estimate(plan, env.proc, start_ns);
  if (request.json)
    write_plan(plan, cost, env);
  else
    print_plan(plan, cost, env.out);
  return 0;
}

}  // namespace

constinit const command::Command kExplain = command::command_of<options, explain>({
    .title = "duostat explain",
    .summary = "show how an ss or netstat command would get its answer",
    .description = "Performs a dry run and shows how that command would get its answer.",
    .operands = {.usage = "ss|netstat [WORDS]", .most = std::string::npos, .end_options = true},
});

}  // namespace duostat::native
