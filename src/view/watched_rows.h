// The rows of two passes of a listing, compared: which are new, which fields changed, which are gone.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/view/row_keys.h"

namespace duostat {

enum class RowMark : std::uint8_t { none, added, changed, gone };

/// The printed rows of the last pass, with the rows that ended since the pass before at their former places. Two passes
/// are kept, in buffers that are reused: memory stays constant over any number of passes of one length.
class WatchedRows {
 public:
  static constexpr unsigned kGonePasses = 2;  ///< a gone row stays for this many passes

  /// Bytes [begin, end) of the text of a row.
  struct Field {
    std::uint32_t begin, end;
  };
  struct Row {
    RowKey key;
    std::uint32_t begin = 0, size = 0;  ///< in the text; without the last newline
    std::uint32_t first_change = 0, changes = 0;
    RowMark mark = RowMark::none;
    std::uint8_t gone_passes = 0;
    bool heading = false;
  };
  struct Counts {
    std::size_t rows = 0, added = 0, changed = 0, gone = 0;  ///< gone: since the last pass
  };

  /// Takes the text of a pass. A row is a line with the lines after it that begin with a tab (details of ss). If the
  /// lines are not as many as the keys say, or there are only headings, each line after these is a row, and its key is
  /// its words that are not numbers.
  void add_pass(std::string_view text, const RowKeys& keys);
  /// The next pass is not compared: the listing has another form or another filter.
  void forget() { fresh_ = true; }

  std::span<const Row> rows() const { return now_.rows; }
  std::string_view text(const Row& row) const { return std::string_view(now_.text).substr(row.begin, row.size); }
  std::span<const Field> changes(const Row& row) const {
    return std::span(now_.fields).subspan(row.first_change, row.changes);
  }
  const Counts& counts() const { return counts_; }
  /// Bytes of all buffers, for tests.
  std::size_t memory() const;

 private:
  struct Pass {
    std::string text;
    std::vector<Row> rows;
    std::vector<Field> fields;
    void clear();
  };
  struct Place {
    RowKey key;
    std::uint32_t row;
  };
  /// A row of the last pass that ended, and the row of this pass that it follows; -1: it is the first.
  struct Ended {
    std::int64_t after;
    std::uint32_t row;
  };

  bool split_by_keys(const RowKeys& keys);
  void split_by_lines(const RowKeys& keys);
  void add_row(RowKey key, std::size_t begin, std::size_t end, bool heading);
  void number_repeated();
  void compare();
  void find_ended();
  void merge_ended();
  void mark_changes(Row& row, std::string_view before);
  const Row* row_before(const RowKey& key) const;

  Pass now_, before_, merged_;
  std::vector<Place> places_before_, places_;
  std::vector<Ended> ended_;
  std::vector<Field> words_now_, words_before_;
  std::string scratch_;
  Counts counts_;
  bool fresh_ = true;
};

}  // namespace duostat
