// ss: what happens in which order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <charconv>

#include "compat/frontend.h"
#include "compat/ss/filter_errors.h"
#include "compat/ss/listing.h"
#include "compat/ss/operands.h"
#include "compat/ss/summary.h"
#include "src/names/lookup.h"
#include "src/query/parser.h"

namespace duostat::ss {
namespace {

constexpr int kUsageStatus = 255;

/// Says what an early end has to say. Returns the exit status.
int conclude(Environment& env, const Ending& ending) {
  if (!ending.message.empty()) env.err.line(ending.message);
  switch (ending.text) {
    case Ending::Text::none: break;
    case Ending::Text::version:
      env.out.append("ss utility, iproute2-7.1.0 (duostat " DUOSTAT_VERSION ")\n");
      break;
    case Ending::Text::usage:
      if (ending.status == 0) {
        env.out.append(usage());
      } else {
        env.err.raw(usage());
      }
      break;
  }
  return ending.status;
}

/// Width of the screen: the terminal's, else what COLUMNS begins with, else 0 for unknown.
int screen_width(const Environment& env) {
  if (env.terminal.is_tty && env.terminal.columns > 0) return env.terminal.columns;
  std::string_view text = env.variables.get("COLUMNS").value_or("");
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  int width = 0;
  std::from_chars(text.data(), text.data() + text.size(), width);
  return width > 0 ? width : 0;
}

/// Parses the words of the filter; what they say about families goes into the request. None if there is an error, which
/// ends up in `status`.
bool read_filter(Environment& env, std::span<const std::string> words, Request& request, std::optional<Expr>& expr,
                 int& status) {
  if (words.empty()) return true;
  const auto lookup = make_system_lookup(env.proc);
  Parsed parsed = parse_filter(
      words, {*lookup, request.tables.has(Protocol::tcp), request.tables.has(Protocol::udp), request.preferred});
  if (!parsed.ok()) {
    const FilterFailure failure = filter_failure(parsed.error, words, env.terminal.is_tty);
    env.err.raw(failure.text);
    if (failure.usage) env.err.raw(usage());
    status = failure.status;
    return false;
  }
  expr = std::move(parsed.expr);
  request.preferred = parsed.preferred;
  if (parsed.restricted) request.families = FamilySet{*parsed.restricted};
  return true;
}

/// The processes that hold sockets, if they will be seen.
OwnerIndex read_owners(const Environment& env, const Request& request) {
  if (!request.processes) return {};
  OwnerRequest wanted;
  wanted.threads = request.threads;
  wanted.context = request.process_contexts != 0;
  return OwnerIndex::scan(env.proc, wanted);
}

int list(Environment& env, const Request& request, Via via, const OwnerIndex& owners, const Expr* filter) {
  Labels labels(env, request);
  CgroupPaths cgroups(env.proc);
  Layout layout(env.out, columns_of(request), screen_width(env));
  View view{request, env, layout, labels, cgroups, owners};
  if (request.header) layout.header();
  const ListingResult result = list_sockets(view, via, filter);
  layout.finish();
  // The original ends with 0 whatever it could read; a backend that was asked for by name and has nothing to say does not.
  return result.asked != 0 && result.refused == result.asked ? 1 : 0;
}

}  // namespace

int run(Environment& env, std::span<const std::string> args) {
  std::vector<std::string> operands;
  Request request = read_options(args, env.program, env.variables.has("POSIXLY_CORRECT"), env.proc, operands);
  env.err.raw(request.warnings);
  if (request.ending) return conclude(env, *request.ending);
  const Via via = choose_via(request.via, env.variables);
  const OwnerIndex owners = read_owners(env, request);
  if (request.summary) {
    show_summary(env);
    if (request.defaulting && operands.empty()) return 0;
  }

  std::span<const std::string> words = operands;
  take_state_words(words, request);
  if (!request.ending) complete_choice(request);
  if (request.ending) return conclude(env, *request.ending);

  std::optional<Expr> filter;
  int status = kUsageStatus;
  if (!read_filter(env, words, request, filter, status)) return status;
  return list(env, request, via, owners, filter ? &*filter : nullptr);
}

}  // namespace duostat::ss
