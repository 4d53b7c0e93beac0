// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/rare_tables.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <iterator>

#include "src/procfs/text_file.h"

namespace duostat::netstat {
namespace {

struct RareTable {
  AddressFamily family;
  bool routes;
  std::string_view file;
  std::string_view columns;  ///< if the first line does not name them
  bool headed;               ///< the first line is not a row
};
constexpr RareTable kRareTables[] = {
    {AddressFamily::ipx, false, "net/ipx/socket", {}, true},
    {AddressFamily::ax25, false, "net/ax25",
     "address dev src_addr dest_addr st vs vr va t1 t1timer t2 t2timer t3 t3timer idle idletimer n2 n2count rtt window "
     "paclen snd_q rcv_q inode",
     false},
    {AddressFamily::x25, false, "net/x25", {}, true},
    {AddressFamily::netrom, false, "net/nr", {}, true},
    {AddressFamily::rose, false, "net/rose", {}, true},
    {AddressFamily::ipx, true, "net/ipx/route", {}, true},
    {AddressFamily::ax25, true, "net/ax25_route", {}, true},
    {AddressFamily::x25, true, "net/x25/route", "address digits dev", true},
    {AddressFamily::netrom, true, "net/nr_nodes", {}, true},
    {AddressFamily::rose, true, "net/rose_nodes", {}, true},
    {AddressFamily::ddp, true, "net/atalk_route", "target router flags dev", true},
};

const RareTable* table_of(AddressFamily family, bool routes) {
  for (const RareTable& table : kRareTables)
    if (table.family == family && table.routes == routes) return &table;
  return nullptr;
}

/// "Snd-Q" as a key.
std::string key_of(std::string_view column) {
  std::string key;
  for (const char c : column) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    key += letter ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : '_';
  }
  return key;
}

std::vector<std::string> keys_of(std::string_view line) {
  std::vector<std::string> keys;
  Cursor cursor(line);
  for (std::string_view word; cursor.word(word);) keys.push_back(key_of(word));
  return keys;
}

/// Columns that are numbers in every table. The rest are addresses, call signs and names, even if they look like
/// numbers.
constexpr std::string_view kNumbers[] = {"lci",     "st",    "vs",     "vr",      "va",      "t",       "t1",
                                         "t2",      "t3",    "t4",     "t21",     "t22",     "t23",     "hb",
                                         "idle",    "n2",    "rtt",    "window",  "wnd",     "neigh",   "paclen",
                                         "snd_q",   "rcv_q", "inode",  "t1timer", "t2timer", "t3timer", "idletimer",
                                         "n2count", "uid",   "digits", "w",       "n",       "which"};

void put_value(Json& json, const std::string& key, std::string_view word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool is_number = error == std::errc() && end == word.data() + word.size();
  if (is_number && std::ranges::find(kNumbers, key) != std::end(kNumbers)) json.member(key, number);
  else json.text(key, word);
}

/// Words after the last column (digipeaters, further neighbours) become an array.
void put_row(Json& json, AddressFamily family, const std::vector<std::string>& keys, std::string_view line) {
  json.begin_object();
  json.member("family", canonical_name(family));
  Cursor cursor(line);
  std::string_view word;
  for (const std::string& key : keys)
    if (cursor.word(word)) put_value(json, key, word);
  if (cursor.word(word)) {
    json.key("more");
    json.begin_array();
    do json.element_text(word);
    while (cursor.word(word));
    json.end_array();
  }
  json.end_object();
}

Coverage add_rows(const ProcDir& proc, const RareTable& table, JsonDocument& document) {
  Coverage coverage;
  procfs::TextFile file(proc, table.file, coverage);
  if (coverage.error == ENOENT || coverage.error == ENOTDIR) return {};
  std::string_view line;
  std::vector<std::string> keys = keys_of(table.columns);
  if (table.headed && file.next(line) && keys.empty()) keys = keys_of(line);
  while (file.next(line)) {
    if (std::string_view first; !Cursor(line).word(first)) continue;
    put_row(document.begin(), table.family, keys, line);
    document.end_element();
  }
  return coverage;
}

}  // namespace

bool has_rare_sockets(AddressFamily family) { return table_of(family, false) != nullptr; }
bool has_rare_routes(AddressFamily family) { return table_of(family, true) != nullptr; }

Coverage add_rare_sockets(const ProcDir& proc, AddressFamily family, JsonDocument& document) {
  return add_rows(proc, *table_of(family, false), document);
}
Coverage add_rare_routes(const ProcDir& proc, AddressFamily family, JsonDocument& document) {
  return add_rows(proc, *table_of(family, true), document);
}

}  // namespace duostat::netstat
