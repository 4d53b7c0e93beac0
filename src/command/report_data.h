// The data of `duostat report`, which its forms (text, JSON, HTML) share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/collect/environment.h"
#include "src/collect/host.h"
#include "src/collect/listeners.h"
#include "src/command/audit_run.h"
#include "src/insight/totals.h"
#include "src/model/network_namespace.h"
#include "src/model/state_count.h"
#include "src/procfs/owners.h"

namespace duostat::command {

struct ReportRequest {
  Via via = Via::automatic;
  TotalOrder order = TotalOrder::sockets;
  std::size_t top = 5;            ///< rows of each list of totals, and of listeners
  std::int64_t interval_ns = 0;   ///< between the looks of the audit; 0: one look
  /// --all-netns: where `env` looks. Numbers and rules of the whole host are left out unless it is the caller's
  /// or a recorded host.
  const NetworkNamespace* place = nullptr;
  const OwnerIndex* owners = nullptr;  ///< not null: the processes have been scanned, with their names
};

/// The protocols that a report counts by state.
inline constexpr ProtocolSet kReportedProtocols{Protocol::tcp,         Protocol::mptcp,      Protocol::udp,
                                                Protocol::unix_stream, Protocol::unix_dgram, Protocol::unix_seqpacket};

/// A list of totals.
struct TotalList {
  std::string_view section;  ///< in JSON
  std::string_view title, name_title;
  std::vector<Totals::Row> rows;
};

/// A source that could not be read.
struct ReportProblem {
  std::string object, error;
};

struct ReportData {
  std::optional<NetworkNamespace> place;  ///< of --all-netns
  Host host;
  std::string time;                          ///< RFC 3339, UTC
  std::optional<std::uint64_t> uptime_s;
  std::vector<StateCount> states;            ///< of the namespace, then of the host
  std::uint64_t subflows = 0;                ///< TCP subflows of MPTCP, not counted in `states`
  std::vector<Listener> listeners;           ///< those that a report shows first: fullest queue, then all addresses
  std::uint64_t listening = 0, exposed = 0;  ///< all listeners of TCP and UDP; those bound to all addresses
  std::vector<TotalList> totals;
  std::uint64_t connections = 0;                   ///< TCP connections: one for each socket
  std::uint64_t loopback = 0;                      ///< of these, connections with a loopback address of the peer
  std::uint64_t hidden = 0, hidden_listeners = 0;  ///< connections and listeners whose owner is not visible
  std::string why_hidden;                          ///< what could not be looked at; empty: nothing
  AuditAnswer audit;
  std::size_t rules = 0;
  std::vector<ReportProblem> problems;

  /// False: rows are missing.
  bool complete() const { return problems.empty(); }
};

/// Never throws for a source that fails: see ReportData::problems.
ReportData read_report(Environment& env, const ReportRequest& request);

}  // namespace duostat::command
