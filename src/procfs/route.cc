// /proc/net/route (net/ipv4/fib_trie.c, fib_route_seq_show) and /proc/net/rt_cache (net/ipv4/route.c):
//
//   Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
//   eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
//
//   Iface	Destination	Gateway 	Flags		RefCnt	Use	Metric	Source		MTU	Window	IRTT	TOS	HHRef	HHUptod	SpecDst
//   eth0	0102000A	010200C0	0002	0	17	0	0100000A	1500	0	3	0	1	1	0100000A
//
// Columns are found by their names, so a kernel may insert others. Addresses are words in host order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/route.h"

#include <array>
#include <cerrno>
#include <span>

#include "src/model/interface.h"
#include "src/procfs/text_file.h"

namespace duostat {
namespace {

constexpr std::size_t kMaxWords = 32;

using Words = std::array<std::string_view, kMaxWords>;

/// A row of either file.
struct Row {
  Route route;
  RouteCacheEntry cache;
};

std::size_t split(std::string_view line, Words& words) noexcept {
  Cursor cursor(line);
  std::size_t count = 0;
  while (count < kMaxWords && cursor.word(words[count])) ++count;
  return count;
}

bool read_number(std::string_view word, std::uint32_t& value) noexcept {
  std::uint64_t wide = 0;
  Cursor cursor(word);
  if (!cursor.dec(wide) || !cursor.done()) return false;
  value = static_cast<std::uint32_t>(wide);
  return true;
}

bool read_given(std::string_view word, std::optional<std::uint32_t>& value) noexcept {
  return read_number(word, value.emplace());
}

bool read_hex(std::string_view word, std::uint32_t& value) noexcept {
  std::uint64_t wide = 0;
  Cursor cursor(word);
  if (!cursor.hex(wide) || !cursor.done()) return false;
  value = wide > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(wide);
  return true;
}

bool read_name(std::string_view word, std::string& name) {
  if (word.size() > kInterfaceNameMax) return false;
  name = word;
  return true;
}

/// A column and the function that stores its text.
struct FileColumn {
  std::string_view name;
  bool (*read)(std::string_view word, Row& row);
};

// One short function per column; the tables below define the formats.
constexpr auto kName = [](std::string_view w, Row& r) { return read_name(w, r.route.interface); };
constexpr auto kDestination = [](std::string_view w, Row& r) {
  return procfs::read_inet_word(w, r.route.destination);
};
constexpr auto kGateway = [](std::string_view w, Row& r) { return procfs::read_inet_word(w, r.route.gateway); };
constexpr auto kFlags = [](std::string_view w, Row& r) { return read_hex(w, r.route.flags); };
constexpr auto kReferences = [](std::string_view w, Row& r) { return read_given(w, r.route.references); };
constexpr auto kUse = [](std::string_view w, Row& r) { return read_given(w, r.route.use); };
constexpr auto kMetric = [](std::string_view w, Row& r) { return read_number(w, r.route.metric); };
constexpr auto kMask = [](std::string_view w, Row& r) { return procfs::read_inet_word(w, r.route.mask); };
constexpr auto kSource = [](std::string_view w, Row& r) { return procfs::read_inet_word(w, r.cache.source); };
constexpr auto kMtu = [](std::string_view w, Row& r) { return read_number(w, r.route.mtu); };
constexpr auto kWindow = [](std::string_view w, Row& r) { return read_number(w, r.route.window); };
constexpr auto kIrtt = [](std::string_view w, Row& r) { return read_number(w, r.route.irtt); };
constexpr auto kTos = [](std::string_view w, Row& r) { return read_number(w, r.cache.tos); };
constexpr auto kHeaders = [](std::string_view w, Row& r) { return read_number(w, r.cache.hardware_header_references); };
constexpr auto kValid = [](std::string_view w, Row& r) { return read_number(w, r.cache.hardware_header_valid); };
constexpr auto kSpecific = [](std::string_view w, Row& r) {
  return procfs::read_inet_word(w, r.cache.specific_destination);
};

constexpr FileColumn kRouteColumns[] = {
    {"Iface", kName},   {"Destination", kDestination}, {"Gateway", kGateway}, {"Flags", kFlags},
    {"RefCnt", kReferences}, {"Use", kUse},            {"Metric", kMetric},   {"Mask", kMask},
    {"MTU", kMtu},      {"Window", kWindow},           {"IRTT", kIrtt},
};
constexpr FileColumn kCacheColumns[] = {
    {"Iface", kName},   {"Destination", kDestination}, {"Gateway", kGateway}, {"Flags", kFlags},
    {"RefCnt", kReferences}, {"Use", kUse},            {"Metric", kMetric},   {"Source", kSource},
    {"MTU", kMtu},      {"Window", kWindow},           {"IRTT", kIrtt},       {"TOS", kTos},
    {"HHRef", kHeaders}, {"HHUptod", kValid},          {"SpecDst", kSpecific},
};
/// Minimum number of columns per line, from the left: later kernels added the rest.
constexpr std::size_t kNeededRouteColumns = 10, kNeededCacheColumns = 12;
constexpr std::size_t kMaxColumns = std::size(kCacheColumns);

/// Positions of the columns, from the file's first line. They are in the table's order; others may be in between.
struct Places {
  std::array<std::size_t, kMaxColumns> at{};
  std::string_view missing;
};

Places find_columns(std::string_view header, std::span<const FileColumn> columns) noexcept {
  Words words{};
  const std::size_t count = split(header, words);
  Places places;
  std::size_t word = 0;
  for (std::size_t c = 0; c < columns.size(); ++c, ++word) {
    while (word < count && words[word] != columns[c].name) ++word;
    if (word == count) return places.missing = columns[c].name, places;
    places.at[c] = word;
  }
  return places;
}

enum class RouteLine : std::uint8_t { row, too_short, malformed };

RouteLine read_row(std::string_view line, std::span<const FileColumn> columns, std::size_t needed, const Places& places,
                   Row& row) {
  Words words{};
  const std::size_t count = split(line, words);
  if (count <= places.at[needed - 1]) return RouteLine::too_short;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (places.at[c] < count && !columns[c].read(words[places.at[c]], row)) return RouteLine::malformed;
  return RouteLine::row;
}

template <class Keep>
Coverage read_table(const ProcDir& proc, std::string_view file, std::span<const FileColumn> columns, std::size_t needed,
                    Keep&& keep) {
  Coverage coverage;
  procfs::TextFile text(proc, file, coverage);
  std::string_view header;
  const bool headed = text.next(header);
  if (coverage.error != 0) return coverage;
  const Places places = headed ? find_columns(header, columns) : Places{};
  if (!headed || !places.missing.empty()) {
    coverage.error = EPROTO;
    coverage.operation = Operation::missing_column;
    coverage.object = places.missing;
    return coverage;
  }
  text.each_row([&](std::string_view line) {
    Row row;
    // A line with too few columns is skipped, as in the original: old kernels ended the table with one.
    const RouteLine verdict = read_row(line, columns, needed, places, row);
    if (verdict == RouteLine::row) keep(std::move(row));
    return verdict != RouteLine::malformed;
  });
  return coverage;
}

}  // namespace

Coverage read_routes(const ProcDir& proc, std::vector<Route>& routes) {
  return read_table(proc, kRouteFile, kRouteColumns, kNeededRouteColumns,
                    [&](Row&& row) { routes.push_back(std::move(row.route)); });
}

Coverage read_route_cache(const ProcDir& proc, std::vector<Route>& routes) {
  return read_table(proc, kRouteCacheFile, kCacheColumns, kNeededCacheColumns, [&](Row&& row) {
    row.route.cache = row.cache;
    routes.push_back(std::move(row.route));
  });
}

}  // namespace duostat
