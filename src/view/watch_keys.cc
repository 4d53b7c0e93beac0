// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch_keys.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/escape.h"

namespace duostat {
namespace {

struct Sequence {
  std::string_view bytes;
  Key key;
};
/// Of xterm and the terminals that follow it, in normal and in application mode.
constexpr Sequence kSequences[] = {
    {"\x1b[A", Key::up},       {"\x1bOA", Key::up},        {"\x1b[B", Key::down},  {"\x1bOB", Key::down},
    {"\x1b[5~", Key::page_up}, {"\x1b[6~", Key::page_down}, {"\x1b[H", Key::home},  {"\x1bOH", Key::home},
    {"\x1b[1~", Key::home},    {"\x1b[F", Key::end},       {"\x1bOF", Key::end},   {"\x1b[4~", Key::end},
    {"\r", Key::enter},        {"\n", Key::enter},         {"\x7f", Key::backspace}, {"\b", Key::backspace},
    {"\x15", Key::erase_line},
};

/// The length of an escape sequence at the beginning of `input`: CSI to its final byte, SS3 with one byte, or 1.
std::size_t escape_length(std::string_view input) {
  if (input.size() < 2) return 1;
  if (input[1] == 'O') return std::min<std::size_t>(input.size(), 3);
  if (input[1] != '[') return 1;
  for (std::size_t i = 2; i < input.size(); ++i)
    if (input[i] >= '@' && input[i] <= '~') return i + 1;
  return input.size();
}

struct KeyRow {
  std::string_view keys;  ///< characters
  Key key;                ///< the same without a character
  WatchAction action;
  std::string_view words, help;  ///< empty: the row above has them
};
constexpr KeyRow kKeys[] = {
    {"q", Key::unknown, WatchAction::quit, "q", "end"},
    {"?h", Key::unknown, WatchAction::help, "?", "this help"},
    {"k", Key::up, WatchAction::up, "up, k", "the row above"},
    {"j", Key::down, WatchAction::down, "down, j", "the row below"},
    {"", Key::page_up, WatchAction::page_up, "PgUp", "a page up"},
    {"", Key::page_down, WatchAction::page_down, "PgDn", "a page down"},
    {"g", Key::home, WatchAction::first, "Home, g", "the first row"},
    {"G", Key::end, WatchAction::last, "End, G", "the last row"},
    {"", Key::enter, WatchAction::details, "Enter", "all fields of the row; again: back"},
    {"<", Key::unknown, WatchAction::sort_before, "<", "sort by the column before"},
    {">", Key::unknown, WatchAction::sort_next, ">", "sort by the next column"},
    {"S", Key::unknown, WatchAction::reverse, "S", "reverse the order"},
    {"p ", Key::unknown, WatchAction::pause, "p, space", "pause, go on"},
    {"r", Key::unknown, WatchAction::rates, "r", "rates on, off"},
    {"d", Key::unknown, WatchAction::differences, "d", "marks of differences off, on"},
    {"-", Key::unknown, WatchAction::faster, "-", "shorter interval"},
    {"+", Key::unknown, WatchAction::slower, "+", "longer interval"},
    {"n", Key::unknown, WatchAction::names, "n", "names or numbers"},
    {"/", Key::unknown, WatchAction::filter, "/", "only rows for which a --where expression is true"},
};

}  // namespace

KeyPress take_key(std::string_view& input) {
  for (const Sequence& s : kSequences)
    if (input.starts_with(s.bytes)) return input.remove_prefix(s.bytes.size()), KeyPress{s.key};
  if (input.front() == '\x1b') {
    const std::size_t length = escape_length(input);
    input.remove_prefix(length);
    return {length == 1 ? Key::escape : Key::unknown};
  }
  const std::string_view text = first_sequence(input);
  input.remove_prefix(text.size());
  if (is_control(text)) return {Key::unknown};
  return {Key::character, text};
}

WatchAction action_of(const KeyPress& press) {
  for (const KeyRow& row : kKeys)
    if (press.key == Key::character ? row.keys.find(press.text) != std::string_view::npos
                                    : row.key != Key::unknown && row.key == press.key)
      return row.action;
  return WatchAction::nothing;
}

std::vector<std::string> watch_help() {
  std::vector<std::string> lines{"Keys:", ""};
  for (const KeyRow& row : kKeys) lines.push_back(fmt::format("  {:<10}{}", row.words, row.help));
  lines.insert(lines.end(), {"", "Marks: + new, * changed (the field is bold), - gone (shown for two passes)",
                             "Any key goes back."});
  return lines;
}

}  // namespace duostat
