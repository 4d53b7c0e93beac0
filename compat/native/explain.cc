// duostat explain: runs a front end where nothing answers, and shows what it would have asked.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/explain.h"

#include <algorithm>

#include "compat/frontend.h"
#include "compat/native/plan_recorder.h"
#include "compat/option_table.h"
#include "compat/recorded.h"
#include "src/base/error.h"

namespace duostat::native {
namespace {

struct Request {
  bool json = false, help = false;
};

constexpr Option<Request> kOptions[] = {
    {'j', "json", "", "as JSON (doc/json.md, kind \"explain\")", [](Request& r, std::string_view) { r.json = true; },
     "Options"},
    {'h', "help", "", "this text", [](Request& r, std::string_view) { r.help = true; }},
};
static_assert(letters_unique(kOptions));

constexpr const FrontEnd* kExplained[] = {&kSs, &kNetstat};

std::string usage() {
  return "Usage: duostat explain [OPTIONS] ss|netstat [WORDS]\n\n"
         "Shows how that command would find its answer, and asks nobody.\n\n" +
         option_lines(texts_of(std::span<const Option<Request>>(kOptions)));
}

/// The front end that a word names, with or without a path.
const FrontEnd* front_end(std::string_view word) {
  word.remove_prefix(word.rfind('/') == std::string_view::npos ? 0 : word.rfind('/') + 1);
  const auto* at = std::ranges::find(kExplained, word, [](const FrontEnd* f) { return f->name; });
  return at == std::end(kExplained) ? nullptr : *at;
}

/// Whether the front end ended before it asked anything. `err`: what it printed on standard error.
bool ended_early(const Plan& plan, std::string_view err) {
  const bool asks = !plan.tables.empty() || !plan.requests.empty() || !plan.groups.empty() || !plan.files.empty() ||
                    !plan.ioctls.empty();
  const bool prepares = !plan.others.empty() || !plan.network_namespaces.empty();
  return !asks && (!prepares || !err.empty());
}

}  // namespace

int explain(Environment& env, std::span<const std::string> args) {
  const std::span<const Option<Request>> table(kOptions);
  ParsedOptions parsed = parse_options(rows_of(table), args, {.stop_at_operand = true});
  Request request;
  for (const OptionEvent& event : parsed.events) kOptions[event.row].apply(request, event.value);
  if (request.help) return env.out.append(usage()), 0;
  if (!parsed.error.empty()) throw UsageError(parsed.error);
  std::span<const std::string> words = parsed.operands;
  if (!words.empty() && words[0] == "duostat") words = words.subspan(1);
  if (words.empty()) throw UsageError("no command to explain: ss or netstat, and its words");
  const FrontEnd* chosen = front_end(words[0]);
  if (chosen == nullptr) throw UsageError("\"" + words[0] + "\" is neither ss nor netstat");

  // A plan tells of this host's kernel and files; a recorded one has only what the capture asked.
  if (from_option(*chosen, env, words.subspan(1)))
    throw UsageError("a recorded host answers from its capture and is asked nothing: no --from");

  std::string out, err;
  const Plan plan = record(env, *chosen, words.subspan(1), out, err);
  if (ended_early(plan, err)) {  // a mistake, or a text that needs no socket: the front end's own words are the whole answer
    env.out.append(out);
    env.err.raw(err);
    return plan.status;
  }
  const Cost cost = estimate(plan, env.proc);
  if (request.json)
    write_plan(plan, cost, env);
  else
    print_plan(plan, cost, env.out);
  return 0;
}

}  // namespace duostat::native
