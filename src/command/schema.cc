// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/command/scaffold.h"
#include "src/insight/order.h"
#include "src/render/record.h"
#include "src/view/finding_columns.h"
#include "src/view/view_plan.h"

namespace duostat::command {
namespace schema {
namespace {

constexpr std::string_view kTitle = "duostat schema";

// ---- kinds of rows ----

struct Kind {
  std::string_view word;  ///< kind of the JSON document, and the name of the table
  const ColumnSet& (*set)();
};
constexpr Kind kKinds[] = {
    {"sockets", socket_columns},
    {"listeners", record_column_set<Listener>},
    {"states", record_column_set<StateCount>},
    {"findings", record_column_set<Finding>},
    {"routes", record_column_set<Route>},
    {"interfaces", record_column_set<Interface>},
    {"groups", record_column_set<MulticastGroup>},
    {"counters", record_column_set<CounterRecord>},
};

// ---- types ----

enum class Type : std::uint8_t { text, integer, real, truth, time };
constexpr std::size_t kTypes = 5;

/// Columns that are neither text nor integers, and the objects whose members are. doc/schema says the same of JSON, and
/// tests/live/fleet.py compares them.
constexpr std::string_view kReals[] = {"bbr.pacing_gain", "bbr.cwnd_gain", "share_percent",
                                       "rate.total",      "rate.sent",     "rate.received"};
constexpr std::string_view kTruths[] = {"v6only",
                                        "shutdown_receive",
                                        "shutdown_send",
                                        "tcp_info.delivery_rate_app_limited",
                                        "tcp_info.timestamps",
                                        "tcp_info.sack",
                                        "tcp_info.wscale",
                                        "tcp_info.ecn",
                                        "tcp_info.ecn_seen",
                                        "tcp_info.syn_data",
                                        "tcp_info.usec_ts",
                                        "mptcp_info.fallback",
                                        "mptcp_info.remote_key",
                                        "sockopt.recverr",
                                        "sockopt.is_icsk",
                                        "sockopt.freebind",
                                        "sockopt.hdrincl",
                                        "sockopt.mc_loop",
                                        "sockopt.transparent",
                                        "sockopt.mc_all",
                                        "sockopt.nodefrag",
                                        "sockopt.bind_address_no_port",
                                        "sockopt.recverr_rfc4884",
                                        "sockopt.defer_connect",
                                        "flags.accepts",
                                        "flags.wait_data",
                                        "flags.no_space",
                                        "packet.running",
                                        "packet.auxdata",
                                        "packet.origdev",
                                        "packet.vnet_hdr",
                                        "packet.loss",
                                        "tipc.link_congested",
                                        "tipc.conn_congested",
                                        "tipc.has_publication",
                                        "activated",
                                        "kernel",
                                        "cached"};

bool has(std::span<const std::string_view> list, std::string_view id) {
  return std::ranges::find(list, id) != list.end();
}

Type type_of(const Column& column) {
  if (has(kTruths, column.id)) return Type::truth;
  if (has(kReals, column.id)) return Type::real;
  return column.unit == Unit::text ? Type::text : Type::integer;
}

// ---- dialects ----

struct Dialect {
  std::string_view word;
  std::string_view types[kTypes];    ///< by Type
  std::string_view end;              ///< of CREATE TABLE, after the columns
  std::string_view extract[kTypes];  ///< by Type: an expression for the member with the path {0} of a line
  std::string_view from;             ///< where the lines are
  std::string_view remark;           ///< of `load`
};
// Numbers of 64 bits without a sign (cookies, rates without a limit) fit in none of the signed ones.
constexpr Dialect kDialects[] = {
    {"sqlite",
     {"TEXT", "INTEGER", "REAL", "INTEGER", "TEXT"},
     ")",
     {"json_extract(line, '$.{0}')", "json_extract(line, '$.{0}')", "json_extract(line, '$.{0}')",
      "json_extract(line, '$.{0}')", "json_extract(line, '$.{0}')"},
     "lines",
     "the table lines(line TEXT) has a line of --json=lines --stamp in each row"},
    {"duckdb",
     {"VARCHAR", "HUGEINT", "DOUBLE", "BOOLEAN", "TIMESTAMP"},
     ")",
     {"json_extract_string(line, '$.{0}')", "CAST(json_extract_string(line, '$.{0}') AS HUGEINT)",
      "CAST(json_extract_string(line, '$.{0}') AS DOUBLE)", "CAST(json_extract_string(line, '$.{0}') AS BOOLEAN)",
      "CAST(json_extract_string(line, '$.{0}') AS TIMESTAMP)"},
     "lines",
     "lines(line) has a line of --json=lines --stamp in each row, as in CREATE VIEW lines AS SELECT json AS line "
     "FROM read_ndjson_objects('*.jsonl')"},
    {"clickhouse",
     {"Nullable(String)", "Nullable(Int128)", "Nullable(Float64)", "Nullable(Bool)", "Nullable(DateTime64(6, 'UTC'))"},
     ") ENGINE = MergeTree ORDER BY tuple()",
     {"JSON_VALUE(line, '$.{0}')", "toInt128OrNull(JSON_VALUE(line, '$.{0}'))",
      "toFloat64OrNull(JSON_VALUE(line, '$.{0}'))",
      "multiIf(JSON_VALUE(line, '$.{0}') = 'true', true, JSON_VALUE(line, '$.{0}') = 'false', false, NULL)",
      "parseDateTime64BestEffortOrNull(JSON_VALUE(line, '$.{0}'), 6, 'UTC')"},
     "file('*.jsonl', LineAsString)",
     "each line of the files is one of --json=lines --stamp"},
};

// ---- the request ----

struct Request {
  std::optional<std::string> dialect, columns;
  bool csv = false;
};

constexpr auto kOptions = std::to_array<Option<Request>>({
    {0, "dialect", "sqlite|duckdb|clickhouse", "of SQL (default: sqlite)", keep_value<Request, &Request::dialect>},
    {0, "columns", "ID[,ID...]", "of the rows, in the order of --columns there (default: all)",
     keep_value<Request, &Request::columns>},
    {0, "csv", "", "a table for rows of --csv, which have no stamp", [](Request& r, auto) { r.csv = true; }},
});
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

template <class Row, std::size_t size>
const Row& row_of(const Row (&rows)[size], std::string_view what, std::string_view word) {
  const auto* const row = std::ranges::find(rows, word, &Row::word);
  if (row != std::end(rows)) return *row;
  std::vector<std::string_view> words;
  std::string list;
  for (const Row& known : rows) {
    words.push_back(known.word);
    list.append(list.empty() ? "" : ", ").append(known.word);
  }
  throw UsageError(fmt::format("{}: \"{}\" is not one of {}{}", what, word, list, did_you_mean(word, words)),
                   kUsageStatus);
}

// ---- SQL ----

struct SqlColumn {
  std::string name, path;
  Type type;
  std::string help;
};

SqlColumn sql_column(const ShownColumn& shown, bool csv) {
  const Column& c = *shown.column;
  // A time in another unit than the column's own is a number with a point; JSON always has the column's own.
  const bool converted = csv && shown.unit != c.unit;
  std::string name(converted ? std::string_view(shown.title) : c.id);
  std::ranges::replace(name, '.', '_');
  const std::string_view unit = unit_word(converted ? shown.unit : c.unit);
  return {std::move(name), std::string(c.id), converted ? Type::real : type_of(c),
          fmt::format("{}{}{}{}", c.help, unit.empty() ? "" : " (", unit, unit.empty() ? "" : ")")};
}

std::vector<SqlColumn> sql_columns(const Request& request, const ColumnSet& set) {
  std::vector<SqlColumn> columns;
  if (!request.csv)
    columns = {{"time", "stamp.time", Type::time, "when the row was listed, or its host recorded"},
               {"hostname", "stamp.hostname", Type::text, "of the host"},
               {"netns_listed", "stamp.netns", Type::integer, "inode of the network namespace that was listed"}};
  const auto add = [&](const ShownColumn& shown) {
    SqlColumn column = sql_column(shown, request.csv);
    if (std::ranges::find(columns, column.name, &SqlColumn::name) == columns.end())
      columns.push_back(std::move(column));
  };
  if (!request.columns)
    for (const Column& c : set.columns) add(ShownColumn::of(c));
  if (!request.columns) return columns;
  for (const std::string_view word : split_list("--columns", *request.columns)) {
    const auto group = find_group(word, set);
    for (const Column& c : group) add(ShownColumn::of(c));
    if (group.empty()) add(ShownColumn::named(word, set));
  }
  return columns;
}

std::string create_text(const Dialect& dialect, std::string_view table, const std::vector<SqlColumn>& columns) {
  std::string text = fmt::format("CREATE TABLE \"{}\" (\n", table);
  for (const SqlColumn& c : columns)
    text += fmt::format("  \"{}\" {}{}  -- {}\n", c.name, dialect.types[static_cast<unsigned>(c.type)],
                        &c == &columns.back() ? "" : ",", c.help);
  return text.append(dialect.end).append(";\n");
}

std::string load_text(const Dialect& dialect, std::string_view table, const std::vector<SqlColumn>& columns) {
  std::string text = fmt::format("-- {}\nINSERT INTO \"{}\" SELECT\n", dialect.remark, table);
  for (const SqlColumn& c : columns) {
    const std::string_view form = dialect.extract[static_cast<unsigned>(c.type)];
    text += "  ";
    text += fmt::format(fmt::runtime(form), c.path);
    text += fmt::format("{}\n", &c == &columns.back() ? "" : ",");
  }
  return text.append("FROM ").append(dialect.from).append(";\n");
}

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  constexpr std::string_view kWords[] = {"sql", "load"};
  const std::string& word = operands[0];
  if (!has(kWords, word))
    throw UsageError(fmt::format("\"{}\" is neither sql (CREATE TABLE) nor load (INSERT)", word), kUsageStatus);
  const bool load = word == "load";
  if (load && request.csv)
    throw UsageError("load: rows of --csv are loaded by position, by the database's own command", kUsageStatus);
  const Kind& kind = row_of(kKinds, "kind", operands.size() > 1 ? operands[1] : kKinds[0].word);
  const Dialect& dialect = row_of(kDialects, "--dialect", request.dialect.value_or(std::string(kDialects[0].word)));
  const std::vector<SqlColumn> columns = sql_columns(request, kind.set());
  env.out.append(load ? load_text(dialect, kind.word, columns) : create_text(dialect, kind.word, columns));
  return 0;
}

}  // namespace
}  // namespace schema

std::vector<std::string> schema_kinds() {
  std::vector<std::string> words;
  for (const schema::Kind& kind : schema::kKinds) words.emplace_back(kind.word);
  return words;
}

constinit const Command kSchema = command_of<schema::options, schema::run>({
    .title = schema::kTitle,
    .summary = "SQL for the rows of a listing: CREATE TABLE, and the statement that loads them",
    .description = "Prints CREATE TABLE for rows of --json=lines --stamp (sql), or the INSERT that loads them (load).\n"
                   "KIND: sockets (default), listeners, states, findings, routes, interfaces, groups, counters.",
    .operands = {.usage = "sql|load [KIND]", .least = 1, .most = 2},
});

}  // namespace duostat::command
