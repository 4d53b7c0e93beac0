// The common parts of all commands: folding options, --help, operands, messages and exit statuses; and the row of each
// command.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/scaffold.h"

#include <boost/test/unit_test.hpp>
#include <new>
#include <set>

#include "tests/collect/fake_world.h"
#include "tests/command/ran.h"

namespace duostat::command {
namespace {

struct Request {
  std::string order, how;
};
constexpr Option<Request> kOptions[] = {
    {'a', "all", "", "everything", [](Request& r, std::string_view) { r.order += 'a'; }, "First"},
    {0, "by", "KEY", "by this", [](Request& r, std::string_view key) { r.order.append("b=").append(key); }, "Second"},
    {0, "how", "[=WORD]", "how it ends", [](Request& r, std::string_view word) { r.how = word; }},
};
std::span<const Option<Request>> options() { return kOptions; }

int run(Environment& env, const Request& request, std::span<const std::string> operands) {
  if (request.how == "usage") throw UsageError("--how: not so");
  if (request.how == "system") throw SystemError("open", "there", ENOENT);
  if (request.how == "memory") throw std::bad_alloc();
  env.out.append(request.order);
  for (const std::string& operand : operands) env.out.append(" " + operand);
  return 7;
}

constexpr Command kExample = command_of<options, run>({
    .title = "duostat example",
    .summary = "an example",
    .description = "Shows what a command is.",
    .operands = {.usage = "FILE [FILE]", .least = 1, .most = 2},
    .failure_status = 4,
});

Ran ran(std::vector<std::string> words) {
  StringSink sink;
  FakeWorld world(sink);
  return run_in(world, sink, kExample, words);
}

BOOST_AUTO_TEST_SUITE(scaffold)

BOOST_AUTO_TEST_CASE(options_fold_in_order_and_operands_are_left) {
  const Ran r = ran({"--by=x", "one", "-a", "--by", "y", "two"});
  BOOST_TEST(r.status == 7);
  BOOST_TEST(r.out == "b=xab=y one two");
  BOOST_TEST(r.err == "");
}

BOOST_AUTO_TEST_CASE(help_is_made_of_the_rows) {
  const Ran r = ran({"-h"});
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out ==
             "Usage: duostat example [OPTIONS] FILE [FILE]\n\nShows what a command is.\n\n"
             "First:\n  -a, --all                   everything\n\n"
             "Second:\n      --by=KEY                by this\n      --how[=WORD]            how it ends\n\n"
             "Other:\n  -h, --help                  print this text\n");
  BOOST_TEST(kExample.options().size() == std::size(kOptions) + 1);
  BOOST_TEST(kExample.name() == "example");
}

BOOST_AUTO_TEST_CASE(mistakes_are_one_line_with_the_title_and_status_2) {
  const std::pair<std::vector<std::string>, std::string> rows[] = {
      {{}, "FILE [FILE] is missing"},
      {{"1", "2", "3"}, "unexpected argument \"3\""},
      {{"-x"}, "invalid option -- 'x'"},
      {{"--bogus", "1"}, "unrecognized option '--bogus'"},
      {{"--aal", "1"}, "unrecognized option '--aal' (did you mean --all?)"},
  };
  for (const auto& [words, mistake] : rows) {
    const Ran r = ran(words);
    BOOST_TEST(r.status == kUsageStatus);
    BOOST_TEST(r.out == "");
    BOOST_TEST(r.err == "duostat example: " + mistake + "; see duostat example --help\n");
  }
}

BOOST_AUTO_TEST_CASE(errors_have_the_title_and_their_status) {
  const Ran usage = ran({"x", "--how=usage"}), system = ran({"x", "--how=system"}), memory = ran({"x", "--how=memory"});
  BOOST_TEST(usage.status == kUsageStatus);
  BOOST_TEST(usage.err == "duostat example: --how: not so\n");
  BOOST_TEST(system.status == 4);
  BOOST_TEST(system.err == "duostat example: open there: No such file or directory\n");
  BOOST_TEST(memory.status == kOutOfMemory);
  BOOST_TEST(memory.err == "duostat example: out of memory\n");
}

BOOST_AUTO_TEST_CASE(each_row_of_the_table_is_whole) {
  std::set<std::string_view> names;
  for (const Command* c : commands()) {
    BOOST_TEST_CONTEXT(c->title) {
      BOOST_TEST(c->title.starts_with("duostat "));
      BOOST_TEST(names.insert(c->name()).second);
      BOOST_TEST(!c->summary.empty());
      BOOST_TEST(c->description.ends_with('.'));
      BOOST_REQUIRE(c->run != nullptr);
      BOOST_TEST((c->operands.usage.empty() == (c->operands.most == 0)));
      const std::vector<OptionText> rows = c->options();
      BOOST_TEST(letters_unique(rows));
      BOOST_TEST(rows.back().names == "help");
      for (const OptionText& row : rows) BOOST_TEST(!row.help.empty());
      StringSink sink;
      FakeWorld world(sink);
      const std::vector<std::string> words{"--help"};
      BOOST_TEST(c->run(*c, world.env, words) == 0);
      world.out.flush();
      BOOST_TEST(sink.text == usage_text(*c));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::command
