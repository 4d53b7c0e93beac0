// The HTML report: well-formed, self-contained, without NaN or infinity, and true to the result.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "src/bench/write_html.h"
#include "src/render/svg.h"
#include "tests/bench/rich_result.h"
#include "tests/has.h"

using namespace duostat;
using namespace duostat::bench;

namespace {

std::string page_of(const Result& result) {
  StringSink sink;
  Output out(sink);
  write_html(out, result);
  out.flush();
  return sink.text;
}

/// Checks that elements are closed in order, attributes are quoted, and every & begins a reference. Returns the fault,
/// or an empty text.
std::string fault_in(const std::string& page) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] == '&') {
      const auto end = page.find(';', i);
      if (end == std::string::npos || end - i > 6) return "a bare & at " + page.substr(i, 40);
    }
    if (page[i] == '>') return "a bare > at " + page.substr(i, 40);
    if (page[i] != '<') continue;
    const auto end = page.find('>', i);
    if (end == std::string::npos) return "an unclosed tag at " + page.substr(i, 40);
    const std::string tag = page.substr(i + 1, end - i - 1);
    i = end;
    if (tag.starts_with('!')) continue;
    if (tag.find('<') != std::string::npos || std::count(tag.begin(), tag.end(), '"') % 2 != 0)
      return "a broken tag " + tag;
    const std::string name =
        tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" /", 1) - (tag.starts_with('/') ? 1 : 0));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "unexpected </" + name + ">";
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
      if (name == "style") i = page.find("</style>", i) - 1;  // not markup
    }
  }
  return open.empty() ? "" : "never closed: " + open.back();
}

void check_page(const std::string& page) {
  BOOST_TEST(fault_in(page) == "");
  for (const char* number : {"nan", "NaN", "inf\"", "=\"inf", "-inf"}) BOOST_TEST(!has(page, number), number);
  for (const char* outside : {"src=", "href=", "url(", "@import", "<script", "<link"})
    BOOST_TEST(!has(page, outside), outside);
}

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_html)

BOOST_AUTO_TEST_CASE(the_checker_finds_faults) {
  for (const char* bad : {"<p>", "<p></b>", "<p>a & b</p>", "<p x=\"1></p>", "</p>", "<p>a > b</p>"})
    BOOST_TEST(fault_in(bad) != "", bad);
  BOOST_TEST(fault_in("<!DOCTYPE html><p class=\"a\">&amp;<br/></p>") == "");
}

BOOST_AUTO_TEST_CASE(a_full_result) {
  const std::string page = page_of(rich_result());
  check_page(page);
  BOOST_TEST(has(page, "prefers-color-scheme: dark"));
  BOOST_TEST(occurrences(page, "role=\"img\"") == 1u + 1 + 4 + 1);  // growth, ratio, parts of four sizes, programs
  BOOST_TEST(occurrences(page, "duostat as ss (ours)") != 0u);
  BOOST_TEST(occurrences(page, "ss (iproute2) (ours)") == 0u);
  BOOST_TEST(occurrences(page, "<title id=") == occurrences(page, "<desc id="));
  BOOST_TEST(!has(page, "class=\"notice\" role=\"status\""));
  // Each figure of a chart is also in a table.
  BOOST_TEST(has(page, "10,000 connections (20,001 sockets), 15 of 15 rounds"));
  BOOST_TEST(has(page, "not installed"));
}

BOOST_AUTO_TEST_CASE(the_sources_of_owners_have_a_table_for_each_size) {
  Result r = rich_result();
  const std::string page = page_of(r);
  BOOST_TEST(occurrences(page, "<h2 id=\"owners\"") == 1u);
  for (const char* name : {"procfs, to index", "bpf, to types", "bpf, to load", "bpf, to read", "bpf, to index"})
    BOOST_TEST(occurrences(page, name) == r.sizes.size(), name);
  BOOST_TEST(!has(page, "incomplete"));
  for (Size& size : r.sizes) size.owners.back().complete = false;
  BOOST_TEST(occurrences(page_of(r), "incomplete") == r.sizes.size());
  for (Size& size : r.sizes) size.owners.clear();
  BOOST_TEST(!has(page_of(r), "id=\"owners\""));
}

BOOST_AUTO_TEST_CASE(text_from_elsewhere_is_escaped) {
  const std::string page = page_of(rich_result());
  BOOST_TEST(has(page, "a &lt;host&gt; &amp; &quot;more&quot;"));
  BOOST_TEST(has(page, "--html=&lt;file&gt;"));
  BOOST_TEST(has(page, "lsof &lt;old&gt;"));
  BOOST_TEST(has(page, "A CPU\xef\xbf\xbd with bytes"));
  BOOST_TEST(has(page, "6.18.0.[2J"));
  BOOST_TEST(svg::escape("a\x01<&>\"'\xc2\xb5") == "a.&lt;&amp;&gt;&quot;&#39;\xc2\xb5");
}

BOOST_AUTO_TEST_CASE(undecided_is_said_and_drawn_hollow) {
  const std::string page = page_of(rich_result());
  BOOST_TEST(has(page, "<td>undecided</td>"));
  BOOST_TEST(has(page, "it is undecided which backend is faster"));
  BOOST_TEST(occurrences(page, "<circle class=\"undecided\"") ==
             2u);  // the kernel alone and the whole, at 100 connections
  BOOST_TEST(occurrences(page, "<circle class=\"decided\"") == 6u);
}

BOOST_AUTO_TEST_CASE(interrupted_or_partial_is_said_at_the_top) {
  Result r = rich_result();
  r.interrupted = r.partial = true;
  std::string page = page_of(r);
  check_page(page);
  BOOST_TEST(page.find("was interrupted") < page.find("<h2"));
  r.interrupted = false;
  page = page_of(r);
  BOOST_TEST(page.find("is partial") < page.find("<h2"));
}

BOOST_AUTO_TEST_CASE(little_or_nothing_measured) {
  Result nothing;
  check_page(page_of(nothing));
  BOOST_TEST(has(page_of(nothing), "Nothing was measured"));
  BOOST_TEST(!has(page_of(nothing), "role=\"img\""));
  Result one = rich_result();
  one.sizes.resize(1);
  one.fits.clear();
  one.options.backends = {Via::netlink};
  std::erase_if(one.sizes[0].measurements, [](const Measurement& m) { return m.backend == Via::procfs; });
  one.sizes[0].ratios.clear();
  check_page(page_of(one));
  BOOST_TEST(!has(page_of(one), "Which is faster"));
  Result begun = rich_result();  // interrupted before the first round of the second size
  for (Measurement& m : begun.sizes[1].measurements) m = {.backend = m.backend, .phase = m.phase};
  check_page(page_of(begun));
}

BOOST_AUTO_TEST_CASE(numbers_that_are_none_draw_nothing) {
  Result r = rich_result();
  const double none = std::numeric_limits<double>::quiet_NaN(), endless = std::numeric_limits<double>::infinity();
  svg::LineChart lines{
      {"a", "t", "d"}, "x", "y", [](double) { return std::string("x"); }, [](double) { return std::string("y"); }, {}};
  lines.series.push_back({"s", 0, {{none, {1}}, {1, {none}}, {0, {5}}, {10, {endless}}}, {}});
  BOOST_TEST(draw(lines) == "");
  lines.series[0].points.push_back({10, {20, 10, 30}});
  check_page(draw(lines));
  svg::BarChart bars{
      {"b", "t", "d"}, [](double) { return std::string("x"); }, {{"n", "v", {{"p", 0, none}}, std::nullopt}}};
  BOOST_TEST(draw(bars) == "");
  svg::RatioChart ratios{{"c", "t", "d"}, "<", ">", {{"n", "v", {none}, false}}};
  BOOST_TEST(draw(ratios) == "");
}

BOOST_AUTO_TEST_CASE(scales) {
  svg::Scale log = svg::Scale::logarithmic(100, 20'000);
  log.span(0, 100);
  BOOST_CHECK_SMALL(log.place(100), 1e-9);
  BOOST_CHECK_GT(log.place(20'000), 80);
  BOOST_CHECK_LE(log.place(20'000), 100);
  BOOST_CHECK_CLOSE(log.place(1000) - log.place(100), log.place(10'000) - log.place(1000), 1e-6);
  for (const double high : {0.7, 1.0, 3.1, 99.0, 12'345.0, 5e9}) {
    svg::Scale linear = svg::Scale::linear(high);
    BOOST_CHECK_GE(linear.high(), high * 0.999);
    BOOST_CHECK_LE(linear.high(), high * 2.01);
    BOOST_CHECK_GE(linear.ticks(5).size(), 2u);
    BOOST_CHECK_LE(linear.ticks(5).size(), 6u);
  }
  // A range within one tick still has an extent.
  svg::Scale point = svg::Scale::logarithmic(7, 7);
  point.span(0, 10);
  BOOST_CHECK(std::isfinite(point.place(7)));
}

BOOST_AUTO_TEST_CASE(bars_are_as_long_as_their_sum) {
  svg::BarChart chart{{"b", "t", "d"}, [](double) { return std::string("x"); }, {}};
  chart.bars.push_back({"a", "v", {{"p", 0, 100, "100"}, {"q", 1, -20, "-20"}}, std::nullopt});
  chart.bars.push_back({"a", "v", {{"p", 0, 80, "80"}}, std::nullopt});
  const std::string drawn = draw(chart);
  const auto width = [&](std::size_t from) { return std::stod(drawn.substr(drawn.find("width=\"", from) + 7)); };
  const auto first = drawn.find("<rect"), second = drawn.find("<rect", first + 1);
  BOOST_CHECK_CLOSE(width(first), width(second), 0.1);
}

BOOST_AUTO_TEST_SUITE_END()
