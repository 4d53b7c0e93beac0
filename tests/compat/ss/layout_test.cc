// The layout of ss: worked examples, and the storage pages.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/layout.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "compat/ss/piece.h"

namespace duostat::ss {
namespace {

using Row = std::vector<std::string>;  // ten cells; the layout discards those of disabled columns

constexpr ColumnMask kPlain = kAllColumns & ~mask_of(LayoutColumn::netid) & ~mask_of(LayoutColumn::process);

std::string lay_out(ColumnMask enabled, int screen, bool header, const std::vector<Row>& rows,
                    LayoutColumn first = LayoutColumn::netid) {
  StringSink sink;
  {
    Output out(sink);
    Layout layout(out, enabled, screen);
    if (header) layout.header();
    for (const Row& row : rows)
      for (std::size_t i = 0, place = static_cast<std::size_t>(first); place < kColumnCount; ++i, ++place) {
        layout.go(static_cast<LayoutColumn>(place));
        if (i < row.size() && !row[i].empty()) layout.put(row[i]);
      }
    layout.finish();
  }
  return sink.text;
}

const std::vector<Row> kListeners = {
    {"tcp", "LISTEN", "0     ", "5     ", "127.0.0.1:", "9090", "0.0.0.0:", "*"},
    {"tcp", "LISTEN", "0     ", "128   ", "[::]:", "22", "[::]:", "*"},
};

/// One cell of `size` bytes in the first column shown, nothing in the others.
void long_row(Layout& layout, std::size_t size) {
  layout.go(LayoutColumn::netid);
  layout.put(std::string(size, 'x'));
  layout.go(LayoutColumn::extra);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layout)

// The titles come with the first event; widths only grow; text in the last column widens nothing.
BOOST_AUTO_TEST_CASE(events_one_by_one) {
  StringSink sink;
  Output out(sink);
  Layout layout(out, kPlain, 0);
  const auto event = [&](std::string_view local, std::string_view port, std::string_view extra) {
    layout.go(LayoutColumn::netid);
    layout.go(LayoutColumn::state);
    layout.put("UNCONN");
    layout.go(LayoutColumn::local);
    layout.put(local);
    layout.next();
    layout.put(port);
    layout.go(LayoutColumn::extra);
    layout.put(extra);
    layout.render_event();
    out.flush();
    return std::exchange(sink.text, {});
  };
  layout.header();
  out.flush();
  BOOST_TEST(sink.text == "");
  BOOST_TEST(event("10.0.0.1:", "9090", " ino:0 sk:1") ==
             "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
             "UNCONN                    10.0.0.1:9090               ino:0 sk:1\n");
  BOOST_TEST(event("[2001:db8::1234]:", "65535", "") == "UNCONN               [2001:db8::1234]:65535              \n");
  BOOST_TEST(event("10.0.0.1:", "1", " x") == "UNCONN                       10.0.0.1:1                   x\n");
}

// An event that is filtered out also prints the titles, once.
BOOST_AUTO_TEST_CASE(event_without_a_row) {
  StringSink sink;
  Output out(sink);
  Layout layout(out, kPlain, 0);
  layout.header();
  layout.render_event();
  layout.render_event();
  layout.finish();
  out.flush();
  BOOST_TEST(sink.text == "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n");
}


BOOST_AUTO_TEST_CASE(a_pipe_gets_the_compact_form) {
  BOOST_TEST(lay_out(kPlain, 0, true, kListeners) ==
             "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
             "LISTEN 0      5          127.0.0.1:9090      0.0.0.0:*\n"
             "LISTEN 0      128             [::]:22           [::]:*\n");
}

BOOST_AUTO_TEST_CASE(a_network_namespace_comes_first) {
  std::vector<Row> rows = kListeners;
  rows[0].insert(rows[0].begin(), "blue");
  rows[1].insert(rows[1].begin(), "a-longer-name");
  BOOST_TEST(lay_out(kPlain | mask_of(LayoutColumn::place), 0, true, rows, LayoutColumn::place) ==
             "Netns         State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
             "blue          LISTEN 0      5          127.0.0.1:9090      0.0.0.0:*\n"
             "a-longer-name LISTEN 0      128             [::]:22           [::]:*\n");
}

BOOST_AUTO_TEST_CASE(eighty_columns_are_filled) {
  BOOST_TEST(lay_out(kPlain, 80, true, kListeners) ==
             "State     Recv-Q    Send-Q       Local Address:Port        Peer Address:Port    \n"
             "LISTEN    0         5                127.0.0.1:9090             0.0.0.0:*       \n"
             "LISTEN    0         128                   [::]:22                  [::]:*       \n");
}

BOOST_AUTO_TEST_CASE(forty_columns_make_two_groups) {
  const std::string text = lay_out(kPlain, 40, true, {kListeners[0]});
  BOOST_TEST(text ==
             "State  Recv-Q Send-Q Local Address:Port             Peer Address:Port           \n"
             "LISTEN 0      5          127.0.0.1:9090                  0.0.0.0:*              \n");
}

BOOST_AUTO_TEST_CASE(thirty_columns_make_three_groups) {
  const std::string text = lay_out(kPlain, 30, true, {});
  BOOST_TEST(text.size() == 91u);
  BOOST_TEST(text.substr(0, 30) == "State    Recv-Q     Send-Q    ");
  BOOST_TEST(text.substr(30, 30) == "      Local Address:Port      ");
  BOOST_TEST(text.substr(60) == "       Peer Address:Port      \n");
}

BOOST_AUTO_TEST_CASE(extra_text_of_the_last_row_does_not_widen) {
  std::vector<Row> rows = kListeners;
  rows[0].resize(10);
  rows[1].resize(10);
  rows[0][9] = " short";
  rows[1][9] = " much longer";
  BOOST_TEST(lay_out(kPlain, 0, true, rows) ==
             "State  Recv-Q Send-Q Local Address:Port Peer Address:Port      \n"
             "LISTEN 0      5          127.0.0.1:9090      0.0.0.0:* short\n"
             "LISTEN 0      128             [::]:22           [::]:* much longer\n");
}

BOOST_AUTO_TEST_CASE(without_header_and_queues_widths_come_from_data) {
  const ColumnMask mask = kPlain & ~mask_of(LayoutColumn::recv_q) & ~mask_of(LayoutColumn::send_q);
  BOOST_TEST(lay_out(mask, 0, false, {kListeners[0]}) == "LISTEN 127.0.0.1:9090 0.0.0.0:*\n");
}

BOOST_AUTO_TEST_CASE(nothing_but_a_header) {
  BOOST_TEST(lay_out(kPlain, 0, true, {}) == "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n");
  BOOST_TEST(lay_out(kPlain, 0, false, {}).empty());
}

BOOST_AUTO_TEST_CASE(process_column_is_glued_to_short_ports) {
  const ColumnMask mask = kPlain | mask_of(LayoutColumn::process);
  BOOST_TEST(lay_out(mask, 0, true, {}) == "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n");
}

BOOST_AUTO_TEST_CASE(every_group_fills_the_screen) {
  // Below 15 the longest title does not fit on a line.
  for (int screen = 15; screen <= 200; ++screen) {
    const std::string text = lay_out(kAllColumns, screen, true, {});
    BOOST_TEST((text.size() - 1) % static_cast<std::size_t>(screen) == 0u, "width " << screen);
  }
}

BOOST_AUTO_TEST_CASE(long_cells_overflow_without_losing_text) {
  std::vector<Row> rows = kListeners;
  rows[0][4] = std::string(20000, 'a');
  const std::string text = lay_out(kPlain, 20, false, rows);
  BOOST_TEST(text.find(std::string(20000, 'a') + "9090") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cell_is_cut_at_65535_bytes) {
  const std::string text = lay_out(kPlain, 0, false, {{"", std::string(70000, 's')}});
  BOOST_TEST(std::count(text.begin(), text.end(), 's') == 65535);
}

BOOST_AUTO_TEST_CASE(pieces_add_up_to_a_cell) {
  StringSink sink;
  Output out(sink);
  Layout l(out, mask_of(LayoutColumn::state), 0);
  l.go(LayoutColumn::state);
  Piece(l, "a").dec(18446744073709551615u).text(' ').sdec(-7).text(' ').hex(0xbeef).text(' ').hex(5, 4);
  Piece(l).text(' ').alt_hex(0).text(' ').alt_hex(16).text(' ').real(0.0471).text(' ').real(1234567.0).text(' ').fixed(
      0.25, 1);
  l.finish();
  out.flush();
  BOOST_TEST(sink.text == "a18446744073709551615 -7 beef 0005 0 0x10 0.0471 1.23457e+06 0.2\n");
}

BOOST_AUTO_TEST_CASE(pages_fill_as_in_the_original) {
  StringSink sink;
  Output out(sink);
  Layout l(out, mask_of(LayoutColumn::netid), 0);
  // A page holds 1048560 bytes; a cell of 9998 bytes takes 10000 with its length.
  for (int i = 0; i < 104; ++i) long_row(l, 9998);
  BOOST_TEST(l.pages() == 1u);
  // 104 cells leave 8560 bytes, two of them the length of the open cell: 8550 leave 8, enough for another length.
  long_row(l, 8550);
  BOOST_TEST(l.pages() == 1u);
  // 6 bytes are left; a piece must be strictly shorter, and 5 leave no room for the next cell's length.
  long_row(l, 5);
  BOOST_TEST(l.pages() == 2u);
  l.finish();
}

BOOST_AUTO_TEST_CASE(an_unfinished_cell_moves_to_the_next_page) {
  StringSink sink;
  Output out(sink);
  Layout l(out, mask_of(LayoutColumn::netid), 0);
  for (int i = 0; i < 104; ++i) long_row(l, 9998);
  long_row(l, 8558);
  BOOST_TEST(l.pages() == 2u);
}

BOOST_AUTO_TEST_CASE(five_pages_are_rendered_when_the_next_row_begins) {
  StringSink sink;
  Output out(sink);
  Layout l(out, mask_of(LayoutColumn::netid) | mask_of(LayoutColumn::state), 0);
  while (l.pages() < 5) long_row(l, 9998);
  out.flush();
  BOOST_TEST(sink.text.empty());
  l.go(LayoutColumn::netid);
  l.put("next");
  l.go(LayoutColumn::state);
  out.flush();
  BOOST_TEST(sink.text.size() > 4u * 104u * 9998u);
  BOOST_TEST(l.pages() == 1u);
  l.finish();
  out.flush();
  // Widths are kept: the short cell is padded to the width of the first slice, then the empty state column follows.
  const auto line = sink.text.substr(sink.text.rfind('\n', sink.text.size() - 2) + 1);
  BOOST_TEST(line.size() == 9998u + 1 + 1);
  BOOST_TEST(line.substr(0, 5) == "next ");
}

/// The text that `write` puts into a piece.
template <class Write>
std::string piece_text(Write write) {
  StringSink sink;
  {
    Output out(sink);
    Layout layout(out, mask_of(LayoutColumn::extra), 0);
    layout.go(LayoutColumn::extra);
    {
      Piece piece(layout);
      write(piece);
    }
    layout.finish();
  }
  return sink.text.substr(0, sink.text.find('\n'));
}
std::string printf_text(const char* format, double value) {
  char text[400];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, value))};
}

BOOST_AUTO_TEST_CASE(numbers_without_floating_point) {
  for (const std::uint32_t value :
       {0u,   1u,    9u,    10u,   40u,   99u,     100u,    101u,     110u,     111u,     350u,
        999u, 1000u, 1001u, 1010u, 1100u, 204000u, 999999u, 1000000u, 1000001u, 1234567u, 4294967295u})
    BOOST_TEST(piece_text([&](Piece& p) { p.thousandths(value); }) == printf_text("%g", value / 1000.0));
  for (const double value : {0.0, 0.4, 0.5, 0.6, 1.5, 2.5, 3.49999999, 330971428.57, 1e15 + 0.5, 9007199254740991.0,
                             9007199254740992.0, 1e17, 1.8446744073709552e19, 1e300})
    BOOST_TEST(piece_text([&](Piece& p) { p.rounded(value); }) == printf_text("%.0f", value));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
