// Records of the kernel's tables (routes, interfaces, groups, counters, …) as JSON objects, one call each. What does
// not exist, or was not told, has no key. doc/json.md has the keys, doc/schema their types.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/model/counters.h"
#include "src/model/interface.h"
#include "src/model/masquerade.h"
#include "src/model/multicast_group.h"
#include "src/model/route.h"
#include "src/model/summary.h"
#include "src/render/json.h"

namespace duostat {

void put_record(Json& json, const Route& route);
void put_record(Json& json, const CachedRoute& cached);
void put_record(Json& json, const Interface& interface);
void put_record(Json& json, const MulticastGroup& group);
void put_record(Json& json, const MasqueradedConnection& connection);

/// {"Tcp": {"ActiveOpens": 5}}: the kernel's names and its numbers.
void put_record(Json& json, const CounterSection& section);
/// The same of differences, which may be negative (two's complement), and how long they took to come about.
void put_differences(Json& json, const CounterSection& section, std::int64_t elapsed_ns);

/// Which of the files that a summary is made of were there.
struct SummarySources {
  bool sockstat = true, sockstat6 = true, snmp = true;
};
/// One object for each protocol, and one for all sockets; `end_element` is called after each.
template <class EndElement>
void put_records(Json& json, const SocketSummary& summary, const SummarySources& sources, EndElement&& end_element);

namespace detail {
inline constexpr int kSummaryRecords = 6;
/// The record of that number; false, and nothing written, if nothing of it is known.
bool put_summary_record(Json& json, int number, const SocketSummary& summary, const SummarySources& sources);
}  // namespace detail

template <class EndElement>
void put_records(Json& json, const SocketSummary& summary, const SummarySources& sources, EndElement&& end_element) {
  for (int i = 0; i < detail::kSummaryRecords; ++i)
    if (detail::put_summary_record(json, i, summary, sources)) end_element();
}

}  // namespace duostat
