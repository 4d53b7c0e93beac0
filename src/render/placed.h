// A record together with the place that it is from: a network namespace (--all-netns) or a recorded host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <iterator>
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
constexpr Column placed_column(PlaceKind kind) {
  constexpr std::string_view kHelp[] = {
      "the network namespace: its name, pod, container or first process; in JSON an object", "name of the host"};
  return {words_of(kind).column, kHelp[static_cast<unsigned>(kind)], Unit::text, 0, {}, {}, nullptr};
}

/// Whether records of this set are placed. No record has such a column first itself.
inline bool is_placed(const ColumnSet& set) {
  if (set.columns.empty()) return false;
  return std::ranges::find(kPlaceWords, set.columns[0].id, &PlaceWords::column) != std::end(kPlaceWords);
}

/// The columns of placed records: that of the place, and those of the record with another id.
template <class T>
struct PlacedColumns {
  explicit PlacedColumns(PlaceKind kind) : columns{placed_column(kind)}, own{nullptr} {
    for (const Column& c : record_column_set<T>().columns) {
      if (c.id == columns[0].id) continue;
      columns.push_back(c);
      own.push_back(&c);
    }
    set = ColumnSet{columns};
  }
  PlacedColumns(const PlacedColumns&) = delete;
  PlacedColumns& operator=(const PlacedColumns&) = delete;

  std::vector<Column> columns;
  std::vector<const Column*> own;  ///< of the record
  ColumnSet set;

  static const PlacedColumns& of(PlaceKind kind) {
    static const PlacedColumns kNamespaces(PlaceKind::network_namespace), kHosts(PlaceKind::host);
    return kind == PlaceKind::host ? kHosts : kNamespaces;
  }
};

template <class T>
const ColumnSet& placed_column_set(PlaceKind kind) {
  return PlacedColumns<T>::of(kind).set;
}

template <class T>
class RecordOf<Placed<T>> final : public Record {
 public:
  /// `placed` must outlive this.
  explicit RecordOf(const Placed<T>& placed)
      : place_(*placed.place), columns_(PlacedColumns<T>::of(kind_of(place_))), record_(placed.record) {}

  Value value(const Column& column) const override {
    const std::size_t at = index_of(column);
    return at == 0 ? Value::text_of(place_.label) : record_.value(*columns_.own[at]);
  }
  void put(const Column& column, Json& json) const override {
    const std::size_t at = index_of(column);
    if (at != 0) return record_.put(*columns_.own[at], json);
    put_place(json, place_);
  }
  const NetworkNamespace* place() const override { return &place_; }

 private:
  std::size_t index_of(const Column& column) const {
    return static_cast<std::size_t>(&column - columns_.columns.data());
  }

  const NetworkNamespace& place_;
  const PlacedColumns<T>& columns_;
  RecordOf<T> record_;
};

}  // namespace duostat
