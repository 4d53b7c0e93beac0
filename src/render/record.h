// The columns of records that are not sockets: routes, interfaces, groups, counters, masqueraded connections,
// listeners, counts by state. One row each, with the function that computes its value. Ids are the keys of JSON and the
// words of --columns, --sort, --by and --where, and are never renamed (doc/json.md).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/model/change.h"
#include "src/model/counters.h"
#include "src/model/interface.h"
#include "src/model/listener.h"
#include "src/model/masquerade.h"
#include "src/model/multicast_group.h"
#include "src/model/route.h"
#include "src/model/socket_event.h"
#include "src/model/state_count.h"
#include "src/render/column.h"
#include "src/render/json.h"

namespace duostat {

/// A counter as a record of its own.
struct CounterRecord {
  std::string_view section;
  Counter counter;
  std::optional<std::int64_t> elapsed_ms;  ///< the counter is a difference (two's complement) over this time
};

template <class T>
struct RecordColumn {
  std::string_view id, help;
  Unit unit;
  /// `text` holds the value's text until the next value is requested.
  Value (*value)(const T& record, std::string& text);
  /// Not null: writes a JSON array, which `value` can only return as text. Writes nothing if it is absent.
  void (*json)(const T& record, std::string_view key, Json& json) = nullptr;
  std::span<const std::string_view> words{};  ///< see Column::words
  bool ip = false;                            ///< see Column::ip
  bool netlink_only = false;                  ///< provided only by rtnetlink
};

/// The columns of a record type; members of one object are adjacent.
template <class T>
std::span<const RecordColumn<T>> record_columns();
template <>
std::span<const RecordColumn<Route>> record_columns<Route>();
template <>
std::span<const RecordColumn<Interface>> record_columns<Interface>();
template <>
std::span<const RecordColumn<MulticastGroup>> record_columns<MulticastGroup>();
template <>
std::span<const RecordColumn<MasqueradedConnection>> record_columns<MasqueradedConnection>();
template <>
std::span<const RecordColumn<CounterRecord>> record_columns<CounterRecord>();
template <>
std::span<const RecordColumn<Listener>> record_columns<Listener>();
template <>
std::span<const RecordColumn<StateCount>> record_columns<StateCount>();
template <>
std::span<const RecordColumn<ClosedCount>> record_columns<ClosedCount>();
template <>
std::span<const RecordColumn<Change>> record_columns<Change>();
template <>
std::span<const RecordColumn<SocketEvent>> record_columns<SocketEvent>();

/// The same rows, as named in --where, --columns and the others.
template <class T>
const ColumnSet& record_column_set();

/// A record as seen through its columns, independent of its type.
class Record {
 public:
  virtual ~Record() = default;
  /// `column` must be in the record's set. Text is valid until the next value is requested.
  virtual Value value(const Column& column) const = 0;
  /// Writes the column as a member. Returns false, and writes nothing, if it is absent.
  virtual void put(const Column& column,
                   Json& json) const = 0;  /// Where it is from; null: from the only place that is listed.
  virtual const NetworkNamespace* place() const { return nullptr; }
};

template <class T>
class RecordOf final : public Record {
 public:
  /// `record` must outlive this.
  explicit RecordOf(const T& record) : record_(record) {}

  Value value(const Column& column) const override { return row(column).value(record_, text_); }
  void put(const Column& column, Json& json) const override {
    const RecordColumn<T>& c = row(column);
    if (c.json != nullptr) c.json(record_, column.key(), json);
    else put_value(json, column.key(), c.value(record_, text_));
  }

 private:
  static const RecordColumn<T>& row(const Column& column) {
    return record_columns<T>()[static_cast<std::size_t>(&column - record_column_set<T>().columns.data())];
  }
  const T& record_;
  mutable std::string text_;
};

template <class T>
const ColumnSet& record_column_set() {
  static const std::vector<Column> kColumns = [] {
    std::vector<Column> columns;
    for (const RecordColumn<T>& c : record_columns<T>()) {
      Column column{c.id, c.help, c.unit, 0, {}, {}, nullptr};
      column.words = c.words;
      column.ip = c.ip;
      columns.push_back(column);
    }
    return columns;
  }();
  static const ColumnSet kSet{kColumns};
  return kSet;
}

/// Writes these columns of a record as members of the open object; those of one group as a nested object.
void put_members(Json& json, std::span<const Column* const> columns, const Record& record);

}  // namespace duostat
