// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/collect/derived_environment.h"
#include "src/collect/host.h"
#include "src/insight/rates.h"
#include "src/view/ended_connections.h"
#include "src/view/json_document.h"
#include "src/view/watch_session.h"

namespace duostat {
namespace {

constexpr int kInterrupted = 130;  ///< exit status of a listing that a signal ended before it was printed

class NoSink final : public ByteSink {
 public:
  int write(std::string_view) noexcept override { return 0; }
};

/// Digits with or without a point, as in the SECONDS of --watch.
bool is_decimal_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// Waits until `end_ns` of the clock, and meanwhile notes connections that end. False: a signal asks for the end.
bool wait_until(Environment& env, Interrupt& interrupt, EndedConnections* ended, std::int64_t end_ns) {
  for (;;) {
    if (ended != nullptr) ended->drain();
    if (!interrupt.wait_until(env.clock, end_ns, ended != nullptr ? ended->fd() : -1)) return false;
    if (env.clock.now_ns() >= end_ns) return true;
  }
}

/// Says once what the rates lack.
class MissingBytes {
 public:
  MissingBytes(Environment& env, const EndedConnections* ended) : env_(env), ended_(ended) {}
  void report() {
    const std::string problem = ended_ != nullptr ? ended_->problem() : std::string(kOnlyOpen);
    if (problem.empty() || reported_) return;
    reported_ = true;
    env_.err.line(fmt::format("{}: --rate: {}", env_.program, problem));
  }

 private:
  static constexpr std::string_view kOnlyOpen = "short connections not counted: the rows are those that are open";
  Environment& env_;
  const EndedConnections* ended_;
  bool reported_ = false;
};

/// Whole passes, one after the other.
int repeat_on_pipe(Environment& env, const ViewRequest& request, const RepeatedListing& listing) {
  ViewPlan plan(env, request, listing.columns);
  RateTable rates;
  Interrupt interrupt;
  const auto ended = ended_for(env, request, rates);
  MissingBytes missing(env, ended.get());
  std::int64_t next = env.clock.now_ns();
  if (request.rate) {
    take_look(env, request, listing, rates);
    plan.pass.rates = &rates;
    next += plan.interval_ns;
    if (!wait_until(env, interrupt, ended.get(), next)) return 0;
  }
  PassStamp stamp;
  plan.pass.stamp = &stamp;
  for (;;) {
    ++stamp.number;
    stamp.wall_ns = wall_time_ns(env);
    if (request.rate) rates.begin_look(env.clock.now_ns());
    if (stamp.number > 1 && plan.json == JsonStyle::none) env.out.append('\n');
    const int status = listing.list(env, plan);
    if (env.out.flush() != 0) return status;
    if (request.rate) missing.report();
    next = std::max(next + plan.interval_ns, env.clock.now_ns());
    if (!wait_until(env, interrupt, ended.get(), next)) return status;
  }
}

int list_after_two_looks(Environment& env, const ViewRequest& request, const RepeatedListing& listing) {
  RateTable rates;
  Interrupt interrupt;
  const auto ended = ended_for(env, request, rates);
  take_look(env, request, listing, rates);
  ViewPlan plan(env, request, listing.columns);
  if (!wait_until(env, interrupt, ended.get(), env.clock.now_ns() + plan.interval_ns)) return kInterrupted;
  rates.begin_look(env.clock.now_ns());
  plan.pass.rates = &rates;
  const int status = listing.list(env, plan);
  MissingBytes(env, ended.get()).report();
  return status;
}

}  // namespace

int list_into(Environment& env, Output& out, Diagnostics& err, int width, const ViewPlan& plan,
              const RepeatedListing& listing) {
  Terminal terminal = env.terminal;
  terminal.is_tty = width > 0;
  terminal.columns = width;
  terminal.ask_columns = nullptr;
  Environment shown = derived(env, {.out = &out, .err = &err});
  shown.terminal = terminal;
  return listing.list(shown, plan);
}

/// Its messages are those of the next look, which prints them.
void take_look(Environment& env, const ViewRequest& request, const RepeatedListing& listing, RateTable& rates) {
  NoSink sink;
  Output out(sink);
  Diagnostics err(sink, nullptr, false);
  ViewPlan plan(env, request, listing.columns);
  plan.pass.rates = &rates;
  rates.begin_look(env.clock.now_ns());
  list_into(env, out, err, 0, plan, listing);
}

/// Groups have the bytes of connections that ended; rows are connections that are open.
std::unique_ptr<EndedConnections> ended_for(Environment& env, const ViewRequest& request, RateTable& rates) {
  // The kernel tells of the namespace that the group was joined in.
  return request.rate && request.by && !request.all_netns ? std::make_unique<EndedConnections>(env, rates) : nullptr;
}

void require_bytes(const Environment& env, Via via) {
  if (via == Via::procfs || env.proc.given())
    throw UsageError("--rate: procfs has no bytes of connections; use --via=netlink", kUsageStatus);
}

int repeat_listing(Environment& env, const ViewRequest& request, const RepeatedListing& listing) {
  const std::string_view option = request.watch ? "--watch" : "--rate";
  if (env.recorded || env.hosts != nullptr)
    throw UsageError(fmt::format("{}: a recorded host does not change", option), kUsageStatus);
  if (request.rate) require_bytes(env, listing.via);
  if (env.dry_run != nullptr) return listing.list(env, ViewPlan(env, request, listing.columns));
  if (!request.watch) return list_after_two_looks(env, request, listing);
  const bool in_place = env.terminal.is_tty && request.json == JsonStyle::none && env.variables.get("TERM") != "dumb";
  return in_place ? WatchSession(env, request, listing).run() : repeat_on_pipe(env, request, listing);
}

void require_attached_interval(std::span<const std::string> words) {
  const auto watch = std::ranges::find(words, "--watch");
  if (watch == words.end() || watch + 1 == words.end() || !is_decimal_number(watch[1])) return;
  throw UsageError(fmt::format("--watch {0}: write --watch={0}", watch[1]), kUsageStatus);
}

}  // namespace duostat
