// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/audit.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <utility>

#include "src/base/duration.h"
#include "src/collect/owners.h"
#include "src/command/audit_run.h"
#include "src/command/audit_settings.h"
#include "src/command/audit_text.h"
#include "src/command/baseline_file.h"
#include "src/command/everywhere.h"
#include "src/command/scaffold.h"
#include "src/view/fail_if.h"
#include "src/view/finding_columns.h"
#include "src/view/record_view.h"
#include "src/view/view_request.h"

namespace duostat::command {
namespace audit {
namespace {

constexpr std::string_view kTitle = "duostat audit";
enum Status : int { kClean = 0, kWarning = 1, kCritical = 2, kBlind = 3 };

struct Request {
  ViewRequest view;
  AuditSettings settings;
  std::optional<std::string> interval, explain, via, owners, baseline;
  std::vector<std::string> from;  ///< --from
  bool list_rules = false, all = false;
};

constexpr auto kOwnOptions = std::to_array<Option<Request>>({
    {0, "only", "RULE[,RULE...]", "only these rules",
     [](Request& r, std::string_view value) { r.settings.only.emplace_back(value); }, "Rules"},
    {0, "skip", "RULE[,RULE...]", "not these rules",
     [](Request& r, std::string_view value) { r.settings.skip.emplace_back(value); }},
    {0, "list-rules", "", "print the rules and their thresholds, in the form of --config",
     [](Request& r, std::string_view) { r.list_rules = true; }},
    {0, "explain", "RULE", "print everything about one rule", keep_value<Request, &Request::explain>},
    {0, "set", "RULE.THRESHOLD=VALUE", "change a threshold",
     [](Request& r, std::string_view value) { r.settings.set.emplace_back(value); }},
    {0, "config", "FILE", "read thresholds from a file: lines RULE.THRESHOLD = VALUE, # begins a comment",
     [](Request& r, std::string_view value) { r.settings.configs.emplace_back(value); }},
    {0, "baseline", "FILE", "report listeners that are not in this file of `duostat listen --write-baseline`",
     [](Request& r, std::string_view value) { r.baseline = std::string(value), r.settings.baseline = true; }},
    {0, "interval", "SECONDS", "look twice, so far apart; 0: once (default: 1 on a terminal, else 0)",
     keep_value<Request, &Request::interval>, "Looking"},
    {0, "all", "", "show all sockets that were kept as evidence, not only the first five",
     [](Request& r, std::string_view) { r.all = true; }, kViewGroup},
});
constexpr auto kOptions = join_rows<Request>(kOwnOptions, via_option<Request>("Looking"),
                                             owners_option<Request>("Looking"),
                                             from_option<Request>("Looking"), all_netns_option<Request>("Looking"),
                                             list_options<Request>());
static_assert(letters_unique(kOptions));

std::span<const Option<Request>> options() { return kOptions; }

std::int64_t interval_ns(const std::string& text) {
  constexpr std::int64_t kMost = 86400LL * 1'000'000'000;
  const std::int64_t ns = duration_of("--interval", text);
  if (ns > kMost) throw UsageError(fmt::format("--interval: \"{}\" is longer than a day", text), kUsageStatus);
  return ns;
}

/// One audit of the shown host, with what it was asked.
class Session {
 public:
  Session(Environment& env, const Request& request, const std::vector<ChosenRule>& rules, const ViewPlan& view, Via via,
          const Baseline* baseline)
      : env_(env), request_(request), rules_(rules), view_(view), via_(via), baseline_(baseline) {}

  int run() {
    places_ = places_of(env_, request_.view.all_netns);
    if (places_ && view_.json != JsonStyle::document) print_times(env_, kTitle, *places_, !view_.replaces());
    if (places_ && places_->per_host())
      look_at_hosts();
    else if (places_)
      look_everywhere();
    else answer_ = run_audit(env_, plan_of(rules_, via_, nullptr));
    note_single_look();
    incomplete_ = incomplete_ || !answer_.incomplete.empty();
    const int status = choose_status();
    // --fail-if replaces the audit's own status; a rule that could not look might have found something.
    const bool missing = incomplete_ || !answer_.not_looked.empty();
    if (!view_.replaces()) {
      print_text();
      return status_of_text(env_, kTitle, view_, status, missing);
    }
    view_.note_missing(missing);
    const int shown = print_view();
    return view_.fails() ? shown : status;
  }

 private:
  AuditPlan plan_of(const std::vector<ChosenRule>& rules, Via via, const OwnerIndex* owners) const {
    constexpr std::size_t kFew = 5, kNoLimit = static_cast<std::size_t>(-1);
    return {.rules = rules,
            .evidence = request_.all ? kNoLimit : kFew,
            .interval_ns = chosen_interval(),
            .via = via,
            .baseline = baseline_,
            .owners = owners};
  }

  /// Looks in each network namespace, one after the other. Rules about the host and about all processes look once: in
  /// the initial namespace, else in the caller's.
  void look_everywhere() {
    const OwnerIndex owners = read_owners(env_, {});
    std::vector<ChosenRule> local, once;
    for (const ChosenRule& c : rules_) (c.rule->scope == RuleScope::network_namespace ? local : once).push_back(c);
    bool looked_once = once.empty();
    places_->run(via_, [&](Environment& inside, Via from) {
      const bool initial = inside.proc.exists("sys/net/ipv4/tcp_mem");
      const bool all = !looked_once && initial && from == via_;
      looked_once = looked_once || all;
      take(run_audit(inside, plan_of(all ? rules_ : local, from, &owners)));
    });
    if (!looked_once) {
      places_->show(0);
      take(run_audit(env_, plan_of(once, via_, &owners)));
    }
    end_places();
  }

  /// Looks at one recorded host after the other; a host is all that each rule is about.
  void look_at_hosts() {
    places_->run(via_, [&](Environment& inside, Via from) { take(run_audit(inside, plan_of(rules_, from, nullptr))); });
    end_places();
  }

  /// Hosts that share a reason are reported together.
  void take_blind(NotLooked blind, const std::string& label) {
    const auto same = std::ranges::find_if(blind_, [&](const Blind& b) {
      return b.what.rule == blind.rule && b.what.in_part == blind.in_part && b.what.reason == blind.reason;
    });
    if (same == blind_.end()) return blind_.push_back({std::move(blind), {label}});
    same->hosts.push_back(label);
    if (!blind.in_part) ++blind_again_;
  }

  void tell_blind() {
    constexpr std::size_t kNamed = 5;
    for (Blind& b : blind_) {
      std::string hosts;
      for (std::size_t i = 0; i < std::min(b.hosts.size(), kNamed); ++i)
        hosts.append(i == 0 ? "" : ", ").append(b.hosts[i]);
      if (b.hosts.size() > kNamed) hosts += fmt::format(" and {} more", b.hosts.size() - kNamed);
      b.what.reason.insert(0, hosts + ": ");
      answer_.not_looked.push_back(std::move(b.what));
    }
  }

  void end_places() {
    tell_blind();
    std::ranges::stable_sort(placed_, std::greater(), [](const auto& p) { return p.record.severity; });
    if (!view_.replaces()) name_in_subjects();
    for (const EachPlace::Problem& p : places_->problems()) {
      answer_.remarks.push_back(fmt::format("{}: {}", p.object, p.error));
      incomplete_ = true;
    }
    bool lacks = false;
    if (std::string text = places_->files_text({}, lacks); !text.empty()) answer_.remarks.push_back(std::move(text));
  }

  /// For the text, whose findings have no columns.
  void name_in_subjects() {
    for (Placed<Finding>& p : placed_) {
      const std::string where = (places_->per_host() ? "host " : "network namespace ") + p.place->label;
      p.record.subject = p.record.subject.empty() ? where : p.record.subject + " in " + where;
      answer_.findings.push_back(std::move(p.record));
    }
    placed_.clear();
  }

  /// Adds the findings of the current place.
  void take(AuditAnswer found) {
    const NetworkNamespace& place = places_->get();
    for (Finding& f : found.findings) placed_.push_back({std::move(f), &place});
    for (NotLooked& n : found.not_looked) {
      if (places_->per_host()) {
        take_blind(std::move(n), place.label);
        continue;
      }
      n.reason.insert(0, place.label + ": ");
      answer_.not_looked.push_back(std::move(n));
    }
    for (std::string& remark : found.remarks) {
      if (places_->per_host()) remark.insert(0, place.label + ": ");
      if (std::ranges::find(answer_.remarks, remark) == answer_.remarks.end())
        answer_.remarks.push_back(std::move(remark));
    }
    for (TableAnswer& table : found.incomplete) {
      if (places_->per_host()) table.answer.coverage.object.insert(0, place.label + ": ");
      answer_.incomplete.push_back(std::move(table));
    }
    answer_.looks = std::max(answer_.looks, found.looks);
    asked_ += 1;
  }

  bool any(FunctionRef<bool(RuleLooks)> wanted) const {
    return std::ranges::any_of(rules_, [&](const ChosenRule& c) { return wanted(c.rule->looks); });
  }
  bool named(const Rule& rule) const { return !request_.settings.only.empty() && find_chosen(rule); }
  bool find_chosen(const Rule& rule) const {
    return std::ranges::any_of(rules_, [&](const ChosenRule& c) { return c.rule == &rule; });
  }

  std::int64_t chosen_interval() const {
    if (env_.recorded != nullptr || env_.hosts != nullptr) {
      if (request_.interval && interval_ns(*request_.interval) != 0)
        throw UsageError("--interval: a recorded host can be looked at only once", kUsageStatus);
      return 0;
    }
    if (request_.interval) return interval_ns(*request_.interval);
    if (request_.view.all_netns) return 0;  // the namespaces are looked at one after the other
    constexpr std::int64_t kSecond = 1'000'000'000;
    const bool asked = !request_.settings.only.empty() && any([](RuleLooks l) { return l == RuleLooks::two; });
    const bool gains = any([](RuleLooks l) { return l != RuleLooks::one; });
    return asked || (gains && env_.terminal.is_tty) ? kSecond : 0;
  }

  /// A rule that was named and saw only one of two looks has not looked.
  void note_single_look() {
    if (answer_.looks > 1) return;
    for (const ChosenRule& c : rules_)
      if (c.rule->looks == RuleLooks::two && named(*c.rule))
        answer_.not_looked.push_back({c.rule, "it needs two looks (--interval)", false});
  }

  template <class T>
  bool matches(const T& finding) const {
    const RecordOf<T> record(finding);
    return !view_.where || view_.where->matches([&](const Column& c) { return record.value(c); });
  }

  int choose_status() {
    Severity worst = Severity::note;
    const auto count = [&](const auto& record, Severity severity) {
      if (!matches(record)) return;
      ++found_;
      worst = std::max(worst, severity);
    };
    for (const Finding& f : answer_.findings) count(f, f.severity);
    for (const Placed<Finding>& p : placed_) count(p, p.record.severity);
    if (worst == Severity::critical) return kCritical;
    if (worst == Severity::warning) return kWarning;
    std::size_t blind = blind_again_;
    bool named_blind = false;
    for (const NotLooked& n : answer_.not_looked) {
      if (n.in_part) continue;
      ++blind;
      named_blind |= named(*n.rule);
    }
    return incomplete_ || named_blind || blind >= rules_.size() * std::max<std::size_t>(asked_, 1) ? kBlind : kClean;
  }

  void print_text() {
    AuditOutcome outcome{.not_looked = answer_.not_looked,
                         .remarks = answer_.remarks,
                         .rules = rules_.size(),
                         .looks = answer_.looks,
                         .found = found_};
    choose_records(view_, answer_.findings);
    print_findings(env_, answer_.findings, outcome);
  }

  /// Returns what --fail-if decides, if it was given.
  int print_view() {
    const ColumnSet& set = places_ ? placed_column_set<Finding>(places_->kind()) : record_column_set<Finding>();
    RecordView view(env_, kTitle, view_, set, "findings", via_);
    const bool document = view_.json == JsonStyle::document;
    if (document) view.document().on_end([this](Json& json) { put_account(json); });
    if (places_) {
      choose_records(view_, placed_);
      view.print_all(placed_);
      for (const EachPlace::Problem& p : places_->problems()) view.note(places_->words().operation, p.object, p.error);
    } else {
      choose_records(view_, answer_.findings);
      view.print_all(answer_.findings);
    }
    for (const TableAnswer& table : answer_.incomplete) view.note(table.answer.coverage);
    const int decided = view.finish();
    if (document) return decided;
    for (const NotLooked& n : answer_.not_looked)
      env_.err.line(
          fmt::format("{}: {} {}: {}", kTitle, n.in_part ? "looked in part:" : "not looked at:", n.rule->id, n.reason));
    for (const std::string& remark : answer_.remarks) env_.err.line(fmt::format("{}: {}", kTitle, remark));
    return decided;
  }

  void put_account(Json& json) const {
    json.member("looks", answer_.looks);
    json.key("not_looked_at");
    json.begin_array();
    put_not_looked(json, answer_.not_looked);
    json.end_array();
    if (answer_.remarks.empty()) return;
    json.key("remarks");
    json.begin_array();
    for (const std::string& remark : answer_.remarks) json.element_text(remark);
    json.end_array();
  }

  Environment& env_;
  const Request& request_;
  const std::vector<ChosenRule>& rules_;
  const ViewPlan& view_;
  Via via_;
  const Baseline* baseline_;
  AuditAnswer answer_;
  std::unique_ptr<EachPlace> places_;    ///< null: one
  std::vector<Placed<Finding>> placed_;  ///< then the findings; answer_ has the rest
  struct Blind {
    NotLooked what;
    std::vector<std::string> hosts;
  };
  std::vector<Blind> blind_;      ///< of recorded hosts
  std::size_t blind_again_ = 0;   ///< hosts of blind_ beyond the first of each, but for those that looked in part
  std::size_t asked_ = 0;                ///< audits, if several
  std::size_t found_ = 0;
  bool incomplete_ = false;
};

/// `option` prints rules: refuses the options that are about looking and its answer.
void refuse_looking(const Request& request, std::string_view option) {
  const std::pair<bool, std::string_view> looking[] = {
      {request.interval.has_value(), "interval"}, {request.via.has_value(), "via"},
      {request.owners.has_value(), "owners"},     {!request.from.empty(), "from"},
      {request.baseline.has_value(), "baseline"}, {request.all, "all"}};
  const auto refuse = [&](std::string_view other) {
    throw UsageError(fmt::format("{} and --{} do not go together", option, other), kUsageStatus);
  };
  for (const auto& [given, name] : looking)
    if (given) refuse(name);
  for (std::size_t i = 0; i < kViewOptions; ++i)
    if (const auto view = static_cast<ViewOption>(i); request.view.given(view)) refuse(name_of(view));
}

int run(Environment& env, const Request& request, std::span<const std::string>) {
  if (request.list_rules && request.explain)
    throw UsageError("--list-rules and --explain do not go together", kUsageStatus);
  if (request.list_rules) refuse_looking(request, "--list-rules");
  if (request.explain) {
    refuse_looking(request, "--explain");
    if (!request.settings.only.empty() || !request.settings.skip.empty())
      throw UsageError("--explain and --only or --skip do not go together", kUsageStatus);
  }
  AuditSettings settings = request.settings;
  if (request.list_rules || request.explain) settings.baseline = true;
  const std::vector<ChosenRule> rules = choose_rules(settings, env.secure);
  if (request.baseline) require_one_host(env, "a baseline");
  if (request.view.all_netns && request.baseline)
    throw UsageError("--all-netns: a baseline is of one network namespace", kUsageStatus);
  const ColumnSet& set = lists_places(env, request.view.all_netns) && request.view.replaces()
                             ? placed_column_set<Finding>(place_kind(env))
                             : record_column_set<Finding>();
  const ViewPlan view(env, request.view, set);
  const Via via = choose_via(request.via, env.variables);
  choose_owners(env, request.owners);
  if (request.interval) interval_ns(*request.interval);  // refuses a mistake before anything is read
  if (request.list_rules) return print_rules(env, rules), kClean;
  if (request.explain) {
    const Rule& rule = require_rule("--explain", *request.explain);
    const auto chosen = std::ranges::find(rules, &rule, &ChosenRule::rule);
    return print_rule(env, chosen != rules.end() ? *chosen : ChosenRule(rule)), kClean;
  }
  if (view.help) return env.out.append(columns_help(set)), kClean;
  std::optional<Baseline> baseline;
  if (request.baseline) baseline = read_baseline(env, *request.baseline);
  return Session(env, request, rules, view, via, baseline ? &*baseline : nullptr).run();
}

}  // namespace
}  // namespace audit

constinit const Command kAudit = command_of<audit::options, audit::run>({
    .title = audit::kTitle,
    .summary = "what is wrong on this host: rules over its sockets and counters",
    .description = "Looks for what goes wrong with sockets, names the owners and says what to do.\n"
                   "Exit status: 0 nothing or only notes, 1 warnings, 2 critical, 3 could not look or\n"
                   "usage error.",
    .failure_status = audit::kBlind,
    .usage_status = audit::kBlind,
    .shows_host = true,
    .shows_hosts = true,
});

}  // namespace duostat::command
