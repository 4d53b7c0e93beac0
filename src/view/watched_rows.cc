// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watched_rows.h"

#include <algorithm>
#include <utility>

namespace duostat {
namespace {

std::size_t line_end(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find('\n', begin);
  return end == std::string_view::npos ? text.size() : end;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

void find_words(std::string_view text, std::vector<WatchedRows::Field>& words) {
  words.clear();
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && !is_blank(text[at])) ++at;
    words.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)});
  }
}

bool all_digits(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void WatchedRows::Pass::clear() {
  text.clear();
  rows.clear();
  fields.clear();
}

void WatchedRows::add_row(RowKey key, std::size_t begin, std::size_t end, bool heading) {
  Row row{.key = key};
  row.begin = static_cast<std::uint32_t>(begin);
  row.size = static_cast<std::uint32_t>(end - begin);
  row.heading = heading;
  now_.rows.push_back(row);
}

/// False if the text has another number of rows.
bool WatchedRows::split_by_keys(const RowKeys& keys) {
  const std::string_view text = now_.text;
  std::size_t at = 0;
  for (const RowKeys::Entry& entry : keys.entries()) {
    for (std::uint32_t line = 0; line < std::max(entry.heading_lines, 1u); ++line) {
      if (at >= text.size()) return false;
      const std::size_t begin = at;
      std::size_t end = line_end(text, at);
      while (entry.heading_lines == 0 && end + 1 < text.size() && text[end + 1] == '\t') end = line_end(text, end + 1);
      add_row(entry.key, begin, end, entry.heading_lines != 0);
      at = end + 1;
    }
  }
  return at >= text.size() && !keys.entries().empty();
}

void WatchedRows::split_by_lines(const RowKeys& keys) {
  std::uint32_t headings = 0;
  for (const RowKeys::Entry& entry : keys.entries()) {
    if (entry.heading_lines == 0) break;
    headings += entry.heading_lines;
  }
  now_.rows.clear();
  const std::string_view text = now_.text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = line_end(text, at);
    const std::string_view line = text.substr(at, end - at);
    find_words(line, words_now_);
    scratch_.clear();
    for (const Field& word : words_now_) {
      const std::string_view w = line.substr(word.begin, word.end - word.begin);
      if (!all_digits(w)) scratch_.append(w).append(1, ' ');
    }
    add_row(RowKey::of(scratch_), at, end, now_.rows.size() < headings);
    at = end + 1;
  }
}

/// Makes keys unique, and fills places_ with them in order.
void WatchedRows::number_repeated() {
  places_.clear();
  for (std::uint32_t i = 0; i < now_.rows.size(); ++i)
    if (!now_.rows[i].heading) places_.push_back({now_.rows[i].key, i});
  std::ranges::sort(places_, [](const Place& a, const Place& b) {
    return a.key != b.key ? a.key < b.key : a.row < b.row;
  });
  std::uint32_t same = 0;
  for (std::size_t i = 1; i < places_.size(); ++i) {
    same = places_[i].key == places_[i - 1].key ? same + 1 : 0;
    if (same > 0) now_.rows[places_[i].row].key = places_[i].key.repeated(same);
  }
  for (Place& place : places_) place.key = now_.rows[place.row].key;
  std::ranges::sort(places_, {}, &Place::key);
}

const WatchedRows::Row* WatchedRows::row_before(const RowKey& key) const {
  const auto found = std::ranges::lower_bound(places_before_, key, {}, &Place::key);
  return found != places_before_.end() && found->key == key ? &before_.rows[found->row] : nullptr;
}

/// A word changed if the word at its place was another. With more or fewer words before: if no word was the same.
void WatchedRows::mark_changes(Row& row, std::string_view before) {
  const std::string_view text = std::string_view(now_.text).substr(row.begin, row.size);
  row.first_change = static_cast<std::uint32_t>(now_.fields.size());
  if (text == before) return;
  find_words(text, words_now_);
  find_words(before, words_before_);
  const auto word = [](std::string_view in, const Field& f) { return in.substr(f.begin, f.end - f.begin); };
  const bool aligned = words_now_.size() == words_before_.size();
  for (std::size_t i = 0; i < words_now_.size(); ++i) {
    const std::string_view w = word(text, words_now_[i]);
    const bool same = aligned ? w == word(before, words_before_[i])
                              : std::ranges::any_of(words_before_,
                                                    [&](const Field& f) { return w == word(before, f); });
    if (!same) now_.fields.push_back(words_now_[i]);
  }
  row.changes = static_cast<std::uint32_t>(now_.fields.size()) - row.first_change;
  if (row.changes != 0 || !aligned) row.mark = RowMark::changed;
}

void WatchedRows::compare() {
  for (Row& row : now_.rows) {
    if (row.heading) continue;
    ++counts_.rows;
    if (fresh_) continue;
    const Row* const before = row_before(row.key);
    if (before == nullptr || before->mark == RowMark::gone) row.mark = RowMark::added;
    else mark_changes(row, std::string_view(before_.text).substr(before->begin, before->size));
    counts_.added += row.mark == RowMark::added;
    counts_.changed += row.mark == RowMark::changed;
  }
}

/// Finds the rows before that are gone, and the row that each follows.
void WatchedRows::find_ended() {
  ended_.clear();
  std::int64_t after = -1;
  for (std::uint32_t i = 0; i < before_.rows.size(); ++i) {
    const Row& row = before_.rows[i];
    if (row.heading) {
      // Headings stay at their places: rows after one stay after it.
      for (std::int64_t k = after + 1; k < static_cast<std::int64_t>(now_.rows.size()); ++k)
        if (now_.rows[static_cast<std::size_t>(k)].heading) {
          after = k;
          break;
        }
      continue;
    }
    const auto found = std::ranges::lower_bound(places_, row.key, {}, &Place::key);
    if (found != places_.end() && found->key == row.key) {
      after = found->row;
    } else if (row.gone_passes < kGonePasses) {
      counts_.gone += row.mark != RowMark::gone;
      ended_.push_back({after, i});
    }
  }
  std::ranges::stable_sort(ended_, {}, &Ended::after);
}

/// Puts them between the rows of now_.
void WatchedRows::merge_ended() {
  if (ended_.empty()) return;
  merged_.clear();
  merged_.text.swap(now_.text);
  merged_.fields.swap(now_.fields);
  auto next = ended_.begin();
  const auto add_until = [&](std::int64_t row) {
    for (; next != ended_.end() && next->after <= row; ++next) {
      Row gone = before_.rows[next->row];
      const std::size_t begin = merged_.text.size();
      merged_.text.append(before_.text, gone.begin, gone.size).append(1, '\n');
      gone.begin = static_cast<std::uint32_t>(begin);
      gone.mark = RowMark::gone;
      gone.changes = 0;
      ++gone.gone_passes;
      merged_.rows.push_back(gone);
    }
  };
  add_until(-1);
  for (std::size_t i = 0; i < now_.rows.size(); ++i) {
    merged_.rows.push_back(now_.rows[i]);
    add_until(static_cast<std::int64_t>(i));
  }
  std::swap(now_, merged_);
  places_.clear();
  for (std::uint32_t i = 0; i < now_.rows.size(); ++i)
    if (!now_.rows[i].heading) places_.push_back({now_.rows[i].key, i});
  std::ranges::sort(places_, {}, &Place::key);
}

void WatchedRows::add_pass(std::string_view text, const RowKeys& keys) {
  std::swap(now_, before_);
  std::swap(places_, places_before_);
  now_.clear();
  now_.text.assign(text);
  counts_ = {};
  if (!split_by_keys(keys)) split_by_lines(keys);
  number_repeated();
  compare();
  if (!std::exchange(fresh_, false)) {
    find_ended();
    merge_ended();
  }
}

std::size_t WatchedRows::memory() const {
  std::size_t bytes = scratch_.capacity() + (places_.capacity() + places_before_.capacity()) * sizeof(Place) +
                      ended_.capacity() * sizeof(Ended) +
                      (words_now_.capacity() + words_before_.capacity()) * sizeof(Field);
  for (const Pass* pass : {&now_, &before_, &merged_})
    bytes += pass->text.capacity() + pass->rows.capacity() * sizeof(Row) + pass->fields.capacity() * sizeof(Field);
  return bytes;
}

}  // namespace duostat
