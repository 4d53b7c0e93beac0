// The filter expressions of tests/data/filters/FILTERS.tsv, recorded from ss 7.1.0 over tests/data/netlink/filter.bin:
// exit status, rows and first line of standard error.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "compat/ss/filter_errors.h"
#include "src/diag/diag_backend.h"
#include "src/diag/replay.h"
#include "src/query/eval.h"
#include "src/query/parser.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

namespace {

struct Recorded {
  std::string expression, status, rows, line;
};

std::vector<Recorded> read_table(const std::string& path) {
  std::vector<Recorded> table;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    Recorded row;
    std::string* const cells[] = {&row.expression, &row.status, &row.rows, &row.line};
    std::size_t start = 0;
    for (std::string* cell : cells) {
      const std::size_t tab = std::min(line.find('\t', start), line.size());
      *cell = line.substr(std::min(start, line.size()), tab - std::min(start, line.size()));
      start = tab + 1;
    }
    table.push_back(row);
  }
  return table;
}

/// State words precede the filter and have no effect on a replayed dump.
void drop_state_words(std::string& expression) {
  for (const char* word : {"state ", "exclude "})
    if (expression.starts_with(word)) {
      const std::size_t end = expression.find(' ', std::string(word).size());
      expression = end == expression.npos ? "" : expression.substr(end + 1);
    }
}

std::string rows_of(const Parsed& parsed, const std::string& dump) {
  if (parsed.restricted && parsed.restricted != Family::inet && parsed.restricted != Family::inet6) return "-";
  std::string rows;
  DiagBackend backend(replay_from(dump, open_netlink));
  Query query;
  query.protocols = {Protocol::tcp};
  backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) {
      if (parsed.expr && !matches(*parsed.expr, s, EvalContext{{32768, 60999}})) continue;
      if (!rows.empty()) rows += ',';
      rows += std::to_string(s.local.port) + (s.family == Family::inet6 ? "v6" : "");
    }
    return true;
  });
  return rows.empty() ? "-" : rows;
}

}  // namespace

int main() {
  if (std::endian::native != std::endian::little) {
    std::puts("1..0 # SKIP the recorded answer is one of a little-endian machine");
    return 0;
  }
  const char* top = std::getenv("top_srcdir");
  const std::string data = std::string(top != nullptr ? top : ".") + "/tests/data/";
  const std::vector<Recorded> table = read_table(data + "filters/FILTERS.tsv");
  std::printf("1..%zu\n", table.size());
  std::size_t number = 0;
  for (const Recorded& recorded : table) {
    std::string expression = recorded.expression;
    if (expression == "state nosuch") {
      std::printf("ok %zu - %s # SKIP state words are not the filter's\n", ++number, expression.c_str());
      continue;
    }
    drop_state_words(expression);
    MapLookup names;
    const std::vector<std::string> words{expression};
    const Parsed parsed = parse_filter(words, ParserContext{names, true, false, Family::unspecified, true});
    std::string status = "0", rows = "-", line;
    if (parsed.ok()) {
      rows = rows_of(parsed, data + "netlink/filter.bin");
    } else {
      const ss::FilterFailure failure = ss::filter_failure(parsed.error, words, false);
      status = std::to_string(failure.status);
      line = failure.text.substr(0, failure.text.find('\n'));
    }
    const bool same = status == recorded.status && rows == recorded.rows && line == recorded.line;
    std::printf("%s %zu - %s\n", same ? "ok" : "not ok", ++number, recorded.expression.c_str());
    if (!same)
      std::printf("# expected %s | %s | %s\n# seen     %s | %s | %s\n", recorded.status.c_str(), recorded.rows.c_str(),
                  recorded.line.c_str(), status.c_str(), rows.c_str(), line.c_str());
  }
  return 0;
}
