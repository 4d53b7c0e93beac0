// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/bench_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cmath>

#include "src/base/decimal.h"
#include "src/base/error.h"
#include "src/bench/churn.h"
#include "src/bench/generator.h"
#include "src/bench/work.h"
#include "src/bench/write.h"
#include "src/bench/write_html.h"
#include "src/collect/owners.h"

namespace duostat::native {
namespace {

using Request = BenchRequest;

constexpr std::uint32_t kMaxRounds = 10'000;
constexpr double kMaxSeconds = 86'400;

constexpr ReportFormat kFormats[] = {
    {"json", bench::write_json},
    {"csv", bench::write_csv},
    {"html", bench::write_html},
};

void add_file(Request& r, std::string_view option, std::string_view path) {
  if (path.empty()) throw UsageError(fmt::format("--{}: the file name is empty", option));
  r.files.push_back({std::string(path), std::ranges::find(kFormats, option, &ReportFormat::option)});
}

bool read_whole(std::string_view text, double& number) {
  const auto decimal = parse_decimal(text);
  if (decimal) number = decimal->nearest;
  return decimal.has_value();
}
bool read_whole(std::string_view text, std::integral auto& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

template <class Number>
Number number_in(std::string_view option, std::string_view text, Number least, Number most) {
  Number number{};
  if (!read_whole(text, number) || !(number >= least && number <= most))
    throw UsageError(fmt::format("{}: \"{}\" is not a number from {} to {}", option, text, least, most));
  return number;
}

/// Calls `each` for every word between commas, empty words included.
template <class Each>
void each_word(std::string_view list, Each&& each) {
  for (;;) {
    const auto comma = list.find(',');
    each(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

void set_via(Request& r, std::string_view list) {
  std::vector<Via> asked;
  each_word(list, [&](std::string_view word) {
    const auto via = via_from(word);
    if (!via || *via == Via::automatic) throw UsageError(fmt::format("--via: \"{}\" is not procfs or netlink", word));
    asked.push_back(*via);
  });
  std::ranges::sort(asked);
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  r.options.backends = std::move(asked);
}

void set_owners(Request& r, std::string_view list) {
  std::vector<OwnersFrom> asked;
  each_word(list, [&](std::string_view word) {
    const auto rows = owners_rows();
    const auto row = std::ranges::find(rows, word, &OwnersRow::word);
    if (row == rows.end() || row->from == OwnersFrom::automatic)
      throw UsageError(fmt::format("--owners: \"{}\" is not procfs or bpf", word));
    asked.push_back(row->from);
  });
  std::ranges::sort(asked);
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  r.options.owners = std::move(asked);
}

void set_query(Request& r, std::string_view list) {
  bench::tables_of(list);  // throws for an unknown table
  r.options.query = list;
}

void set_connections(Request& r, std::string_view list) {
  auto& sizes = r.options.connections;
  sizes.clear();
  each_word(list, [&](std::string_view word) {
    sizes.push_back(number_in<std::uint64_t>("--connections", word, 1, bench::kMostConnections));
  });
  std::ranges::sort(sizes);
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
}

constexpr Option<Request> kOptions[] = {
    {0, "via", "LIST", "backends: procfs,netlink (both), or one of them", set_via, "What to measure"},
    {0, "query", "LIST", "tables: tcp,udp (these two), raw, unix, packet, netlink, inet, all", set_query},
    {0, "processes", "", "also find the processes that hold the sockets",
     [](Request& r, std::string_view) { r.options.processes = true; }},
    {0, "owners", "LIST", "also the sources of owners apart: procfs,bpf (both), or one of them", set_owners},
    {0, "info", "", "also request the internals that ss -iem shows",
     [](Request& r, std::string_view) { r.options.info = true; }},
    {0, "render", "", "also print as ss does, and discard the text",
     [](Request& r, std::string_view) { r.options.render = true; }},
    {0, "floor", "", "also the bare cost of the interface: read the same bytes and discard them",
     [](Request& r, std::string_view) { r.options.floor = true; }},
    {0, "compare", "", "also time whole programs, if installed",
     [](Request& r, std::string_view) { r.options.compare = true; }},
    {0, "connections", "LIST", "sizes: loopback connections in a private network namespace", set_connections,
     "Where the sockets come from"},
    {0, "churn", "RATE", "also dump while RATE connections per second are opened and closed",
     [](Request& r, std::string_view text) {
       r.options.churn = number_in<double>("--churn", text, 1, bench::kMostChurn);
     }},
    {0, "rounds", "N", "rounds per size (15)",
     [](Request& r, std::string_view text) {
       r.options.rounds = number_in<std::uint32_t>("--rounds", text, 1, kMaxRounds);
     },
     "How long"},
    {0, "time", "SECONDS", "run fewer rounds if all would take longer (60)",
     [](Request& r, std::string_view text) {
       r.options.seconds = number_in<double>("--time", text, 0.1, kMaxSeconds);
     }},
    {0, "json", "FILE", "write the whole result as JSON",
     [](Request& r, std::string_view path) { add_file(r, "json", path); }, "Reports"},
    {0, "csv", "FILE", "write every sample as a line of comma-separated values",
     [](Request& r, std::string_view path) { add_file(r, "csv", path); }},
    {0, "html", "FILE", "write a self-contained page with charts",
     [](Request& r, std::string_view path) { add_file(r, "html", path); }},
};
static_assert(letters_unique(kOptions));

}  // namespace

std::span<const Option<BenchRequest>> bench_options() { return kOptions; }

}  // namespace duostat::native
