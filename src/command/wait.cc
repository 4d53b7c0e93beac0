// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/wait.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/duration.h"
#include "src/base/error.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"
#include "src/collect/sockets.h"
#include "src/command/scaffold.h"
#include "src/insight/value_words.h"
#include "src/insight/where.h"
#include "src/query/filter_message.h"
#include "src/query/state_words.h"
#include "src/view/process_holders.h"
#include "src/view/unknown_owners.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace {

constexpr std::string_view kTitle = "duostat wait";
constexpr int kTimedOut = 1;      ///< exit status
constexpr int kCouldNotLook = 3;  ///< exit status

struct Request {
  ProtocolSet protocols{};
  FamilySet families{};
  bool gone = false, verbose = false;
  std::optional<std::string> timeout, at_least, where, via, owners;
};

constexpr ProtocolSet kUdp{Protocol::udp, Protocol::udplite}, kRaw{Protocol::raw, Protocol::icmp};

constexpr std::string_view kLooked = "Where to look";
constexpr std::array<Option<Request>, 11> kOwn{{
    {0, "timeout", "TIME", "give up after this time (30, 500ms, 2m): status 1 (default: never)",
     keep_value<Request, &Request::timeout>},
    {0, "gone", "", "wait until no such socket exists", [](Request& r, auto) { r.gone = true; }},
    {0, "at-least", "N", "wait until N such sockets exist (default: 1)", keep_value<Request, &Request::at_least>},
    {0, "where", "EXPRESSION", "only sockets for which this is true (see duostat-filters(7))",
     keep_value<Request, &Request::where>},
    {'v', "verbose", "", "say on standard error how long it took, and how often it looked",
     [](Request& r, auto) { r.verbose = true; }},
    {'t', "tcp", "", "TCP (default)", [](Request& r, auto) { r.protocols.add(Protocol::tcp); }, kLooked},
    {'u', "udp", "", "UDP and UDP-Lite", [](Request& r, auto) { r.protocols = r.protocols | kUdp; }, kLooked},
    {'x', "unix", "", "UNIX", [](Request& r, auto) { r.protocols = r.protocols | kUnixProtocols; }, kLooked},
    {'w', "raw", "", "raw sockets", [](Request& r, auto) { r.protocols = r.protocols | kRaw; }, kLooked},
    {'4', "ipv4", "", "IPv4 only", [](Request& r, auto) { r.families.add(Family::inet); }, kLooked},
    {'6', "ipv6", "", "IPv6 only", [](Request& r, auto) { r.families.add(Family::inet6); }, kLooked},
}};
constexpr auto kOptions = join_rows(kOwn, via_option<Request>(kLooked), owners_option<Request>(kLooked));
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

// ---- operands: [STATE] [FILTER] ----

std::vector<std::string> split(std::span<const std::string> operands) {
  std::vector<std::string> words;
  for (const std::string& operand : operands)
    for (std::size_t at = operand.find_first_not_of(' '); at != std::string::npos;) {
      const std::size_t end = std::min(operand.find(' ', at), operand.size());
      words.push_back(operand.substr(at, end - at));
      at = operand.find_first_not_of(' ', end);
    }
  return words;
}

/// The states of any word that --where takes for column "state".
std::optional<StateMask> states_named(std::string_view word) {
  const auto meaning = meaning_of(*find_column("state").column, word);
  if (!meaning) return std::nullopt;
  StateMask states = 0;
  for (const StateRow& row : kStateRows)
    for (const std::string_view value : meaning->values)
      if (value == state_value(row.state)) states |= mask_of(row.state);
  return states;
}

/// Words that begin a filter of ss, or continue its first one.
constexpr std::string_view kFilterWords[] = {"src",    "dst",    "sport",     "dport", "dev",
                                             "fwmark", "cgroup", "autobound", "not"};
bool begins_filter(std::string_view word) {
  const std::size_t letters =
      std::ranges::find_if_not(word, [](char c) { return c >= 'a' && c <= 'z'; }) - word.begin();
  return letters == 0 || std::ranges::find(kFilterWords, word.substr(0, letters)) != std::end(kFilterWords);
}

struct Words {
  StateMask states = kAllStates;
  std::vector<std::string> filter;
};

Words parse_operands(std::span<const std::string> operands) {
  Words words{kAllStates, split(operands)};
  std::vector<std::string>& list = words.filter;
  if (list.empty()) return words;
  const bool keyword = list[0] == "state";  // as in ss
  const std::size_t at = keyword ? 1 : 0;
  if (at == list.size()) throw UsageError("\"state\" needs a word, as in: state listening", kUsageStatus);
  const auto states = states_named(list[at]);
  if (states) {
    words.states = *states;
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  } else if (keyword || !begins_filter(list[at])) {
    throw UsageError(not_a_value(*find_column("state").column, list[at]), kUsageStatus);
  }
  return words;
}

std::uint64_t count_of(const std::string& text) {
  std::uint64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || at != end || count == 0)
    throw UsageError(fmt::format("--at-least: \"{}\" is not a number of 1 or more", text), kUsageStatus);
  return count;
}

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
      : env_(env), via_(choose_via(request.via, env.variables)), cgroups_(cgroups_of(env)) {
    const Words words = parse_operands(operands);
    choose_sockets(request, words);
    choose_owners(env, request.owners);
    if (request.where) choose_filter(*request.where);
    if (request.owners && !holders_wanted())
      throw UsageError("--owners: nothing here asks for owners; --where does, with columns like process", kUsageStatus);
  }

  Look look() {
    Look seen;
    const OwnerIndex owners = holders_wanted() ? read_owners(env_, {}) : OwnerIndex();
    const ProcessHolders holders(env_.proc, owners, where_ ? where_->process() : ProcessFields());
    ColumnContext context{env_.names, cgroups_, holders};
    UnknownOwners unknown;
    if (holders_wanted()) unknown = UnknownOwners(owners, owners.coverage(), {.where = &*where_});
    const auto answers = each_socket(env_, via_, wanted_, [&](const Socket& socket) {
      const bool matched = !where_ || where_->matches(context, socket);
      if (unknown.counts()) unknown.filtered(context, socket, matched);
      seen.found += matched ? 1 : 0;
    });
    judge(answers, seen);
    if (unknown.perhaps_wanted() != 0)
      seen.doubtful = fmt::format("{}: {}", without_owner(unknown.perhaps_wanted()), reasons(owners.coverage()));
    return seen;
  }

 private:
  bool holders_wanted() const { return where_ && wanted_.wanted.has(Field::owner); }

  void choose_filter(const std::string& text) {
    const auto names = lookup_of(env_, nullptr);
    where_.emplace(text, socket_columns(), Where::Reading{"--where", names.get()});
    wanted_.wanted = wanted_.wanted | where_->needs();
  }

  void choose_sockets(const Request& request, const Words& words) {
    ProtocolSet protocols = request.protocols;
    if (!words.filter.empty()) {
      const auto names = lookup_of(env_, nullptr);
      Parsed parsed = parse_filter(
          words.filter,
          {.names = *names, .tcp = protocols.empty() || protocols.has(Protocol::tcp), .udp = protocols.has_any(kUdp)});
      if (!parsed.ok()) {
        std::string marked = caret_lines(parsed.error, words.filter);
        marked.pop_back();
        throw UsageError("the filter cannot be parsed\n" + marked, kUsageStatus);
      }
      filter_ = std::move(parsed.expr);
      if (parsed.restricted) restrict_to(*parsed.restricted, protocols);
    }
    if (protocols.empty()) protocols = {Protocol::tcp};
    if (!request.families.empty()) {
      if (!protocols.has_any(kInetProtocols))
        throw UsageError("-4 and -6: none of the protocols belongs to an IP version", kUsageStatus);
      wanted_.families = request.families;
    }
    // It would never end.
    constexpr StateMask kOfDatagrams = mask_of(State::established, State::close);
    if ((protocols - kUdp - kRaw).empty() && (words.states & kOfDatagrams) == 0)
      throw UsageError("UDP and raw sockets are only unconn (bound ones, too) or established", kUsageStatus);
    wanted_.protocols = protocols;
    wanted_.states = words.states;
    if (!filter_) return;
    wanted_.filter = &*filter_;
    wanted_.wanted = wanted_.wanted | fields_of(*filter_);
    wanted_.filter_context.ephemeral = ephemeral_ports(env_.proc);
  }

  /// The filter names a family: "src unix:/run/x".
  static void restrict_to(Family family, ProtocolSet& protocols) {
    ProtocolSet of_family;
    for (const ProtocolRow& row : kProtocols)
      if (row.families.has(family)) of_family.add(row.protocol);
    if (protocols.empty() && !of_family.has(Protocol::tcp)) protocols = of_family;
    if (!protocols.empty() && !protocols.has_any(of_family))
      throw UsageError("the filter is about a family that has none of these protocols", kUsageStatus);
  }

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
  SocketRequest wanted_;
  std::optional<Expr> filter_;
  std::optional<Where> where_;
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

/// A look costs at most 1 % of a processor: the pause is 100 times its processor time, and at least 2 ms.
std::int64_t pause_after(std::int64_t cost_ns) {
  constexpr std::int64_t kLeast = 2'000'000, kTimesCost = 100;
  return std::max(kLeast, cost_ns * kTimesCost);
}

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  if (request.gone && request.at_least)
    throw UsageError("--gone and --at-least exclude each other: --gone waits until there is none", kUsageStatus);
  const Goal goal{request.gone, request.at_least ? count_of(*request.at_least) : 1};
  const std::int64_t begin = env.clock.now_ns();
  const std::int64_t end =
      request.timeout ? begin + duration_of("--timeout", *request.timeout) : std::numeric_limits<std::int64_t>::max();
  Looker looker(env, request, operands);
  const auto say = [&](const std::string& text, std::uint64_t looks) {
    env.err.line(fmt::format("{}: {} after {}, {} look{}", kTitle, text, seconds_text(env.clock.now_ns() - begin),
                             looks, looks == 1 ? "" : "s"));
  };
  for (std::uint64_t looks = 1;; ++looks) {
    const std::int64_t before = env.clock.processor_ns();
    const Look look = looker.look();
    const std::int64_t cost = env.clock.processor_ns() - before;
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

constinit const Command kWait = command_of<options, run>({
    .title = kTitle,
    .summary = "wait until a socket exists, or until none does",
    .description = "Waits until a socket of this state exists that matches the filter of ss, as in:\n"
                   "duostat wait 'listen sport = :8080' --timeout=30s. STATE is any word that --where takes.",
    .operands = {.usage = "[STATE] [FILTER]", .least = 0, .most = std::numeric_limits<std::size_t>::max()},
    .failure_status = kCouldNotLook,
});

}  // namespace duostat::command
