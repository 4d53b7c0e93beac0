// Two passes of a listing, compared: keys, marks, changed fields, rows that are gone, memory over many passes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watched_rows.h"

#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duostat {
namespace {

/// A pass of one title line and rows, each with its own number as key.
void add_numbered(WatchedRows& rows, const std::vector<std::pair<int, std::string>>& pass) {
  std::string text = "Title\n";
  RowKeys keys;
  keys.heading(1);
  for (const auto& [key, line] : pass) {
    text += line + "\n";
    keys.row({1, static_cast<std::uint64_t>(key)});
  }
  rows.add_pass(text, keys);
}

/// "+a *b -c": the marks and texts without the title. Changed fields are in brackets.
std::string marks(const WatchedRows& rows) {
  constexpr char kLetters[] = " +*-";
  std::string text;
  for (const WatchedRows::Row& row : rows.rows()) {
    if (row.heading) continue;
    std::string line(rows.text(row));
    const auto fields = rows.changes(row);
    for (auto f = fields.rbegin(); f != fields.rend(); ++f) line.insert(f->end, "]").insert(f->begin, "[");
    text.append(text.empty() ? "" : "; ").append(1, kLetters[static_cast<unsigned>(row.mark)]).append(line);
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(watched_rows)

BOOST_AUTO_TEST_CASE(the_first_pass_has_no_marks) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a 1"}, {2, "b 2"}});
  BOOST_TEST(marks(rows) == " a 1;  b 2");
  BOOST_TEST(rows.counts().rows == 2u);
  BOOST_TEST(rows.rows()[0].heading);
}

BOOST_AUTO_TEST_CASE(new_changed_and_gone_rows_are_marked) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a 1"}, {2, "b 2"}, {3, "c 3"}});
  add_numbered(rows, {{1, "a 1"}, {3, "c 4"}, {4, "d 5"}});
  BOOST_TEST(marks(rows) == " a 1; -b 2; *c [4]; +d 5");
  BOOST_TEST(rows.counts().rows == 3u);
  BOOST_TEST(rows.counts().added == 1u);
  BOOST_TEST(rows.counts().changed == 1u);
  BOOST_TEST(rows.counts().gone == 1u);
}

BOOST_AUTO_TEST_CASE(a_row_that_is_gone_stays_for_two_passes_at_its_place) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a"}, {2, "b"}, {3, "c"}});
  add_numbered(rows, {{1, "a"}, {3, "c"}});
  BOOST_TEST(marks(rows) == " a; -b;  c");
  add_numbered(rows, {{1, "a"}, {3, "c"}});
  BOOST_TEST(marks(rows) == " a; -b;  c");
  BOOST_TEST(rows.counts().gone == 0u);  // it ended a pass ago
  add_numbered(rows, {{1, "a"}, {3, "c"}});
  BOOST_TEST(marks(rows) == " a;  c");
}

BOOST_AUTO_TEST_CASE(the_first_and_the_last_row_can_be_gone_and_every_row) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a"}, {2, "b"}, {3, "c"}});
  add_numbered(rows, {{2, "b"}});
  BOOST_TEST(marks(rows) == "-a;  b; -c");
  add_numbered(rows, {});
  BOOST_TEST(marks(rows) == "-a; -b; -c");
  add_numbered(rows, {{2, "b"}});  // it came back
  BOOST_TEST(marks(rows) == "+b");
}

BOOST_AUTO_TEST_CASE(a_mark_lasts_one_pass) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a 1"}});
  add_numbered(rows, {{1, "a 2"}, {2, "b"}});
  add_numbered(rows, {{1, "a 2"}, {2, "b"}});
  BOOST_TEST(marks(rows) == " a 2;  b");
}

BOOST_AUTO_TEST_CASE(other_blanks_are_no_change) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a   1"}});
  add_numbered(rows, {{1, "a 1"}});
  BOOST_TEST(marks(rows) == " a 1");
}

BOOST_AUTO_TEST_CASE(with_more_words_than_before_the_new_ones_changed) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a rtt:1 cwnd:10"}});
  add_numbered(rows, {{1, "a rtt:1 lost:2 cwnd:10"}});
  BOOST_TEST(marks(rows) == "*a rtt:1 [lost:2] cwnd:10");
  add_numbered(rows, {{1, "a rtt:1 cwnd:10"}});
  BOOST_TEST(marks(rows) == "*a rtt:1 cwnd:10");
}

BOOST_AUTO_TEST_CASE(lines_that_begin_with_a_tab_belong_to_their_row) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a\n\t more"}, {2, "b\n\t details"}});
  BOOST_TEST(marks(rows) == " a\n\t more;  b\n\t details");
  BOOST_TEST(rows.counts().rows == 2u);
}

BOOST_AUTO_TEST_CASE(rows_with_one_key_are_told_apart_by_their_order) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a 1"}, {1, "a 2"}, {1, "a 3"}});
  add_numbered(rows, {{1, "a 1"}, {1, "a 5"}, {1, "a 3"}});
  BOOST_TEST(marks(rows) == " a 1; *a [5];  a 3");
  add_numbered(rows, {{1, "a 1"}, {1, "a 5"}});
  BOOST_TEST(marks(rows) == " a 1;  a 5; -a 3");
}

BOOST_AUTO_TEST_CASE(without_keys_the_words_that_are_no_numbers_are_the_key) {
  WatchedRows rows;
  const RowKeys none;
  rows.add_pass("Tcp:\n    12 segments received\n    3 segments sent\n", none);
  rows.add_pass("Tcp:\n    15 segments received\n    3 segments sent\n    1 reset\n", none);
  BOOST_TEST(marks(rows) == " Tcp:; *    [15] segments received;      3 segments sent; +    1 reset");
}

BOOST_AUTO_TEST_CASE(keys_that_do_not_fit_the_lines_are_not_used) {
  WatchedRows rows;
  RowKeys keys;
  keys.row({1, 1});
  rows.add_pass("eth0 1\neth1 2\n", keys);
  rows.add_pass("eth0 1\neth1 3\n", keys);
  BOOST_TEST(marks(rows) == " eth0 1; *eth1 [3]");
}

BOOST_AUTO_TEST_CASE(headings_alone_leave_the_other_lines_as_rows) {
  WatchedRows rows;
  RowKeys keys;
  keys.heading(2);
  rows.add_pass("Table\nIface RX\neth0 1\n", keys);
  rows.add_pass("Table\nIface RX\neth0 2\n", keys);
  BOOST_TEST(marks(rows) == "*eth0 [2]");
  BOOST_TEST(rows.counts().rows == 1u);
}

BOOST_AUTO_TEST_CASE(a_listing_of_another_form_is_not_compared) {
  WatchedRows rows;
  add_numbered(rows, {{1, "a 1"}, {2, "b"}});
  rows.forget();
  add_numbered(rows, {{1, "one"}});
  BOOST_TEST(marks(rows) == " one");
  add_numbered(rows, {{1, "two"}});
  BOOST_TEST(marks(rows) == "*[two]");
}

BOOST_AUTO_TEST_CASE(headings_inside_keep_the_rows_behind_them) {
  using Lines = std::vector<std::string>;
  const auto pass = [](WatchedRows& rows, const Lines& first, const Lines& second) {
    std::string text;
    RowKeys keys;
    for (const auto* list : {&first, &second}) {
      text += "Active\nProto\n";
      keys.heading(2);
      for (const std::string& line : *list) text += line + "\n", keys.row(RowKey::of(line));
    }
    rows.add_pass(text, keys);
  };
  WatchedRows rows;
  pass(rows, {"a", "b"}, {"x", "y"});
  pass(rows, {"a"}, {"y"});
  std::string texts;
  for (const WatchedRows::Row& row : rows.rows()) texts += std::string(rows.text(row)) + " ";
  BOOST_TEST(texts == "Active Proto a b Active Proto x y ");
}

BOOST_AUTO_TEST_CASE(a_socket_is_known_by_protocol_and_cookie) {
  Socket a;
  a.protocol = Protocol::tcp;
  a.cookie = 5;
  a.inode = 7;
  a.present = {Field::cookie, Field::inode};
  Socket b = a;
  b.inode = 0;  // TIME-WAIT
  BOOST_TEST((RowKey::of(a) == RowKey::of(b)));
  b.protocol = Protocol::mptcp;
  BOOST_TEST((RowKey::of(a) != RowKey::of(b)));
  b = a;
  b.present = {Field::inode};
  b.local.port = 80;
  Socket c = b;
  BOOST_TEST((RowKey::of(b) == RowKey::of(c)));
  c.local.port = 81;
  BOOST_TEST((RowKey::of(b) != RowKey::of(c)));
}

BOOST_AUTO_TEST_CASE(memory_is_constant_over_many_passes) {
  const char* const effort = std::getenv("DUOSTAT_TEST_EFFORT");
  const int passes = effort != nullptr && std::string_view(effort) == "full" ? 1000 : 100;
  constexpr int kRows = 500, kSettled = 20;
  WatchedRows rows;
  std::size_t settled = 0;
  for (int pass = 0; pass < passes; ++pass) {
    std::vector<std::pair<int, std::string>> lines;
    for (int i = 0; i < kRows; ++i)  // a tenth of the rows is new in each pass, another tenth changes
      lines.emplace_back(i % 10 == 0 ? pass * kRows + i : i,
                         fmt::format("row {:>6} {}", i, i % 10 == 1 ? pass % 7 : 0));
    add_numbered(rows, lines);
    if (pass == kSettled) settled = rows.memory();
  }
  BOOST_TEST(rows.memory() == settled);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
