// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/wait.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/count.h"
#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"
#include "src/command/scaffold.h"
#include "src/command/socket_choice.h"
#include "src/view/process_holders.h"
#include "src/view/unknown_owners.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace wait {
namespace {

constexpr std::string_view kTitle = "duostat wait";
constexpr int kTimedOut = 1;      ///< exit status
constexpr int kCouldNotLook = 3;  ///< exit status

struct Request {
  SocketWords sockets;
  bool gone = false, verbose = false;
  std::optional<std::string> timeout, at_least, via, owners;
};

constexpr std::string_view kLooked = "Where to look";
constexpr std::array<Option<Request>, 3> kGoal{{
    {0, "timeout", "TIME", "give up after this time (30, 500ms, 2m): status 1 (default: never)",
     keep_value<Request, &Request::timeout>},
    {0, "gone", "", "wait until no such socket exists", [](Request& r, auto) { r.gone = true; }},
    {0, "at-least", "N", "wait until N such sockets exist (default: 1)", keep_value<Request, &Request::at_least>},
}};
constexpr std::array<Option<Request>, 1> kVerbose{{
    {'v', "verbose", "", "say on standard error how long it took, and how often it looked",
     [](Request& r, auto) { r.verbose = true; }},
}};
constexpr auto kOptions = join_rows(kGoal, where_option<Request>(), kVerbose, socket_options<Request>(kLooked),
                                    via_option<Request>(kLooked), owners_option<Request>(kLooked));
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

// ---- looking ----

/// What one look saw.
struct Look {
  std::uint64_t found = 0;
  std::string failed;    ///< not empty: a table cannot be read, nor will it be
  std::string doubtful;  ///< not empty: there may be more sockets than were found
};

class Looker {
 public:
  Looker(Environment& env, const Request& request, std::span<const std::string> operands)
      : env_(env),
        via_(choose_via(request.via, env.variables)),
        cgroups_(cgroups_of(env)),
        chosen_(env, request.sockets, operands) {
    // It would never end.
    constexpr StateMask kOfDatagrams = mask_of(State::established, State::close);
    const SocketRequest& wanted = chosen_.request();
    if ((wanted.protocols - kUdpProtocols - kRaw).empty() && (wanted.states & kOfDatagrams) == 0)
      throw UsageError("UDP and raw sockets are only unconn (bound ones, too) or established", kUsageStatus);
    choose_owners(env, request.owners);
    if (request.owners && !chosen_.needs_owners())
      throw UsageError("--owners: nothing here asks for owners; --where does, with columns like process", kUsageStatus);
  }

  Look look() {
    Look seen;
    const std::optional<Where>& where = chosen_.where();
    const bool owned = chosen_.needs_owners();
    const OwnerIndex owners = owned ? read_owners(env_, {}) : OwnerIndex();
    const ProcessHolders holders(env_.proc, owners, where ? where->process() : ProcessFields());
    ColumnContext context{env_.names, cgroups_, holders};
    UnknownOwners unknown;
    if (owned) unknown = UnknownOwners(owners, owners.coverage(), {.where = &*where});
    const auto answers = each_socket(env_, via_, chosen_.request(), [&](const Socket& socket) {
      const bool matched = !where || where->matches(context, socket);
      if (unknown.counts()) unknown.filtered(context, socket, matched);
      seen.found += matched ? 1 : 0;
    });
    judge(answers, seen);
    if (unknown.perhaps_wanted() != 0)
      seen.doubtful = fmt::format("{}: {}", without_owner(unknown.perhaps_wanted()), reasons(owners.coverage()));
    return seen;
  }

 private:
  /// A source that failed was asked again, and the other source after it: collect().
  static void judge(const std::vector<TableAnswer>& answers, Look& seen) {
    std::size_t absent = 0;
    for (const TableAnswer& a : answers) {
      absent += a.absent ? 1 : 0;
      if (!a.missing) continue;
      std::string text = fmt::format("{}: {}", a.name, why_missing(a));
      (a.answer.coverage.error != 0 ? seen.failed : seen.doubtful) = std::move(text);
    }
    if (absent == answers.size()) seen.failed = "this kernel has no table of such sockets";
  }

  Environment& env_;
  Via via_;
  CgroupPaths cgroups_;
  SocketChoice chosen_;
};

// ---- waiting ----

struct Goal {
  bool gone;
  std::uint64_t at_least;

  bool reached(const Look& look) const {
    if (gone) return look.found == 0 && look.failed.empty() && look.doubtful.empty();
    return look.found >= at_least;
  }
  /// "no such socket", "1 of 3 such sockets", "2 such sockets are left"
  std::string missed(const Look& look) const {
    if (gone) return fmt::format("{} such socket{}", look.found, look.found == 1 ? " is left" : "s are left");
    return look.found == 0 ? "no such socket" : fmt::format("{} of {} such sockets", look.found, at_least);
  }
};

std::string seconds_text(std::int64_t ns) { return fmt::format("{:.3f} s", static_cast<double>(ns) / 1e9); }

/// Waiting costs at most 1 % of a processor: the pause is 100 times the processor time of a look and of the pause
/// before it (timer, wake-up), and at least 2 ms.
std::int64_t pause_after(std::int64_t cost_ns) {
  constexpr std::int64_t kLeast = 2'000'000, kTimesCost = 100;
  return std::max(kLeast, cost_ns * kTimesCost);
}

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  if (request.gone && request.at_least)
    throw UsageError("--gone and --at-least exclude each other: --gone waits until there is none", kUsageStatus);
  const Goal goal{request.gone, request.at_least ? count_of("--at-least", *request.at_least) : 1};
  const std::int64_t begin = env.clock.now_ns();
  const std::int64_t end =
      request.timeout ? begin + duration_of("--timeout", *request.timeout) : std::numeric_limits<std::int64_t>::max();
  Looker looker(env, request, operands);
  const auto say = [&](const std::string& text, std::uint64_t looks) {
    env.err.line(fmt::format("{}: {} after {}, {} look{}", kTitle, text, seconds_text(env.clock.now_ns() - begin),
                             looks, looks == 1 ? "" : "s"));
  };
  std::int64_t spent = env.clock.processor_ns();
  for (std::uint64_t looks = 1;; ++looks) {
    const Look look = looker.look();
    const std::int64_t now_spent = env.clock.processor_ns();
    const std::int64_t cost = now_spent - std::exchange(spent, now_spent);
    if (goal.reached(look)) {
      if (request.verbose) say(goal.gone ? "none left" : "found", looks);
      return 0;
    }
    if (!look.failed.empty()) return env.err.line(fmt::format("{}: {}", kTitle, look.failed)), kCouldNotLook;
    const std::int64_t now = env.clock.now_ns();
    if (now >= end) {
      if (!look.doubtful.empty())
        say(fmt::format("{}, but {}", goal.missed(look), look.doubtful), looks);
      else
        say(goal.missed(look), looks);
      return look.doubtful.empty() ? kTimedOut : kCouldNotLook;
    }
    env.clock.sleep_ns(std::min(pause_after(cost), end - now));
  }
}

}  // namespace
}  // namespace wait

constinit const Command kWait = command_of<wait::options, wait::run>({
    .title = wait::kTitle,
    .summary = "wait until a socket exists, or until none does",
    .description = "Waits until a socket of this state exists that matches the filter of ss, as in:\n"
                   "duostat wait 'listen sport = :8080' --timeout=30s. STATE is any word that --where takes.\n"
                   "Exit status: 0 reached, 1 the time is over, 2 usage error, 3 could not look.",
    .operands = {.usage = "[STATE] [FILTER]", .least = 0, .most = std::numeric_limits<std::size_t>::max()},
    .failure_status = wait::kCouldNotLook,
});

}  // namespace duostat::command
