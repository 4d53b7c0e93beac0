// Compares parse_options with getopt_long(3): the same events, operands and messages for pseudo-random command lines.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <features.h>

#include <cstdio>

#ifndef __GLIBC__
int main() {
  std::puts("1..0 # SKIP the messages to agree with are those of the GNU C library");
}
#else
#include <getopt.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "src/base/options.h"
#include "tests/agree/option_tables.h"

namespace {

using namespace duostat;
using Words = std::vector<std::string>;
using Random = std::mt19937;

unsigned below(Random& random, unsigned limit) { return random() % limit; }

template <class Container>
auto& pick(Random& random, Container& from) {
  return from[below(random, static_cast<unsigned>(from.size()))];
}

/// Captures what the C library prints on descriptor 2.
class Capture {
 public:
  Capture() : file_(std::tmpfile()), saved_(dup(STDERR_FILENO)) { dup2(fileno(file_), STDERR_FILENO); }
  ~Capture() { dup2(saved_, STDERR_FILENO), close(saved_), std::fclose(file_); }
  std::string take() {
    char buffer[4096];
    const off_t size = lseek(STDERR_FILENO, 0, SEEK_CUR);
    if (size <= 0) return {};
    const ssize_t n = pread(STDERR_FILENO, buffer, sizeof buffer, 0);
    lseek(STDERR_FILENO, 0, SEEK_SET);
    if (ftruncate(STDERR_FILENO, 0) != 0 || n != size) std::abort();
    return {buffer, static_cast<std::size_t>(n)};
  }

 private:
  std::FILE* file_;
  int saved_;
};

/// A table converted for getopt_long.
class Oracle {
 public:
  Oracle(const std::vector<OptionRow>& table, OptionRules rules)
      : table_(table), letters_(rules.stop_at_operand ? "+" : "") {
    for (std::size_t row = 0; row < table.size(); ++row) {
      const bool valued = !table[row].arg.empty();
      const int effect = table[row].effect;
      for (std::string_view rest = table[row].names; !rest.empty();) {
        const auto comma = rest.find(',');
        names_.emplace_back(rest.substr(0, comma));
        rows_.push_back(row);
        values_.push_back(effect != 0 ? 100'000 + effect : 1000 + static_cast<int>(row));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
      }
      if (table[row].letter != 0) letters_.append(1, table[row].letter).append(valued ? ":" : "");
    }
    for (std::size_t i = 0; i < names_.size(); ++i)
      options_.push_back(
          {names_[i].c_str(), table[rows_[i]].arg.empty() ? no_argument : required_argument, nullptr, values_[i]});
    options_.push_back({});
  }

  ParsedOptions parse(const Words& args, Capture& capture) const {
    Words copies = args;
    copies.insert(copies.begin(), "prog");
    std::vector<char*> argv;
    for (std::string& copy : copies) argv.push_back(copy.data());
    argv.push_back(nullptr);
    const int argc = static_cast<int>(copies.size());
    ParsedOptions result;
    optind = 0;
    for (;;) {
      int index = -1;
      const int value = getopt_long(argc, argv.data(), letters_.c_str(), options_.data(), &index);
      if (std::string message = capture.take(); !message.empty()) {
        message.pop_back();
        result.error = message.substr(std::strlen("prog: "));
        return result;
      }
      if (value == -1) break;
      const std::size_t row = index >= 0 ? rows_[static_cast<std::size_t>(index)] : row_of(static_cast<char>(value));
      result.events.push_back({row, table_[row].arg.empty() ? "" : optarg});
    }
    result.operands.assign(argv.begin() + optind, argv.end() - 1);
    return result;
  }

 private:
  std::size_t row_of(char letter) const {
    for (std::size_t row = 0; row < table_.size(); ++row)
      if (table_[row].letter == letter) return row;
    std::abort();
  }

  const std::vector<OptionRow>& table_;
  std::string letters_;
  std::vector<std::string> names_;
  std::vector<std::size_t> rows_;
  std::vector<int> values_;
  std::vector<option> options_;
};

std::string show(const Words& args) {
  std::string text;
  for (const std::string& arg : args) text.append(" [").append(arg).append("]");
  return text;
}

std::string show(const ParsedOptions& parsed) {
  std::string text;
  for (const OptionEvent& e : parsed.events) text.append(" ").append(std::to_string(e.row)).append("=").append(e.value);
  if (parsed.error.empty()) text.append(" |").append(show(parsed.operands));
  return text.append(" | ").append(parsed.error);
}

const std::vector<std::string> kPlain = {"state", "established", "(", "dport", "=", ":22", ")", "inet", "tcp", "-", "",
                                         "a=b", "=", "x-y", "unix", "5"};

std::string random_cluster(Random& random, const std::vector<OptionRow>& table) {
  std::string word = "-";
  for (unsigned n = 1 + below(random, 5); n != 0; --n) {
    const char letter = pick(random, table).letter;
    if (below(random, 12) == 0) {
      word.push_back(static_cast<char>(1 + below(random, 255)));
    } else if (letter != 0) {
      word.push_back(letter);
    }
  }
  return word.append(below(random, 6) == 0 ? pick(random, kPlain) : "");
}

std::string random_long(Random& random, const std::vector<OptionRow>& table) {
  std::string names(pick(random, table).names);
  if (const auto comma = names.find(','); comma != std::string::npos)
    names = below(random, 2) == 0 ? names.substr(0, comma) : names.substr(comma + 1);
  if (below(random, 2) == 0) names.resize(below(random, static_cast<unsigned>(names.size() + 1)));
  if (below(random, 30) == 0) names.push_back('x');
  if (below(random, 5) == 0) names.append("=").append(below(random, 2) == 0 ? pick(random, kPlain) : "-t");
  return "--" + names;
}

Words random_line(Random& random, const std::vector<OptionRow>& table) {
  Words words;
  for (unsigned n = below(random, 7); n != 0; --n) {
    const unsigned kind = below(random, 20);
    if (kind < 7) {
      words.push_back(random_cluster(random, table));
    } else if (kind < 13) {
      words.push_back(random_long(random, table));
    } else {
      words.push_back(kind == 13 ? "--" : pick(random, kPlain));
    }
  }
  return words;
}

constexpr std::string_view kFirst = "aab", kNext = "aab-";

/// A small table over few letters, so that names are prefixes of each other, repeat and share effects.
std::vector<OptionRow> random_table(Random& random, std::vector<std::string>& names) {
  std::vector<OptionRow> table;
  std::string letters = "abcd?";
  names.assign(1 + below(random, 6), {});
  for (std::string& name : names) {
    for (unsigned aliases = below(random, 3); aliases != 0; --aliases) {
      if (!name.empty()) name.push_back(',');
      name.push_back(pick(random, kFirst));
      for (unsigned n = below(random, 4); n != 0; --n) name.push_back(pick(random, kNext));
    }
    char letter = 0;
    if (!letters.empty() && below(random, 2) == 0) letter = letters.back(), letters.pop_back();
    table.push_back(
        {letter, name, below(random, 3) == 0 ? "VALUE" : "", false, static_cast<unsigned char>(below(random, 3))});
  }
  return table;
}

struct Tally {
  unsigned lines = 0, refused = 0, differ = 0;
};

void compare(const std::vector<OptionRow>& table, OptionRules rules, const Oracle& oracle, const Words& args,
             Capture& capture, Tally& tally) {
  const ParsedOptions wanted = oracle.parse(args, capture), got = parse_options(table, args, rules);
  ++tally.lines;
  tally.refused += !wanted.error.empty();
  if (show(wanted) == show(got)) return;
  if (++tally.differ <= 5)
    std::printf("# %s\n#   getopt_long:%s\n#   we:         %s\n", show(args).c_str(), show(wanted).c_str(),
                show(got).c_str());
}

void report(int number, const char* name, const Tally& tally) {
  std::printf("# %u lines, %u of them refused by getopt_long\n", tally.lines, tally.refused);
  const bool telling = tally.refused > tally.lines / 10 && tally.refused < tally.lines * 9 / 10;
  std::printf("%s %d - %s: no difference in %u lines\n", tally.differ == 0 && telling ? "ok" : "not ok", number, name,
              tally.lines);
}

Tally run_table(std::span<const OptionRow> rows, OptionRules rules, unsigned lines, Capture& capture) {
  const std::vector<OptionRow> table(rows.begin(), rows.end());
  const Oracle oracle(table, rules);
  Random random(20240229);
  Tally tally;
  while (tally.lines < lines) compare(table, rules, oracle, random_line(random, table), capture, tally);
  return tally;
}

Tally run_random_tables(OptionRules rules, unsigned lines, Capture& capture) {
  Random random(19700101);
  Tally tally;
  while (tally.lines < lines) {
    std::vector<std::string> names;
    const std::vector<OptionRow> table = random_table(random, names);
    const Oracle oracle(table, rules);
    for (int i = 0; i < 20; ++i) compare(table, rules, oracle, random_line(random, table), capture, tally);
  }
  return tally;
}

}  // namespace

int main() {
  unsetenv("POSIXLY_CORRECT");
  Capture capture;
  std::puts("1..6");
  report(1, "ss", run_table(test::kSsRows, {}, 20'000, capture));
  report(2, "netstat", run_table(test::kNetstatRows, {}, 20'000, capture));
  report(3, "ss, POSIXLY_CORRECT", run_table(test::kSsRows, {true}, 5'000, capture));
  report(4, "netstat, POSIXLY_CORRECT", run_table(test::kNetstatRows, {true}, 5'000, capture));
  report(5, "tables made up", run_random_tables({}, 20'000, capture));
  report(6, "tables made up, POSIXLY_CORRECT", run_random_tables({true}, 5'000, capture));
}
#endif
