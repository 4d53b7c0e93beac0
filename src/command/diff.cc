// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/collect/host.h"
#include "src/collect/owners.h"
#include "src/collect/snapshot.h"
#include "src/command/scaffold.h"
#include "src/command/text_table.h"
#include "src/insight/changes.h"
#include "src/insight/rule_parts.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"

namespace duostat::command {
namespace diff {
namespace {

constexpr std::string_view kTitle = "duostat diff";
constexpr std::string_view kLive = "live";
constexpr int kDifferent = 1;   ///< exit status
constexpr int kUnreadable = 2;  ///< exit status: a file is no capture, or cannot be read
constexpr int kIncomplete = 3;  ///< exit status: something is missing from one of the two sides

struct Request {
  std::optional<std::string> only, queue, via;
  ViewRequest view;
};

constexpr std::string_view kCompared = "What is compared";
constexpr std::array<Option<Request>, 2> kOwn{{
    {0, "only", "SUBJECT[,SUBJECT...]", "only these: sockets, listeners, routes, interfaces, counters",
     keep_value<Request, &Request::only>, kCompared},
    {0, "queue", "BYTES", "a queue that grows to this size, or shrinks below it, has changed (default: 65536)",
     keep_value<Request, &Request::queue>, kCompared},
}};
constexpr auto kOptions = join_rows(kOwn, via_option<Request>(kCompared), list_options<Request>());
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

constexpr std::string_view kPlurals[] = {"sockets", "listeners", "routes", "interfaces", "counters"};
static_assert(std::size(kPlurals) == kSubjects);

SubjectSet subjects_of(const std::optional<std::string>& list) {
  SubjectSet subjects;
  if (!list) return subjects.set();
  std::string_view rest = *list;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    const std::string_view word = rest.substr(0, comma);
    if (more) rest = rest.substr(comma + 1);
    std::size_t at = 0;
    while (at < kSubjects && word != kPlurals[at] && word != kSubjectWords[at]) ++at;
    if (at == kSubjects) {
      const std::string_view near = nearest(word, kPlurals);
      throw UsageError(fmt::format("--only: \"{}\" is none of sockets, listeners, routes, interfaces, counters{}", word,
                                   near.empty() ? "" : fmt::format("; did you mean {}?", near)),
                       kUsageStatus);
    }
    subjects.set(at);
  }
  return subjects;
}

std::uint32_t queue_of(const std::string& text) {
  std::uint32_t bytes = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, bytes);
  if (error != std::errc() || at != end || bytes == 0)
    throw UsageError(fmt::format("--queue: \"{}\" is not a number of bytes of 1 or more", text), kUsageStatus);
  return bytes;
}

/// One side of the comparison.
struct Side {
  std::string name;  ///< the file, or "live"
  Snapshot snapshot;

  std::string described() const {
    return fmt::format("{} ({}, {})", name, snapshot.hostname, time_text(snapshot.wall_ns));
  }
};

std::string counts_text(const Snapshot& s, SubjectSet subjects) {
  std::size_t counters = 0;
  for (const CounterSection& section : s.counters) counters += section.counters.size();
  const std::size_t counts[] = {s.sockets.size(), s.listeners.size(), s.routes.size(), s.interfaces.size(), counters};
  static_assert(std::size(counts) == kSubjects);
  std::string text;
  for (std::size_t i = 0; i < kSubjects; ++i)
    if (subjects.test(i)) text.append(text.empty() ? "" : ", ").append(counted(counts[i], kSubjectWords[i]));
  return text;
}

void print_text(Environment& env, const std::vector<Change>& changes) {
  TextTable table({{"CHANGE"},
                   {"WHAT"},
                   {"OBJECT", false, 20},
                   {"PROPERTY", false, 0, true},
                   {"BEFORE", false, 8},
                   {"NOW", false, 8},
                   {"DIFFERENCE", true, 0, true}});
  for (const Change& c : changes) {
    std::string number = c.difference ? fmt::format("{:+}", *c.difference) : "";
    table.row({std::string(word_of(c.kind)), std::string(c.protocol.empty() ? word_of(c.subject) : c.protocol),
               c.object, std::string(c.property), c.before, c.now, std::move(number)});
  }
  const Terminal& terminal = env.terminal;
  table.print(env.out, terminal.is_tty ? static_cast<std::size_t>(std::max(terminal.columns, 0)) : 0);
}

/// "sockets 3 new, 1 gone; counters 12 changed"
std::string summary(const std::vector<Change>& changes) {
  std::string text;
  for (std::size_t subject = 0; subject < kSubjects; ++subject) {
    std::size_t counts[std::size(kChangeWords)] = {};
    for (const Change& c : changes)
      if (static_cast<std::size_t>(c.subject) == subject) ++counts[static_cast<std::size_t>(c.kind)];
    std::string part;
    for (std::size_t kind = 0; kind < std::size(counts); ++kind)
      if (counts[kind] != 0) part += fmt::format("{}{} {}", part.empty() ? "" : ", ", counts[kind], kChangeWords[kind]);
    if (!part.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", kPlurals[subject], part);
  }
  return text;
}

class Diff {
 public:
  Diff(Environment& env, const Request& request)
      : env_(env),
        via_(choose_via(request.via, env.variables)),
        subjects_(subjects_of(request.only)),
        set_(record_column_set<Change>()),
        plan_(env, request.view, set_) {
    choose_owners(env, std::nullopt);
    if (request.queue) limits_.queue = queue_of(*request.queue);
  }

  int run(const std::string& before, const std::string& now) {
    if (plan_.help) return env_.out.append(columns_help(set_)), 0;
    if (before == kLive) throw UsageError("\"live\" can only be the second of the two: this host now", kUsageStatus);
    Side former{before, {}}, present{now, {}};
    if (const int status = over(env_, former, "OLD", [&](Environment&) { return 0; })) return status;
    // A document names the host and the time of the latter side.
    return over(env_, present, "NEW", [&](Environment& shown) {
      Comparison found = compare(former.snapshot, present.snapshot, limits_);
      return show(shown, former, present, found);
    });
  }

 private:
  /// Reads the side, and calls `then` with its host.
  template <class Then>
  int over(Environment& env, Side& side, std::string_view operand, Then&& then) {
    const auto take = [&](Environment& shown) {
      side.snapshot = read_snapshot(shown, via_, subjects_);
      return then(shown);
    };
    return side.name == kLive ? take(env) : with_recorded_host(env, side.name, take, kUnreadable, operand);
  }

  int show(Environment& shown, const Side& before, const Side& now, Comparison& found) {
    std::optional<RecordView> view;
    if (plan_.replaces()) view.emplace(shown, kTitle, plan_, set_, "changes", via_);
    const auto tell = [&](const std::string& object, const std::string& why) {
      incomplete_ = true;
      if (view)
        view->note("list", object, why);
      else
        env_.err.line(fmt::format("{}: {}: incomplete: {}", kTitle, object, why));
    };
    for (const Side* side : {&before, &now})
      for (const Snapshot::Problem& p : side->snapshot.problems)
        tell(fmt::format("{}: {}", side->name, p.object), p.error);
    choose_records(plan_, found.changes);
    const int status = incomplete_ ? kIncomplete : found.changes.empty() ? 0 : kDifferent;
    if (view) {
      for (const std::string& remark : remarks(found)) env_.err.line(fmt::format("{}: {}", kTitle, remark));
      view->print_all(found.changes);
      plan_.note_missing(incomplete_);
      return view->finish(incomplete_ || !plan_.fails() ? status : 0);
    }
    if (!found.changes.empty()) print_text(env_, found.changes);
    const std::string text = summary(found.changes);
    env_.out.append(text.empty() ? "nothing is new, gone or changed: " + counts_text(now.snapshot, subjects_)
                                 : "\n" + text);
    env_.out.append(fmt::format("\nfrom {} to {}\n", before.described(), now.described()));
    for (const std::string& remark : remarks(found)) env_.out.append(remark + "\n");
    return status_of_text(env_, kTitle, plan_, status, incomplete_);
  }

  static std::vector<std::string> remarks(const Comparison& found) {
    std::vector<std::string> list;
    if (!found.same_boot)
      list.emplace_back("two hosts, network namespaces or boots: sockets are compared by their addresses");
    if (found.owners_not_compared != 0)
      list.push_back(fmt::format("{} visible in one of the two only, and not compared",
                                 counted(found.owners_not_compared, "owner")));
    return list;
  }

  Environment& env_;
  Via via_;
  SubjectSet subjects_;
  const ColumnSet& set_;
  ViewPlan plan_;
  ChangeLimits limits_;
  bool incomplete_ = false;
};

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  return Diff(env, request).run(operands[0], operands.size() > 1 ? operands[1] : std::string(kLive));
}

}  // namespace
}  // namespace diff

constinit const Command kDiff = command_of<diff::options, diff::run>({
    .title = diff::kTitle,
    .summary = "what is new, gone or changed between two captures, or since one",
    .description =
        "Compares two files of `duostat capture`, or one with this host now. Exit status: 0 nothing differs, 1\n"
        "something does, 2 a mistake or an unreadable file, 3 a side is incomplete.",
    .operands = {.usage = "OLD [NEW|live]", .least = 1, .most = 2},
    .failure_status = diff::kUnreadable,
});

}  // namespace duostat::command
