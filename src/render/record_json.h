// Writes records of the kernel's tables (routes, interfaces, groups, counters, …) as JSON objects, one call each. A
// value that does not exist or was not supplied has no key. doc/json.md lists the keys, doc/schema their types.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/model/counters.h"
#include "src/model/summary.h"
#include "src/render/json.h"
#include "src/render/record.h"

namespace duostat {

namespace detail {
void put_whole_record(Json& json, const ColumnSet& set, const Record& record);
}  // namespace detail

/// All columns of a record (src/render/record.h).
template <class T>
void put_record(Json& json, const T& record) {
  detail::put_whole_record(json, record_column_set<T>(), RecordOf<T>(record));
}

/// {"Tcp": {"ActiveOpens": 5}}: the kernel's names and numbers, as a member of the open object.
void put_section(Json& json, const CounterSection& section);
/// The same with differences, which may be negative (two's complement), and the time over which they arose.
void put_differences(Json& json, const CounterSection& section, std::int64_t elapsed_ns);

/// Writes one object per protocol, and one for all sockets, with the known numbers; calls `end_element` after each.
template <class EndElement>
void put_records(Json& json, const SocketSummary& summary, EndElement&& end_element);

namespace detail {
inline constexpr int kSummaryRecords = 6;
/// Writes the record with that number. Returns false, and writes nothing, if none of its values is known.
bool put_summary_record(Json& json, int number, const SocketSummary& summary);
}  // namespace detail

template <class EndElement>
void put_records(Json& json, const SocketSummary& summary, EndElement&& end_element) {
  for (int i = 0; i < detail::kSummaryRecords; ++i)
    if (detail::put_summary_record(json, i, summary)) end_element();
}

}  // namespace duostat
