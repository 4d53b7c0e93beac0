// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/report_data.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/collect/sockets.h"
#include "src/collect/state_counts.h"
#include "src/command/audit_settings.h"
#include "src/command/state_rows.h"
#include "src/insight/rule_parts.h"
#include "src/collect/owners.h"
#include "src/view/process_holders.h"

namespace duostat::command {
namespace {

constexpr StateMask kConnections =
    mask_of(State::established, State::syn_sent, State::fin_wait1, State::fin_wait2, State::close_wait,
            State::last_ack, State::closing);

class Reading {
 public:
  Reading(Environment& env, const ReportRequest& request)
      : env_(env),
        request_(request),
        own_(request.owners != nullptr ? OwnerIndex() : read_owners(env, {})),
        owners_(request.owners != nullptr ? *request.owners : own_),
        holders_(env.proc, owners_, {}) {
    if (request.place != nullptr) data_.place = *request.place;
  }

  ReportData all() {
    data_.host = host_of(env_);
    data_.time = time_text(wall_time_ns(env_));
    uptime();
    listeners();
    sockets();
    audit();
    data_.why_hidden = reasons(owners_.coverage());
    return std::move(data_);
  }

 private:
  /// True for a report that has the numbers and rules of the whole host.
  bool of_host() const { return !data_.place || data_.place->own || kind_of(*data_.place) == PlaceKind::host; }

  void uptime() {
    constexpr std::uint64_t kMilliseconds = 1000;
    if (const auto up = uptime_ms(env_.proc)) data_.uptime_s = *up / kMilliseconds;
  }

  void note(std::string object, std::string error) {
    const auto same = [&](const ReportProblem& p) { return p.object == object && p.error == error; };
    if (std::ranges::none_of(data_.problems, same)) data_.problems.push_back({std::move(object), std::move(error)});
  }
  void note(const std::vector<TableAnswer>& answers) {
    for (const TableAnswer& a : answers)
      if (a.missing) note(std::string(a.name), why_missing(a));
  }

  void listeners() {
    constexpr ProtocolSet kIp{Protocol::tcp, Protocol::mptcp, Protocol::udp};
    Listeners found = read_listeners(env_, request_.via, {.protocols = kIp, .owners = &owners_});
    note(found.answers);
    data_.listening = found.list.size();
    data_.hidden_listeners = found.unknown;
    const auto on_all = [](const Listener& l) { return binding_of(l) == Binding::all; };
    data_.exposed = static_cast<std::uint64_t>(std::ranges::count_if(found.list, on_all));
    for (const Listener& l : found.list) listening_ports_.push_back(l.local.port);
    // A queue that fills up first, then what any address reaches.
    const auto rank = [&](const Listener& l) {
      const bool tcp = l.protocol != Protocol::udp;
      return std::pair(tcp ? l.queue.value_or(0) : 0U, on_all(l) ? 1 : 0);
    };
    std::ranges::stable_sort(found.list, [&](const Listener& a, const Listener& b) { return rank(a) > rank(b); });
    if (found.list.size() > request_.top)
      found.list.erase(found.list.begin() + static_cast<std::ptrdiff_t>(request_.top), found.list.end());
    data_.listeners = std::move(found.list);
  }

  /// One pass for the counts by state and for the totals.
  void sockets() {
    Totals totals;
    for (const std::uint32_t port : listening_ports_) totals.add_listener(port);
    const auto add = [&](const Socket& s) {
      if (s.protocol != Protocol::tcp || !in_mask(kConnections, s.state)) return;
      totals.add(s, holders_);
      if (is_loopback(s.remote)) ++data_.loopback;
    };
    const SocketCounts counts =
        count_sockets(env_, request_.via, kReportedProtocols, {Family::inet, Family::inet6}, {Field::tcp_info}, add);
    note(counts.answers);
    data_.subflows = counts.subflows;
    data_.states = state_rows(env_, counts);
    if (of_host())
      if (std::string unread = add_host_numbers(env_, kReportedProtocols, data_.states); !unread.empty())
        note("numbers of the host", std::move(unread));
    data_.connections = totals.all().sockets;
    data_.hidden = totals.hidden();
    const TotalOrder order = request_.order;
    data_.totals.push_back({"peers", "Peers", "peer", totals.peers(order, request_.top)});
    data_.totals.push_back({"processes", "Processes", "process", totals.processes(order, request_.top)});
    data_.totals.push_back({"ports", "Services", "port", totals.ports(order, request_.top)});
  }

  void audit() {
    std::vector<ChosenRule> rules = choose_rules({}, env_.secure);
    if (!of_host())
      std::erase_if(rules, [](const ChosenRule& c) { return c.rule->scope != RuleScope::network_namespace; });
    data_.rules = rules.size();
    data_.audit = run_audit(
        env_, {.rules = rules, .interval_ns = request_.interval_ns, .via = request_.via, .owners = &owners_});
    note(data_.audit.incomplete);
  }

  Environment& env_;
  const ReportRequest& request_;
  OwnerIndex own_;  ///< unless the request has one
  const OwnerIndex& owners_;
  ProcessHolders holders_;
  ReportData data_;
  std::vector<std::uint32_t> listening_ports_;
};

}  // namespace

ReportData read_report(Environment& env, const ReportRequest& request) { return Reading(env, request).all(); }

}  // namespace duostat::command
