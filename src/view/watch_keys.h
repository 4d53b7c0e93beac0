// The keys of --watch: bytes of a terminal to keys, and keys to what they do.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

/// A key as the terminal sends it. `character` is a printable one.
enum class Key : std::uint8_t {
  unknown, character, enter, escape, backspace, erase_line, up, down, page_up, page_down, home, end
};
struct KeyPress {
  Key key = Key::unknown;
  std::string_view text{};  ///< of a character: its UTF-8
};
/// Takes the next key from the beginning of `input`, which is not empty. Text is valid as long as the input.
KeyPress take_key(std::string_view& input);

enum class WatchAction : std::uint8_t {
  nothing, quit, help, up, down, page_up, page_down, first, last, details, sort_before, sort_next, reverse, pause,
  rates, differences, faster, slower, names, filter
};
WatchAction action_of(const KeyPress& press);
/// One line for each key.
std::vector<std::string> watch_help();

}  // namespace duostat
