// The screen of --watch as a value, the bytes between two screens, and the keys.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch_screen.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/view/json_lines.h"
#include "src/view/watch_keys.h"

namespace duostat {
namespace {

void add_lines(WatchedRows& rows, const std::vector<std::string>& lines) {
  std::string text = "Title Number\n";
  RowKeys keys;
  keys.heading(1);
  for (const std::string& line : lines) {
    text += line + "\n";
    keys.row(RowKey::of(line.substr(0, 1)));
  }
  rows.add_pass(text, keys);
}

std::string shown(const Screen& screen) {
  std::string text;
  for (const std::string& line : screen) text += line + "|";
  return text;
}

constexpr ScreenForm kSmall{.width = 20, .height = 7, .attributes = false};

BOOST_AUTO_TEST_SUITE(watch_screen)

BOOST_AUTO_TEST_CASE(marks_are_in_the_first_column_and_the_cursor_in_the_second) {
  WatchedRows rows;
  add_lines(rows, {"a 1", "b 2", "c 3"});
  add_lines(rows, {"a 1", "c 4", "d 5"});
  ScreenPlace place;
  BOOST_TEST(shown(draw_rows(rows, place, kSmall, "status", "bottom")) ==
             "status|  Title Number| >a 1|- b 2|* c 4|+ d 5|bottom|");
  ScreenForm unmarked = kSmall;
  unmarked.marks = false;
  BOOST_TEST(shown(draw_rows(rows, place, unmarked, "status", "bottom")) ==
             "status|  Title Number| >a 1|  c 4|  d 5||bottom|");
}

BOOST_AUTO_TEST_CASE(the_changed_field_is_bold_and_the_others_are_not) {
  WatchedRows rows;
  add_lines(rows, {"a 1 x"});
  add_lines(rows, {"a 2 x", "b"});
  ScreenPlace place;
  ScreenForm form = kSmall;
  form.attributes = true;
  const Screen screen = draw_rows(rows, place, form, "s", "b");
  BOOST_TEST(screen[0] == "\x1b[7ms\x1b[0m");
  BOOST_TEST(screen[2] == "*>a \x1b[1m2\x1b[0m x");
  BOOST_TEST(screen[3] == "+ \x1b[32mb\x1b[0m");
}

BOOST_AUTO_TEST_CASE(wide_rows_go_on_in_the_next_line) {
  WatchedRows rows;
  add_lines(rows, {"a23456789012345678901234", "b\n\tx"});
  ScreenPlace place;
  BOOST_TEST(shown(draw_rows(rows, place, kSmall, "s", "b")) ==
             "s|  Title Number| >a23456789012345678|  901234|  b|          x|b|");
}

BOOST_AUTO_TEST_CASE(characters_of_several_bytes_are_not_cut) {
  WatchedRows rows;
  std::string line = "a";
  for (int i = 0; i < 17; ++i) line += "\u00e4";
  add_lines(rows, {line + "z"});
  ScreenPlace place;
  const Screen screen = draw_rows(rows, place, kSmall, "s", "b");
  BOOST_TEST(screen[2].ends_with("\u00e4"));
  BOOST_TEST(screen[3] == "  z");
}

BOOST_AUTO_TEST_CASE(colours_of_the_listing_are_left_out) {
  WatchedRows rows;
  add_lines(rows, {"a \x1b[32mgreen\x1b[0m b"});
  ScreenPlace place;
  BOOST_TEST(draw_rows(rows, place, kSmall, "s", "b")[2] == " >a green b");
}

BOOST_AUTO_TEST_CASE(the_rows_scroll_with_the_cursor_and_the_title_stays) {
  WatchedRows rows;
  add_lines(rows, {"a", "b", "c", "d", "e", "f"});
  ScreenPlace place{.cursor = 5};
  BOOST_TEST(shown(draw_rows(rows, place, kSmall, "s", "b")) == "s|  Title Number|  c|  d|  e| >f|b|");
  BOOST_TEST(place.top == 2u);
  BOOST_TEST(place.page == 4u);
  place.cursor = 1;
  BOOST_TEST(shown(draw_rows(rows, place, kSmall, "s", "b")) == "s|  Title Number| >b|  c|  d|  e|b|");
  place.cursor = 99;  // beyond the end
  draw_rows(rows, place, kSmall, "s", "b");
  BOOST_TEST(place.cursor == 5u);
  BOOST_TEST(chosen_row(rows, place, true)->size == 1u);
  follow_row(rows, RowKey::of("c"), true, place);
  BOOST_TEST(place.cursor == 2u);
  follow_row(rows, RowKey::of("x"), true, place);
  BOOST_TEST(place.cursor == 2u);
}

BOOST_AUTO_TEST_CASE(a_screen_of_a_few_lines_and_an_empty_listing_are_drawn) {
  WatchedRows rows;
  ScreenPlace place;
  for (std::size_t height = 1; height < 6; ++height)
    for (std::size_t width = 1; width < 4; ++width)
      BOOST_TEST(draw_rows(rows, place, {.width = width, .height = height}, "status", "bottom").size() >= height);
  BOOST_TEST((chosen_row(rows, place, true) == nullptr));
  add_lines(rows, {"abc", "def"});
  for (std::size_t height = 1; height < 6; ++height)
    for (std::size_t width = 1; width < 4; ++width)
      draw_rows(rows, place, {.width = width, .height = height}, "status", "bottom");
}

BOOST_AUTO_TEST_CASE(only_lines_that_differ_are_sent) {
  BOOST_TEST(screen_changes({"a", "b", "c"}, {"a", "x", "c"}) == "\x1b[2;1H\x1b[2Kx");
  BOOST_TEST(screen_changes({"a"}, {"a"}) == "");
  BOOST_TEST(screen_changes({}, {"a", ""}) == "\x1b[1;1H\x1b[2Ka\x1b[2;1H\x1b[2K");
}

BOOST_AUTO_TEST_CASE(text_takes_the_place_of_rows_and_scrolls) {
  std::size_t top = 9;
  const std::vector<std::string> lines{"1", "2", "3", "4", "5", "6", "7"};
  BOOST_TEST(shown(draw_text(lines, top, kSmall, "s", "b")) == "s|3|4|5|6|7|b|");
  BOOST_TEST(top == 2u);
  top = 0;
  BOOST_TEST(shown(draw_text(lines, top, kSmall, "s", "b")) == "s|1|2|3|4|5|b|");
}

BOOST_AUTO_TEST_CASE(keys_of_a_terminal) {
  const auto action = [](std::string_view bytes) {
    const KeyPress press = take_key(bytes);
    BOOST_TEST(bytes.empty());
    return action_of(press);
  };
  BOOST_TEST((action("q") == WatchAction::quit));
  BOOST_TEST((action("?") == WatchAction::help));
  BOOST_TEST((action("\x1b[A") == WatchAction::up));
  BOOST_TEST((action("\x1bOB") == WatchAction::down));
  BOOST_TEST((action("j") == WatchAction::down));
  BOOST_TEST((action("\x1b[5~") == WatchAction::page_up));
  BOOST_TEST((action("\r") == WatchAction::details));
  BOOST_TEST((action(" ") == WatchAction::pause));
  BOOST_TEST((action("-") == WatchAction::faster));
  BOOST_TEST((action("/") == WatchAction::filter));
  for (const std::string_view unknown : {"K", "x", "\x1b[15~", "\x1b[1;5C", "\x01", "\x1bOP", "\x7f"})
    BOOST_TEST((action(unknown) == WatchAction::nothing), unknown);
}

BOOST_AUTO_TEST_CASE(several_keys_in_one_read_are_taken_one_by_one) {
  std::string_view input = "j\x1b[Bq";
  BOOST_TEST((action_of(take_key(input)) == WatchAction::down));
  BOOST_TEST((action_of(take_key(input)) == WatchAction::down));
  BOOST_TEST((action_of(take_key(input)) == WatchAction::quit));
  BOOST_TEST(input.empty());
  input = "\u00e4";
  BOOST_TEST(take_key(input).text == "\u00e4");
}

BOOST_AUTO_TEST_CASE(every_key_is_in_the_help) {
  std::string text;
  for (const std::string& line : watch_help()) text += line + "\n";
  for (const std::string_view key : {"q ", "? ", "up, k", "down, j", "PgUp", "PgDn", "Enter", "<", ">", "S ",
                                     "p, space", "r ", "d ", "- ", "+ ", "n ", "/ "})
    BOOST_TEST(text.find(std::string("  ").append(key)) != std::string::npos, key);
}

BOOST_AUTO_TEST_CASE(an_object_of_json_becomes_a_field_a_line) {
  const std::vector<std::string> lines =
      fields_of_json(R"({"protocol":"tcp","tcp_info":{"rtt_us":52,"x":true},"owners":[{"pid":1},{"pid":2}],)"
                     R"("n":"a\"b"})");
  std::string text;
  for (const std::string& line : lines) {
    const auto space = line.find(' ');
    text += line.substr(0, space) + "=" + line.substr(line.find_first_not_of(' ', space)) + ";";
  }
  BOOST_TEST(text == "protocol=tcp;tcp_info.rtt_us=52;tcp_info.x=true;owners[1].pid=1;owners[2].pid=2;n=a\\\"b;");
  RowKeys keys;
  keys.row({1, 1});
  keys.row({1, 2});
  BOOST_TEST(line_of("one\ntwo\n", keys, {1, 2}).value() == "two");
  BOOST_TEST(!line_of("one\n", keys, {1, 2}).has_value());
  BOOST_TEST(!line_of("one\ntwo\n", keys, {1, 3}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
