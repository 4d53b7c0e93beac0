// The completion scripts for bash and zsh, which share their data.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "compat/native/completion_words.h"
#include "compat/native/shell_words.h"

namespace duostat::native {
namespace {

constexpr std::string_view word_of(ValueKind kind) {
  constexpr std::string_view kWords[] = {"none", "words", "list", "keys", "files", "namespaces"};
  return kWords[static_cast<std::size_t>(kind)];
}

// ---- bash and zsh: the data, in the language of sh ----

/// _duostat_options PROGRAM: prints the options, a tab and the help. A word that ends in '=' takes a value.
std::string option_function(const std::vector<CompletedProgram>& programs) {
  std::string text = "_duostat_options() {\n  case $1 in\n";
  for (const CompletedProgram& program : programs) {
    std::string lines;
    for (const CompletedOption& o : program.options) {
      if (o.letter != 0 && !o.takes_value) lines += fmt::format("-{}\t{}\n", o.letter, o.help);
      for (const std::string& name : o.names)
        lines += fmt::format("--{}{}\t{}\n", name, o.takes_value && !o.optional ? "=" : "", o.help);
    }
    if (!lines.empty()) lines.pop_back();
    text += fmt::format("  {}) printf '%s\\n' {} ;;\n", program.name, shell_quoted(lines));
  }
  return text + "  esac\n}\n";
}

/// _duostat_values PROGRAM OPTION: sets _duostat_kind and _duostat_words; fails if the option takes no value.
/// _duostat_optional is not empty if the value must follow '='.
std::string value_function(const std::vector<CompletedProgram>& programs) {
  std::vector<std::pair<Values, std::string>> arms;
  std::string optional;
  const auto add = [&](const Values& values, const std::string& pattern) {
    const auto same = std::ranges::find(arms, values, &std::pair<Values, std::string>::first);
    if (same == arms.end()) arms.emplace_back(values, pattern);
    else same->second.append("|").append(pattern);
  };
  for (const CompletedProgram& program : programs)
    for (const CompletedOption& o : program.options) {
      if (!o.takes_value) continue;
      std::vector<std::string> words;
      if (o.letter != 0 && !o.optional) words.push_back(fmt::format("'{} -{}'", program.name, o.letter));
      for (const std::string& name : o.names) words.push_back(fmt::format("'{} --{}'", program.name, name));
      for (const std::string& word : words) {
        add(o.values, word);
        if (o.optional) optional.append(optional.empty() ? "" : "|").append(word);
      }
    }
  std::string text = "_duostat_values() {\n  _duostat_optional=\n";
  if (!optional.empty()) text += fmt::format("  case \"$1 $2\" in {}) _duostat_optional=yes ;; esac\n", optional);
  text += "  case \"$1 $2\" in\n";
  for (const auto& [values, pattern] : arms)
    text += fmt::format("  {}) _duostat_kind={} _duostat_words={} ;;\n", pattern, word_of(values.kind),
                        shell_quoted(joined(values.words)));
  return text + "  *) return 1 ;;\n  esac\n}\n";
}

/// _duostat_operands PROGRAM PREVIOUS BEFORE: the same for words that are no options.
std::string operand_function(const std::vector<CompletedProgram>& programs) {
  std::string filters, text;
  for (const CompletedProgram& program : programs)
    if (program.has_filter) filters.append(filters.empty() ? "" : "|").append(program.name);
  text = fmt::format(
      "_duostat_operands() {{\n  case \"$1 $2 $3\" in\n"
      "  *' state '*|*' exclude '*) _duostat_kind=words _duostat_words={} ;;\n"
      "  *' dev '*|*' '[=!]*' dev') _duostat_kind=interfaces _duostat_words= ;;\n"
      "  *)\n    case $1 in\n    {}) _duostat_kind=words _duostat_words={} ;;\n",
      shell_quoted(joined(state_words())), filters, shell_quoted(joined(filter_words())));
  std::string second;
  for (const CompletedProgram& program : programs) {
    if (program.second_operand.kind == ValueKind::none) continue;
    second += "  ";
    for (const std::string& word : program.operands.words)
      second += fmt::format("{}'{} {} '*", word == program.operands.words.front() ? "" : "|", program.name, word);
    second += fmt::format(") _duostat_kind={} _duostat_words={} ;;\n", word_of(program.second_operand.kind),
                          shell_quoted(joined(program.second_operand.words)));
  }
  constexpr std::string_view kFirstArm = "  *' state '*";
  text.insert(text.find(kFirstArm), second);
  for (const CompletedProgram& program : programs)
    if (!program.has_filter)
      text += fmt::format("    {}) _duostat_kind={} _duostat_words={} ;;\n", program.name,
                          word_of(program.operands.kind), shell_quoted(joined(program.operands.words)));
  return text + "    *) return 1 ;;\n    esac ;;\n  esac\n}\n";
}

/// Under which names the programs are called. A package may add links with the plain names: compat/main.cc knows them.
std::string sh_name_cases(const CalledAs& names) {
  std::string text;
  const std::pair<std::string_view, std::string_view> kCalled[] = {
      {names.ss, "ss"}, {names.netstat, "netstat"}, {names.duostat, "duostat"}};
  for (const auto& [called, program] : kCalled)
    if (!called.empty())
      text += fmt::format("  {}{}) _duostat_program={} ;;\n", shell_quoted(called),
                          called == program ? "" : fmt::format("|{}", program), program);
  return text;
}

/// _duostat_which NAME WORDS…: sets _duostat_program from the words before the cursor.
std::string which_function(const CalledAs& names) {
  return fmt::format(
      R"sh(_duostat_which() {{
  case ${{1##*/}} in
{}  *) _duostat_program=duostat ;;
  esac
  shift
  [ "$_duostat_program" = duostat ] || return 0
  local word
  for word; do
    case $_duostat_program:$word in
    *:-*) ;;
    duostat:*|explain:ss|explain:netstat) _duostat_program=$word ;;
    *) break ;;
    esac
  done
}}
)sh",
      sh_name_cases(names));
}

std::string shared_part(const std::vector<CompletedProgram>& programs, const CalledAs& names) {
  return which_function(names) + option_function(programs) + value_function(programs) + operand_function(programs);
}

std::string called_names(const CalledAs& names) {
  std::string text(names.duostat);
  for (const std::string_view name : {names.ss, names.netstat})
    if (!name.empty()) text.append(" ").append(name);
  return text;
}

constexpr std::string_view kBashBody = R"sh(_duostat_bash() {
  local line=${COMP_LINE:0:COMP_POINT} cur prev='' before='' stem='' part word cut
  local _duostat_program _duostat_kind=none _duostat_words='' _duostat_optional=''
  local -a given choices=()
  read -ra given <<<"$line"
  case $line in *[[:space:]]) given+=('') ;; esac
  local last=$((${#given[@]} - 1))
  cur=${given[last]}
  ((last > 1)) && prev=${given[last - 1]}
  ((last > 2)) && before=${given[last - 2]}
  _duostat_which "${given[0]}" "${given[@]:1:last-1}"
  COMPREPLY=()
  case $cur in
  --*=*)
    stem=${cur%%=*}=
    part=${cur#*=}
    _duostat_values "$_duostat_program" "${cur%%=*}" || return 0
    ;;
  -*)
    while IFS= read -r word; do choices+=("${word%%$'\t'*}"); done < <(_duostat_options "$_duostat_program")
    ;;
  *)
    part=$cur
    { [ -n "$prev" ] && _duostat_values "$_duostat_program" "$prev" && [ -z "$_duostat_optional" ]; } ||
      { _duostat_kind=none; _duostat_operands "$_duostat_program" "$prev" "$before"; } || return 0
    ;;
  esac
  cut=${stem}
  case $_duostat_kind in
  list | keys)
    word=${part##*,}
    cut+=${part%"$word"}
    case $_duostat_kind$word in keys-*) cut+=- ;; esac
    ;;
  interfaces) _duostat_words=$(cd /sys/class/net 2>/dev/null && echo *) ;;
  namespaces) _duostat_words=$(cd /run/netns 2>/dev/null && echo *) ;;
  files)
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$part")
    return 0
    ;;
  esac
  for word in $_duostat_words; do choices+=("$cut$word"); done
  # readline replaces what follows the last '=' or ':'.
  local kept=''
  case $COMP_WORDBREAKS in *=*) case $cur in *=*) kept=${cur%"${cur##*=}"} ;; esac ;; esac
  for word in "${choices[@]}"; do
    case $word in "$cur"*) COMPREPLY+=("${word#"$kept"}") ;; esac
  done
  case $_duostat_kind in list | keys) compopt -o nospace 2>/dev/null ;; esac
  if [ ${#COMPREPLY[@]} = 1 ] && [ "${COMPREPLY[0]%=}" != "${COMPREPLY[0]}" ]; then
    compopt -o nospace 2>/dev/null
  fi
}
)sh";

constexpr std::string_view kZshBody = R"sh(_duostat() {
  local cur=$PREFIX _duostat_program _duostat_kind=none _duostat_words='' _duostat_optional='' line word
  local -a plain valued
  _duostat_which $words[1] ${words[2,CURRENT-1]}
  case $cur in
  (--*=*)
    _duostat_values $_duostat_program ${cur%%=*} || return 1
    compset -P '*='
    ;;
  (-*)
    for line in ${(f)"$(_duostat_options $_duostat_program)"}; do
      word=${line%%$'\t'*}
      if [[ $word == *= ]]; then valued+=("$word:${line#*$'\t'}")
      else plain+=("$word:${line#*$'\t'}"); fi
    done
    _describe -o option plain -- valued -S ''
    return
    ;;
  (*)
    { _duostat_values $_duostat_program $words[CURRENT-1] && [[ -z $_duostat_optional ]] } ||
      { _duostat_kind=none; _duostat_operands $_duostat_program "$words[CURRENT-1]" "$words[CURRENT-2]" } || return 1
    ;;
  esac
  case $_duostat_kind in
  (list) compset -P '*,'; compadd -S '' -- ${=_duostat_words} ;;
  (keys) compset -P '*,'; compset -P -; compadd -S '' -- ${=_duostat_words} ;;
  (words) compadd -- ${=_duostat_words} ;;
  (interfaces) compadd -- /sys/class/net/*(N:t) ;;
  (namespaces) compadd -- /run/netns/*(N:t) ;;
  (files) _files ;;
  (*) return 1 ;;
  esac
}
)sh";

}  // namespace

std::string bash_script(const std::vector<CompletedProgram>& programs, const CalledAs& names) {
  return "# Completion for bash. Printed by: duostat completion bash\n" + shared_part(programs, names) +
         std::string(kBashBody) + "complete -F _duostat_bash " + called_names(names) + "\n";
}

std::string zsh_script(const std::vector<CompletedProgram>& programs, const CalledAs& names) {
  const std::string called = called_names(names);
  return "#compdef " + called + "\n# Completion for zsh. Printed by: duostat completion zsh\n" +
         shared_part(programs, names) + std::string(kZshBody) +
         // A function of fpath is called at its first use; a sourced script only declares it.
         "if [ \"$funcstack[1]\" = _duostat ]; then _duostat \"$@\"; else compdef _duostat " + called + "; fi\n";
}

}  // namespace duostat::native
