// The reports of the benchmark for a complete result, and for a partial one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>

#include "src/base/error.h"
#include "src/bench/reading.h"
#include "src/bench/statistics.h"
#include "src/bench/text.h"
#include "src/bench/work.h"
#include "src/bench/write.h"
#include "tests/bench/rich_result.h"
#include "tests/has.h"

using namespace duostat;
using namespace duostat::bench;

namespace {

constexpr std::size_t kRounds = 9;

Measurement measured(Via backend, Phase phase, double wall, std::optional<std::uint64_t> sockets) {
  Measurement m{.backend = backend, .phase = phase};
  std::vector<double> walls;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    m.samples.push_back({.round = round,
                         .wall = wall + round,
                         .cpu = wall,
                         .sockets = sockets,
                         .peak_memory = 4 << 20,
                         .own_memory = 1 << 20});
    walls.push_back(wall + round);
  }
  m.wall = summarise(walls);
  m.cpu = m.wall;
  m.sockets = sockets;
  return m;
}

/// procfs: kernel 4 ms, parsing 1, model 1; netlink: 2, 0.1, 0.9.
Result made_up() {
  Result result;
  result.options.floor = true;
  result.machine.kernel = "6.1\033[2J";
  Size size{.connections = 1000, .rounds_asked = kRounds, .rounds_done = kRounds};
  const double walls[][2] = {{4e6, 2e6}, {5e6, 2.1e6}, {6e6, 3e6}};
  for (std::size_t p = 0; p < std::size(walls); ++p) {
    const auto phase = static_cast<Phase>(p);
    for (const Via backend : {Via::procfs, Via::netlink})
      size.measurements.push_back(
          measured(backend, phase, walls[p][backend == Via::procfs ? 0 : 1],
                   phase == Phase::floor ? std::nullopt : std::optional<std::uint64_t>(2001)));
    const std::vector<double> a(kRounds, walls[p][0]), b(kRounds, walls[p][1]);
    Ratio ratio{phase, paired_ratio(a, b), {}, paired_ratio(a, b)};
    ratio.verdict = verdict_of(ratio.value);
    size.ratios.push_back(ratio);
  }
  result.sizes.push_back(std::move(size));
  return result;
}

template <class Write>
std::string written(Write&& write) {
  StringSink sink;
  Output out(sink);
  write(out);
  out.flush();
  return sink.text;
}
std::string text_of(const Result& r, Style style = {}) {
  return written([&](Output& out) { write_text(out, r, style); });
}
std::string json_of(const Result& r) {
  return written([&](Output& out) { write_json(out, r); });
}
std::string csv_of(const Result& r) {
  return written([&](Output& out) { write_csv(out, r); });
}

std::size_t bar_length(const std::string& text, std::string_view name) {
  const auto at = text.find("\n  " + std::string(name) + " ", text.find("the whole"));
  const auto end = text.find('\n', at + 1);
  std::size_t length = 0;
  for (const char c : text.substr(at, end - at)) length += c == '#' || c == '=' || c == '+';
  return length;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_reports)

BOOST_AUTO_TEST_CASE(parts_are_differences) {
  const Result r = made_up();
  const auto parts = parts_of(r.sizes[0], Via::procfs);
  BOOST_REQUIRE_EQUAL(parts.size(), 3u);
  BOOST_CHECK_CLOSE(parts[0].time, 4e6, 0.01);
  BOOST_CHECK_CLOSE(parts[1].time, 1e6, 0.01);
  BOOST_CHECK_CLOSE(parts[2].time, 1e6, 0.01);
  BOOST_CHECK_EQUAL(name_of_part(parts, 0), "kernel");
  Result without = made_up();
  without.sizes[0].measurements.erase(without.sizes[0].measurements.begin(), without.sizes[0].measurements.begin() + 4);
  BOOST_CHECK_EQUAL(name_of_part(parts_of(without.sizes[0], Via::netlink), 0), "kernel, parsing and model");
}

BOOST_AUTO_TEST_CASE(reading_follows_from_the_numbers) {
  std::string all;
  for (const std::string& sentence : reading_of(made_up())) all += sentence + "\n";
  BOOST_CHECK(has(all,
                  "With 1,000 connections (2,001 sockets) procfs took 2.00 times as long as netlink (95 % interval "
                  "2.00 to 2.00)."));
  BOOST_CHECK(has(all, "The kernel takes 67 % of procfs's 6.00 ms"));
  BOOST_CHECK(has(all, "The interface alone accounts for a factor of 2.00"));

  Result even = made_up();
  Ratio& ratio = even.sizes[0].ratios.back();
  ratio.value.low = 0.9, ratio.value.high = 1.1, ratio.value.median = 1.01;
  ratio.verdict = verdict_of(ratio.value);
  all.clear();
  for (const std::string& sentence : reading_of(even)) all += sentence + "\n";
  BOOST_CHECK(has(all, "it is undecided which backend is faster"));
  BOOST_CHECK(has(all, "In CPU time"));
  BOOST_CHECK(has(text_of(even), "1.01 (0.90..1.10) undecided"));
}

BOOST_AUTO_TEST_CASE(a_factor_is_inside_of_its_interval) {
  Result r = made_up();
  for (Ratio& ratio : r.sizes[0].ratios) {
    ratio.value = {
        .count = 9, .median = 0.8, .minimum = 0.7, .maximum = 0.9, .low = 0.75, .high = 0.84, .coverage = 0.96};
    ratio.verdict = verdict_of(ratio.value);
  }
  std::string all;
  for (const std::string& sentence : reading_of(r)) all += sentence + "\n";
  BOOST_CHECK(has(all, "netlink took 1.25 times as long as procfs (95 % interval 1.19 to 1.33)."));
  BOOST_CHECK(has(all, "The interface alone accounts for a factor of 1.25 (95 % interval 1.19 to 1.33)"));
}

BOOST_AUTO_TEST_CASE(the_floor_has_no_number_of_sockets) {
  const Result r = made_up();
  BOOST_CHECK(has(csv_of(r), "\nyes,1000,procfs,floor,0,4000000,4000000,,,4194304,"));
  BOOST_CHECK(has(csv_of(r), "\nyes,1000,procfs,model,0,6000000,6000000,,2001,4194304,"));
  const std::string json = json_of(r);
  const auto floor = json.find("\"phase\":\"floor\""), parse = json.find("\"phase\":\"parse\"");
  BOOST_REQUIRE(floor < parse);
  // The next floor belongs to another backend.
  BOOST_CHECK(!has(json.substr(floor, json.find("\"phase\"", floor + 1) - floor), "\"sockets\""));
  BOOST_CHECK(has(json.substr(parse, 2000), "\"sockets\":2001"));
}

BOOST_AUTO_TEST_CASE(rates_below_ten_have_a_digit_more) {
  Result r = made_up();
  r.churn.push_back(
      {.backend = Via::netlink, .rate_asked = 2.5, .rate_done = 2.46, .closed = 10, .dumps = 10, .stable = 2001});
  BOOST_CHECK(has(text_of(r), "stable sockets, 2.5 connections opened a second"));
  BOOST_CHECK(has(json_of(r), "\"closed\":10"));
}

BOOST_AUTO_TEST_CASE(bars_are_in_proportion) {
  const Result r = made_up();
  for (const int columns : {80, 120, 200}) {
    const std::string text = text_of(r, {.columns = columns});
    const std::size_t slow = bar_length(text, "procfs"), fast = bar_length(text, "netlink");
    BOOST_CHECK_EQUAL(slow, static_cast<std::size_t>(columns) - 20);
    BOOST_CHECK_LE(std::max(2 * fast, slow) - std::min(2 * fast, slow), 2u);
  }
}

BOOST_AUTO_TEST_CASE(ascii_unless_utf8_and_no_colour_unless_asked) {
  const std::string plain = text_of(made_up());
  for (const char c : plain)
    BOOST_REQUIRE(static_cast<unsigned char>(c) < 0x80 && (c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  BOOST_CHECK(has(text_of(made_up(), {.utf8 = true}), "\u2588"));
  BOOST_CHECK(!has(text_of(made_up(), {.utf8 = true}), "\033"));
  BOOST_CHECK(has(text_of(made_up(), {.colour = true}), "\033[34m"));
  BOOST_CHECK(!has(text_of(made_up(), {.colour = true}), "\033[2J"));  // the kernel's name is text from outside
}

BOOST_AUTO_TEST_CASE(locale_variables) {
  const auto utf8 = [](std::map<std::string, std::string, std::less<>> values) {
    return wants_utf8(Variables(std::move(values)));
  };
  BOOST_CHECK(utf8({{"LANG", "de_DE.UTF-8"}}));
  BOOST_CHECK(utf8({{"LC_ALL", "C.utf8"}, {"LANG", "C"}}));
  BOOST_CHECK(!utf8({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}}));
  BOOST_CHECK(utf8({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}}));
  BOOST_CHECK(!utf8({}));
}

BOOST_AUTO_TEST_CASE(no_line_is_wider_than_the_terminal) {
  const std::string text = text_of(made_up());
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    BOOST_CHECK_LE(end - at, 80u);
    at = end + 1;
  }
}

BOOST_AUTO_TEST_CASE(every_report_says_that_a_run_was_interrupted) {
  Result r = made_up();
  BOOST_CHECK(has(json_of(r), "\"interrupted\":false,\"complete\":true}"));
  BOOST_CHECK(has(csv_of(r), "\nyes,1000,procfs,floor,0,"));
  BOOST_CHECK(!has(text_of(r), "interrupted"));
  r.interrupted = r.partial = true;
  BOOST_CHECK(has(json_of(r), "\"interrupted\":true,\"complete\":false}"));
  BOOST_CHECK(has(csv_of(r), "\ninterrupted,1000,procfs,floor,0,"));
  BOOST_CHECK(!has(csv_of(r), "\nyes,"));
  BOOST_CHECK(has(text_of(r), "interrupted"));
  r.interrupted = false;
  BOOST_CHECK(has(json_of(r), "\"interrupted\":false,\"complete\":false}"));
  BOOST_CHECK(has(csv_of(r), "\npartial,"));
  BOOST_CHECK(has(text_of(r), "partial"));
}

BOOST_AUTO_TEST_CASE(nothing_measured_is_said_too) {
  Result r;
  r.interrupted = r.partial = true;
  BOOST_CHECK(has(text_of(r), "interrupted"));
  BOOST_CHECK(has(csv_of(r), "\ninterrupted,"));
  BOOST_CHECK(has(json_of(r), "\"bench\":[]"));
}

BOOST_AUTO_TEST_CASE(csv_lines_have_as_many_fields_as_the_heading) {
  Result r = made_up();
  r.programs.push_back({.name = "ss (iproute2)", .samples = {{.round = 0, .wall = 5, .cpu = 4}}});
  const std::string text = csv_of(r);
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const auto end = text.find("\r\n", at);
    BOOST_REQUIRE(end != std::string::npos);
    BOOST_CHECK_EQUAL(std::ranges::count(text.substr(at, end - at), ','), 10);
    at = end + 2;
  }
  BOOST_CHECK_EQUAL(lines, 1 + 6 * kRounds + 1);
}

BOOST_AUTO_TEST_CASE(every_report_has_the_sources_of_owners) {
  Result r = made_up();
  for (const auto& report : {text_of(r), csv_of(r), json_of(r)}) BOOST_TEST(!has(report, "owners"), report);
  const std::size_t before = static_cast<std::size_t>(std::ranges::count(csv_of(r), '\n'));
  r.options.owners = {OwnersFrom::procfs, OwnersFrom::bpf};
  r.sizes[0].owners = {owner_cost(OwnersFrom::procfs, OwnerStep::index, 9e6, 4321),
                       owner_cost(OwnersFrom::bpf, OwnerStep::types, 1e6, std::nullopt),
                       owner_cost(OwnersFrom::bpf, OwnerStep::index, 3e6, 4321)};
  const std::string text = text_of(r), csv = csv_of(r), json = json_of(r);
  for (const char* row : {"procfs index", "bpf types", "bpf index", "4,321"}) BOOST_TEST(has(text, row), row);
  BOOST_TEST(has(csv, ",owners by procfs,index,0,9000000,"));
  BOOST_TEST(has(csv, ",owners by bpf,types,14,1000000,"));
  BOOST_TEST(static_cast<std::size_t>(std::ranges::count(csv, '\n')) == before + 3 * 15);
  BOOST_TEST(has(json, "\"owners\":["));
  // What was not read is absent, not 0.
  r.sizes[0].owners = {owner_cost(OwnersFrom::bpf, OwnerStep::types, 1e6, std::nullopt)};
  BOOST_TEST(has(json_of(r), "\"step\":\"types\",\"complete\":true,\"wall_ns\""));
}

BOOST_AUTO_TEST_CASE(table_words) {
  const auto joined = [](std::string_view list) {
    std::string text;
    for (const auto word : tables_of(list)) text.append(word).append(" ");
    return text;
  };
  BOOST_CHECK_EQUAL(joined("udp,tcp"), "tcp udp ");
  BOOST_CHECK_EQUAL(joined("inet,udp"), "tcp udp raw ");
  BOOST_CHECK_EQUAL(joined("all"), "tcp udp raw unix packet netlink ");
  for (const std::string_view bad : {"", "tcp,", ",tcp", "sctp", "TCP", "tcp udp"})
    BOOST_CHECK_THROW(tables_of(bad), UsageError);
}

BOOST_AUTO_TEST_CASE(numbers_as_text) {
  BOOST_CHECK_EQUAL(time_text(1.5e6), "1.50 ms");
  BOOST_CHECK_EQUAL(time_text(999'900), "1.00 ms");
  BOOST_CHECK_EQUAL(time_text(123'456), "123 us");
  BOOST_CHECK_EQUAL(time_text(0), "0 ns");
  BOOST_CHECK_EQUAL(bytes_text(1536), "1.50 KiB");
  BOOST_CHECK_EQUAL(count_text(0), "0");
  BOOST_CHECK_EQUAL(count_text(1'234'567), "1,234,567");
  BOOST_CHECK_EQUAL(count_text(123), "123");
}

BOOST_AUTO_TEST_SUITE_END()
