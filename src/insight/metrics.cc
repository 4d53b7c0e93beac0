// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/metrics.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "src/render/column.h"

namespace duostat {
namespace {

using Labels = std::vector<std::string>;

constexpr State kTcpStates[] = {State::established, State::syn_sent,  State::syn_recv, State::fin_wait1,
                                State::fin_wait2,   State::time_wait, State::close,    State::close_wait,
                                State::last_ack,    State::listen,    State::closing};
constexpr std::pair<Family, std::string_view> kFamilies[] = {{Family::inet, "inet"}, {Family::inet6, "inet6"}};

double real(std::uint64_t number) { return static_cast<double>(number); }

/// What users can name as a type of UNIX sockets: "stream".
std::string_view unix_type(Protocol protocol) {
  const std::string_view id = row_of(protocol).id;
  return id.substr(id.find('_') + 1);
}

// ---- counts ----

void add_build(const MetricInput& in, MetricSamples& out) { out.add({std::string(in.version)}, 1); }

void add_tcp(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.whole(Protocol::tcp)) return;
  for (const auto& [family, word] : kFamilies)
    for (const State state : kTcpStates)
      out.add({std::string(word), std::string(state_value(state))},
              real(in.tally.sockets(Protocol::tcp, family, state)));
}

void add_mptcp(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.whole(Protocol::mptcp)) return;
  for (const auto& [family, word] : kFamilies) out.add({std::string(word)}, real(in.tally.mptcp(family)));
}

void add_udp(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.whole(Protocol::udp)) return;
  for (const auto& [family, word] : kFamilies)
    out.add({std::string(word)}, real(in.tally.sockets(Protocol::udp, family, State::established) +
                                      in.tally.sockets(Protocol::udp, family, State::close)));
}

void add_unix(const MetricInput& in, MetricSamples& out) {
  constexpr State kStates[] = {State::listen, State::established, State::close};
  for (const Protocol type : {Protocol::unix_stream, Protocol::unix_dgram, Protocol::unix_seqpacket}) {
    if (!in.tally.whole(type)) continue;
    for (const State state : kStates)
      out.add({std::string(unix_type(type)), std::string(state_value(state))},
              real(in.tally.sockets(type, Family::unix_domain, state)));
  }
}

// ---- by owner ----

template <class Map, class Before>
std::vector<typename Map::const_iterator> ranked(const Map& map, const Before& before) {
  std::vector<typename Map::const_iterator> all;
  for (auto at = map.begin(); at != map.end(); ++at) all.push_back(at);
  std::stable_sort(all.begin(), all.end(), before);  // of equal ones, in the order of their labels
  return all;
}

std::uint64_t sum(const SocketTally::OwnerCounts& counts) {
  std::uint64_t all = 0;
  for (const std::uint64_t n : counts) all += n;
  return all;
}

void add_owners(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.whole(Protocol::tcp)) return;
  const auto all = ranked(in.tally.owners(), [](auto a, auto b) { return sum(a->second) > sum(b->second); });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (sum(all[i]->second) == 0) continue;
    for (std::size_t s = 0; s < kOwnerStates; ++s)
      out.add({i < in.top ? all[i]->first : std::string(kOther), std::string(word_of(static_cast<OwnerState>(s)))},
              real(all[i]->second[s]));
  }
}

void add_peers(const MetricInput& in, MetricSamples& out) {
  if (!in.peers || !in.tally.whole(Protocol::tcp)) return;
  std::uint64_t rest = in.tally.peers().all().sockets;
  for (const Totals::Row& row : in.tally.peers().peers(TotalOrder::sockets, in.top)) {
    out.add({label_text(row.name)}, real(row.total.sockets));
    rest -= row.total.sockets;
  }
  if (rest != 0) out.add({std::string(kOther)}, real(rest));
}

// ---- listeners ----

/// The fullest first, then those with drops, then in the order of their labels, so that series stay the same.
std::vector<std::map<SocketTally::ListenerKey, SocketTally::Listening>::const_iterator> listeners(
    const MetricInput& in) {
  return ranked(in.tally.listeners(), [](auto a, auto b) {
    const std::uint64_t fuller = a->second.queue * (b->second.backlog + 1);
    const std::uint64_t less_full = b->second.queue * (a->second.backlog + 1);
    return fuller != less_full ? fuller > less_full : a->second.drops > b->second.drops;
  });
}

bool sees_listeners(const MetricInput& in) { return in.tally.whole(Protocol::tcp); }

Labels labels_of(const SocketTally::ListenerKey& key, bool own) {
  if (!own) return Labels(4, std::string(kOther));
  return {key.protocol, key.address, key.port, key.unit};
}

template <std::uint64_t SocketTally::Listening::* member>
void add_listeners(const MetricInput& in, MetricSamples& out) {
  if (!sees_listeners(in)) return;
  const auto all = listeners(in);
  for (std::size_t i = 0; i < all.size(); ++i)
    out.add(labels_of(all[i]->first, i < in.top), real(all[i]->second.*member));
}

/// Without a sum of the others, which would fall when one of them gets a sample of its own: counters must not.
void add_listener_drops(const MetricInput& in, MetricSamples& out) {
  if (!sees_listeners(in)) return;
  const auto all = listeners(in);
  for (std::size_t i = 0; i < std::min(all.size(), in.top); ++i)
    if (all[i]->second.has_drops) out.add(labels_of(all[i]->first, true), real(all[i]->second.drops));
}

void add_listener_count(const MetricInput& in, MetricSamples& out) {
  if (!sees_listeners(in)) return;
  const std::size_t all = in.tally.listeners().size(), own = std::min(all, in.top);
  out.add({"own"}, real(own));
  out.add({std::string(kOther)}, real(all - own));
}

void add_udp_drops(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.whole(Protocol::udp)) return;
  const auto all = ranked(in.tally.udp_drops(), [](auto a, auto b) { return a->second > b->second; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < in.top) out.add({all[i]->first.port, all[i]->first.unit}, real(all[i]->second));
    else out.add({std::string(kOther), std::string(kOther)}, real(all[i]->second));
  }
}

// ---- connections ----

void add_ports_used(const MetricInput& in, MetricSamples& out) {
  const std::uint64_t size = in.tally.ports().range().size(), bound = in.tally.ports().bound();
  if (!in.tally.whole(Protocol::tcp) || size == 0) return;
  const double free = size > bound ? real(size - bound) : 1;
  out.add({}, real(in.tally.ports().largest()) / free);
}

void add_ports_held(const MetricInput& in, MetricSamples& out) {
  const std::uint64_t size = in.tally.ports().range().size();
  if (!in.tally.whole(Protocol::tcp) || size == 0) return;
  out.add({}, real(in.tally.ports().held()) / real(size));
}

void add_rtt(const MetricInput& in, MetricSamples& out) {
  constexpr std::pair<std::string_view, double> kStats[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1}};
  constexpr double kMicroseconds = 1e6;
  if (!in.tally.whole(Protocol::tcp)) return;
  for (const auto& [word, share] : kStats)
    if (const auto rtt = in.tally.rtt_quantile(share)) out.add({std::string(word)}, real(*rtt) / kMicroseconds);
}

void add_sent(const MetricInput& in, MetricSamples& out) {
  if (const auto bytes = in.tally.sent_bytes(); bytes && in.tally.whole(Protocol::tcp)) out.add({}, real(*bytes));
}

void add_retransmitted(const MetricInput& in, MetricSamples& out) {
  if (const auto bytes = in.tally.retransmitted_bytes(); bytes && in.tally.whole(Protocol::tcp))
    out.add({}, real(*bytes));
}

void add_closed(const MetricInput& in, MetricSamples& out) {
  if (const auto closed = in.tally.closed_sockets()) out.add({}, real(*closed));
}

void add_descriptors(const MetricInput& in, MetricSamples& out) {
  if (!in.tally.descriptors_whole()) return;
  const auto all = ranked(in.tally.descriptors(), [](auto a, auto b) { return a->second > b->second; });
  // One sample for the others: the largest of them, which is the first.
  for (std::size_t i = 0; i < std::min(all.size(), in.top + 1); ++i)
    out.add({i < in.top ? all[i]->first : std::string(kOther)}, all[i]->second);
}

// ---- the audit, and the look itself ----

enum class Sight : std::uint8_t { whole, in_part, none };

Sight sight_of(const MetricInput& in, const Rule& rule) {
  if (rule.looks == RuleLooks::two) return Sight::none;  // silent in one look: that is no zero
  Sight sight = Sight::whole;
  for (const NotLooked& n : in.not_looked)
    if (n.rule == &rule) sight = std::max(sight, n.in_part ? Sight::in_part : Sight::none);
  return sight;
}

void add_findings(const MetricInput& in, MetricSamples& out) {
  for (const ChosenRule& chosen : in.rules) {
    const Rule& rule = *chosen.rule;
    if (sight_of(in, rule) == Sight::none) continue;
    const std::pair<Severity, bool> severities[] = {{Severity::critical, !rule.critical.empty()},
                                                    {Severity::warning, !rule.warning.empty()},
                                                    {Severity::note, !rule.note.empty()}};
    for (const auto& [severity, possible] : severities) {
      const auto found = std::ranges::count_if(
          in.findings, [&, s = severity](const Finding& f) { return f.rule == &rule && f.severity == s; });
      if (possible || found != 0) out.add({std::string(rule.id), std::string(word_of(severity))}, real(found));
    }
  }
}

void add_rules(const MetricInput& in, MetricSamples& out) {
  std::uint64_t rules[3] = {};
  for (const ChosenRule& chosen : in.rules) ++rules[static_cast<std::size_t>(sight_of(in, *chosen.rule))];
  out.add({"yes"}, real(rules[0]));
  out.add({"in_part"}, real(rules[1]));
  out.add({"no"}, real(rules[2]));
}

void add_duration(const MetricInput& in, MetricSamples& out) { out.add({}, in.duration_s); }

void add_complete(const MetricInput& in, MetricSamples& out) { out.add({}, in.complete ? 1 : 0); }

void add_success(const MetricInput& in, MetricSamples& out) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  if (in.complete) out.add({}, static_cast<double>(in.wall_ns / kNanoseconds));
}

// ---- the rows ----

constexpr std::string_view kVersion[] = {"version"}, kFamily[] = {"family"}, kFamilyState[] = {"family", "state"},
                           kTypeState[] = {"type", "state"}, kUnitState[] = {"unit", "state"}, kUnit[] = {"unit"},
                           kListener[] = {"protocol", "address", "port", "unit"}, kSeries[] = {"series"},
                           kPortUnit[] = {"port", "unit"}, kStat[] = {"stat"}, kPeer[] = {"peer"},
                           kRule[] = {"rule", "severity"}, kLooked[] = {"looked"};

constexpr MetricRow kMetricRows[] = {
    {"duostat_build_info", MetricType::info, "", kVersion, "The program's version; always 1.", add_build},
    {"duostat_tcp_sockets", MetricType::gauge, "", kFamilyState,
     "TCP sockets of the network namespace by state. An MPTCP connection counts once, its subflows do not.", add_tcp},
    {"duostat_mptcp_sockets", MetricType::gauge, "", kFamily, "Of duostat_tcp_sockets: MPTCP sockets.", add_mptcp},
    {"duostat_udp_sockets", MetricType::gauge, "", kFamily, "UDP sockets of the network namespace.", add_udp},
    {"duostat_unix_sockets", MetricType::gauge, "", kTypeState, "UNIX sockets of the network namespace by state.",
     add_unix},
    {"duostat_owner_tcp_sockets", MetricType::gauge, "", kUnitState,
     "TCP sockets that processes hold, by systemd unit or container of the first process. Those without a process "
     "(TIME-WAIT, not yet accepted) are not counted.",
     add_owners},
    {"duostat_peer_tcp_sockets", MetricType::gauge, "", kPeer,
     "TCP connections by address of the peer, with --by=peer.", add_peers},
    {"duostat_listeners", MetricType::gauge, "", kSeries,
     "TCP listeners with series of their own, and the others.", add_listener_count},
    {"duostat_listener_queue", MetricType::gauge, "", kListener,
     "Connections that wait for accept(2), of the fullest socket of the listener. The fullest listeners come first.",
     add_listeners<&SocketTally::Listening::queue>},
    {"duostat_listener_backlog", MetricType::gauge, "", kListener, "Connections that may wait for accept(2).",
     add_listeners<&SocketTally::Listening::backlog>},
    {"duostat_listener_drops_total", MetricType::counter, "", kListener,
     "Connection requests that this listener dropped since it began to listen, retransmitted ones included.",
     add_listener_drops},
    {"duostat_udp_socket_drops", MetricType::gauge, "", kPortUnit,
     "Datagrams dropped so far at the open UDP sockets that have no peer. Ports of the local range are \"ephemeral\".",
     add_udp_drops},
    {"duostat_tcp_local_ports_used_ratio", MetricType::gauge, "", {},
     "Largest share of the local port range that one pair of addresses uses to one port of the peer, without reserved "
     "ports and those that bind(2) holds.",
     add_ports_used},
    {"duostat_tcp_local_ports_held_ratio", MetricType::gauge, "", {},
     "Share of the local port range that any TCP socket holds.", add_ports_held},
    {"duostat_tcp_rtt_seconds", MetricType::gauge, "seconds", kStat,
     "Smoothed round-trip times of established TCP connections.", add_rtt},
    {"duostat_tcp_open_sent_bytes", MetricType::gauge, "bytes", {},
     "Bytes sent by the TCP connections that are open now, retransmissions included.", add_sent},
    {"duostat_tcp_open_retransmitted_bytes", MetricType::gauge, "bytes", {},
     "Bytes retransmitted by the TCP connections that are open now.", add_retransmitted},
    {"duostat_tcp_closed_held_sockets", MetricType::gauge, "", {},
     "TCP sockets of the host that processes hold without a connection: exact from 100 on, at most this number below.",
     add_closed},
    {"duostat_process_descriptors_ratio", MetricType::gauge, "", kUnit,
     "Open descriptors as a share of the soft limit: the largest of the unit's processes with 128 or more.",
     add_descriptors},
    {"duostat_audit_findings", MetricType::gauge, "", kRule,
     "Findings of one look of duostat audit. A rule that could not look has no series.", add_findings},
    {"duostat_audit_rules", MetricType::gauge, "", kLooked, "Rules of the audit by whether they could look.",
     add_rules},
    {"duostat_look_duration_seconds", MetricType::gauge, "seconds", {}, "Time that reading and counting took.",
     add_duration},
    {"duostat_look_complete", MetricType::gauge, "", {},
     "1 if all sockets, owners and descriptors were read, else 0: metrics of what is missing are absent.",
     add_complete},
    {"duostat_last_success_timestamp_seconds", MetricType::gauge, "seconds", {},
     "Time of this look, if it was complete.", add_success},
};

/// Names are valid and different; a counter's ends in _total, and no other's.
constexpr bool rows_valid() {
  for (std::size_t i = 0; i < std::size(kMetricRows); ++i) {
    const MetricRow& row = kMetricRows[i];
    if (!is_metric_name(row.name) || !row.name.starts_with("duostat_")) return false;
    if (row.name.ends_with("_total") != (row.type == MetricType::counter)) return false;
    if (row.name.ends_with("_info") != (row.type == MetricType::info)) return false;
    if (!row.unit.empty() && !row.name.ends_with(row.unit)) return false;
    for (const std::string_view label : row.labels)
      if (!is_metric_name(label, true) || label.starts_with("__")) return false;
    for (std::size_t k = i + 1; k < std::size(kMetricRows); ++k)
      if (kMetricRows[k].name == row.name) return false;
  }
  return true;
}
static_assert(rows_valid());

}  // namespace

void MetricSamples::add(std::vector<std::string> labels, double value) {
  const auto same = std::ranges::find(samples_, labels, &MetricSample::labels);
  if (same != samples_.end()) same->value += value;
  else samples_.push_back({std::move(labels), value});
}

std::span<const MetricRow> metric_rows() { return kMetricRows; }

std::vector<MetricFamily> measure(const MetricInput& input) {
  std::vector<MetricFamily> families;
  for (const MetricRow& row : kMetricRows) {
    MetricSamples samples;
    row.add(input, samples);
    families.push_back({row.name, row.type, row.unit, row.help, row.labels, samples.take()});
  }
  return families;
}

}  // namespace duostat
