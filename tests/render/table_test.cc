// Tables and the numbers in them: exact, in another unit, and for people at a terminal.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/table.h"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>
#include <vector>

namespace duostat {
namespace {

std::string people(const Value& value, Unit unit) {
  char text[kNumberTextMax];
  return {text, format_for_people(text, value, unit)};
}
std::string converted(const Value& value, Unit from, Unit to) {
  char text[kNumberTextMax];
  return {text, format_number(text, value, from, to)};
}

BOOST_AUTO_TEST_CASE(numbers_for_people) {
  constexpr auto us = Unit::microseconds;
  const struct {
    std::uint64_t number;
    Unit unit;
    std::string_view text;
  } kCases[] = {
      {0, us, "0us"},
      {999, us, "999us"},
      {1000, us, "1ms"},
      {1999, us, "1.9ms"},  // never above the value
      {52'200, us, "52.2ms"},
      {152'900, us, "152ms"},
      {52'200'000, us, "52.2s"},
      {119'999'999, us, "119s"},
      {120'000'000, us, "2min"},
      {7'199'000'000, us, "119min"},
      {9'000'000'000, us, "2.5h"},
      {52'200, Unit::milliseconds, "52.2s"},
      {~std::uint64_t{0}, Unit::milliseconds, "18446744073709551615"},
      {9'999, Unit::bytes, "9999"},
      {10'000, Unit::bytes, "10k"},
      {1'234'567, Unit::bytes, "1.2M"},
      {999'999'999, Unit::bytes, "999M"},
      {5'000'000'000'000, Unit::bytes, "5T"},
      {940'000'000, Unit::bits_per_second, "940Mbps"},
      {1'234'567, Unit::none, "1234567"},  // ports, inodes, ids
      {1'234'567, Unit::segments, "1234567"},
  };
  for (const auto& row : kCases) BOOST_TEST(people(Value::of(row.number), row.unit) == row.text);
  BOOST_TEST(people(Value::real_of(52'200.7), us) == "52.2ms");
  BOOST_TEST(people(Value::signed_of(-5), Unit::milliseconds) == "-5");
  BOOST_TEST(people(Value::boolean_of(true), Unit::none) == "true");
  // NaN, and a number that is too large for an integer, are printed unchanged.
  BOOST_TEST(people(Value::real_of(std::numeric_limits<double>::quiet_NaN()), us) == "nan");
  BOOST_TEST(people(Value::real_of(1e300), us) == "1e+300");
  BOOST_TEST(people(Value::of(~std::uint64_t{0}), Unit::bits_per_second) == "18446744Tbps");
}

BOOST_AUTO_TEST_CASE(times_in_another_unit_are_exact) {
  constexpr auto us = Unit::microseconds, ms = Unit::milliseconds;
  BOOST_TEST(converted(Value::of(150'000), us, ms) == "150");
  BOOST_TEST(converted(Value::of(52'200), us, ms) == "52.2");
  BOOST_TEST(converted(Value::of(44), us, ms) == "0.044");
  BOOST_TEST(converted(Value::of(1'005), us, ms) == "1.005");
  BOOST_TEST(converted(Value::of(7), ms, us) == "7000");
  BOOST_TEST(converted(Value::of(7), ms, ms) == "7");
  BOOST_TEST(converted(Value::of(~std::uint64_t{0}), us, ms) == "18446744073709551.615");
  BOOST_TEST(converted(Value::real_of(1500.0), us, ms) == "1.5");
  BOOST_TEST(converted(Value::signed_of(-1500), us, ms) == "-1.5");
  BOOST_TEST(converted(Value::signed_of(-2), ms, us) == "-2000.0");
  BOOST_TEST(converted(Value::of(5), Unit::bytes, Unit::bytes) == "5");
}

std::string table(std::vector<Table::Title> titles, Table::Form form, const std::vector<Value>& cells) {
  StringSink sink;
  Output out(sink);
  Table table(out, std::move(titles), true, form);
  for (const Value& cell : cells) table.cell(cell);
  table.finish();
  out.flush();
  return sink.text;
}

BOOST_AUTO_TEST_CASE(units_of_titles) {
  const std::vector<Table::Title> titles{{"rtt", true, Unit::microseconds, Unit::milliseconds},
                                         {"rtt_us", true, Unit::microseconds, Unit::microseconds, true},
                                         {"sent", true, Unit::bytes}};
  const std::vector<Value> cells{Value::of(52'200), Value::of(52'200), Value::of(1'234'567)};
  BOOST_TEST(table(titles, {}, cells) == " rtt rtt_us    sent\n52.2  52200 1234567\n");
  BOOST_TEST(table(titles, {80, true}, cells) == "   rtt rtt_us sent\n52.2ms  52200 1.2M\n");
}

BOOST_AUTO_TEST_CASE(comma_separated_values) {
  const std::vector<Table::Title> titles{{"name"}, {"rtt", true, Unit::microseconds, Unit::milliseconds}};
  const Table::Form csv{.csv = true};
  BOOST_TEST(table(titles, csv, {}) == "name,rtt\r\n");
  BOOST_TEST(table(titles, csv, {Value::text_of("plain"), Value::of(52'200)}) == "name,rtt\r\nplain,52.2\r\n");
  BOOST_TEST(table(titles, csv, {Value::text_of("a,\"b\""), Value()}) == "name,rtt\r\n\"a,\"\"b\"\"\",\r\n");
  BOOST_TEST(table(titles, csv, {Value::text_of("x\ny\r"), Value::of(0)}) == "name,rtt\r\nx.y.,0\r\n");
  BOOST_TEST(table(titles, csv, {Value::text_of(""), Value()}) == "name,rtt\r\n\"\",\r\n");  // empty is not absent
}

BOOST_AUTO_TEST_CASE(texts_are_cut_to_the_width_of_a_terminal) {
  const std::vector<Table::Title> titles{{"name"}, {"n", true}, {"path"}};
  const std::vector<Value> cells{Value::text_of("short"), Value::of(5),
                                 Value::text_of("/run/a/long/path/to/somewhere")};
  BOOST_TEST(table(titles, {}, cells) == "name  n path\nshort 5 /run/a/long/path/to/somewhere\n");
  BOOST_TEST(table(titles, {37, true}, cells) == "name  n path\nshort 5 /run/a/long/path/to/somewhere\n");
  BOOST_TEST(table(titles, {20, true}, cells) == "name  n path\nshort 5 /run/a/long…\n");
  // The shortest text has 8 characters, and numbers keep theirs.
  BOOST_TEST(table(titles, {5, true}, cells) == "name  n path\nshort 5 /run/a/…\n");
  const std::vector<Value> umlauts{Value::text_of("äöüäöüäöü"), Value::of(123'456'789), Value::text_of("ß")};
  BOOST_TEST(table(titles, {20, true}, umlauts) == "name             n path\näöüäöüä… 123456789 ß\n");
}

}  // namespace
}  // namespace duostat
