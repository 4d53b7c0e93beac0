// A record together with the network namespace that it is from: --all-netns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/model/network_namespace.h"
#include "src/render/namespace_json.h"
#include "src/render/record.h"

namespace duostat {

template <class T>
struct Placed {
  T record;
  const NetworkNamespace* place;
};

/// The column that a Placed record has before those of the record.
constexpr Column placed_column() {
  return {"netns", "the network namespace: its name, pod, container or first process; in JSON an object", Unit::text, 0,
          {}, {}, nullptr};
}

/// Whether records of this set are placed.
inline bool is_placed(const ColumnSet& set) { return !set.columns.empty() && set.columns[0].id == placed_column().id; }

template <class T>
const ColumnSet& placed_column_set() {
  static const std::vector<Column> kColumns = [] {
    std::vector<Column> columns{placed_column()};
    const std::span<const Column> own = record_column_set<T>().columns;
    columns.insert(columns.end(), own.begin(), own.end());
    return columns;
  }();
  static const ColumnSet kSet{kColumns};
  return kSet;
}

template <class T>
class RecordOf<Placed<T>> final : public Record {
 public:
  /// `placed` must outlive this.
  explicit RecordOf(const Placed<T>& placed) : place_(*placed.place), record_(placed.record) {}

  Value value(const Column& column) const override {
    const std::size_t at = index_of(column);
    return at == 0 ? Value::text_of(place_.label) : record_.value(own(at));
  }
  void put(const Column& column, Json& json) const override {
    const std::size_t at = index_of(column);
    if (at != 0) return record_.put(own(at), json);
    json.key(column.key());
    put_namespace(json, place_);
  }

 private:
  static std::size_t index_of(const Column& column) {
    return static_cast<std::size_t>(&column - placed_column_set<T>().columns.data());
  }
  static const Column& own(std::size_t at) { return record_column_set<T>().columns[at - 1]; }

  const NetworkNamespace& place_;
  RecordOf<T> record_;
};

}  // namespace duostat
