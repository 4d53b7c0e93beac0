// The completion script for fish.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <utility>

#include "compat/native/completion_words.h"

namespace duostat::native {
namespace {

/// 'text' for fish.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// The functions that conditions and values call. The braces of fmt do not occur in fish.
constexpr std::string_view kFunctions = R"fish(function __duostat_is
  set -l words (commandline -opc)
  set -l program (string replace -r '.*/' '' -- $words[1])
  set -e words[1]
  switch $program
%NAMES%    case '*'
      set program duostat
  end
  if test $program = duostat
    for word in $words
      switch "$program:$word"
        case '*:-*'
        case 'duostat:*' explain:ss explain:netstat
          set program $word
        case '*'
          break
      end
    end
  end
  test $program = $argv[1]
end
function __duostat_after
  set -l words (commandline -opc)
  contains -- $words[-1] $argv
end
function __duostat_list
  set -l whole (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
  for word in $argv
    echo "$whole$word"
  end
end
function __duostat_keys
  set -l whole (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '^(?:[^,]*,)*-?')
  for word in $argv
    echo "$whole$word"
  end
end
function __duostat_names
  for path in $argv[1]/*
    string replace -r '.*/' '' -- $path
  end
end
)fish";

std::string fish_name_cases(const CalledAs& names) {
  std::string text;
  const std::pair<std::string_view, std::string_view> kCalled[] = {{names.ss, "ss"}, {names.netstat, "netstat"}};
  for (const auto& [called, program] : kCalled)
    if (!called.empty())
      text += fmt::format("    case {}{}\n      set program {}\n", quoted(called),
                          called == program ? "" : fmt::format(" {}", program), program);
  return text;
}

/// The options of `complete` for values.
std::string values_text(const Values& values) {
  switch (values.kind) {
    case ValueKind::words: return " -a " + quoted(joined(values.words));
    case ValueKind::keys: return " -a " + quoted("(__duostat_keys " + joined(values.words) + ")");
    case ValueKind::list: return " -a " + quoted("(__duostat_list " + joined(values.words) + ")");
    case ValueKind::namespaces: return " -a " + quoted("(__duostat_names /run/netns)");
    default: return {};
  }
}

std::string option_line(const std::string& begin, const CompletedOption& option) {
  std::string line = begin;
  if (option.letter != 0) line += fmt::format(" -s {}", quoted(std::string(1, option.letter)));
  for (const std::string& name : option.names) line += " -l " + name;
  if (option.takes_value) {
    if (option.values.kind == ValueKind::files) line += " -r -F";
    else line += option.optional ? " -f" : " -x";
    line += values_text(option.values);
  }
  return line + " -d " + quoted(option.help) + "\n";
}

}  // namespace

std::string fish_script(const std::vector<CompletedProgram>& programs, const CalledAs& names) {
  std::string text = "# Completion for fish. Printed by: duostat completion fish\n";
  std::string functions(kFunctions);
  constexpr std::string_view kMark = "%NAMES%";
  text += functions.replace(functions.find(kMark), kMark.size(), fish_name_cases(names));
  for (const CompletedProgram& program : programs) {
    const std::string_view other = program.name == "ss" ? names.ss : program.name == "netstat" ? names.netstat : "";
    const std::string begin = fmt::format("complete -c {}{} -n {}", names.duostat,
                                          other.empty() ? "" : fmt::format(" -c {}", other),
                                          quoted("__duostat_is " + program.name));
    for (const CompletedOption& option : program.options) text += option_line(begin, option);
    const auto offer = [&](std::string_view condition, const std::string& words) {
      text += fmt::format("{} -n {} -f -a {}\n", begin.substr(0, begin.find(" -n ")),
                          quoted(fmt::format("__duostat_is {}; and {}", program.name, condition)), quoted(words));
    };
    if (program.has_filter) {
      offer("not __duostat_after state exclude dev", joined(filter_words()));
      offer("__duostat_after state exclude", joined(state_words()));
      offer("__duostat_after dev", "(__duostat_names /sys/class/net)");
    } else if (program.second_operand.kind == ValueKind::words) {
      const std::string first = joined(program.operands.words);
      offer("not __duostat_after " + first, first);
      offer("__duostat_after " + first, joined(program.second_operand.words));
    } else if (program.operands.kind != ValueKind::files) {
      text += begin + " -f" + values_text(program.operands) + "\n";
    }
  }
  return text;
}

}  // namespace duostat::native
