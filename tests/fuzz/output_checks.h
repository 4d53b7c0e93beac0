// What holds of every output, whatever was read: no control characters, valid JSON, no markup of others.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "src/base/escape.h"
#include "src/base/lines.h"
#include "src/render/json.h"
#include "tests/fuzz/input.h"

// After src/render/json.h, which sets the library up.
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace duostat::fuzz {

/// Lines end with a newline, and columns may be parted by a tab. `terminal`: also no character that misleads a reader,
/// and nothing but UTF-8.
inline void check_text(std::string_view text, bool terminal) {
  while (!text.empty()) {
    const std::string_view sequence = first_sequence(text);
    const bool whole = detail::utf8_length(sequence) != 0;
    const bool layout = sequence == "\n" || sequence == "\t";
    require(layout || !whole || !is_control(sequence), "text has no control character");
    require(!terminal || whole, "text for a terminal is UTF-8");
    require(!terminal || !is_misleading(sequence), "text for a terminal has no misleading character");
    text.remove_prefix(sequence.size());
  }
}

/// The lines end with CR LF (RFC 4180).
inline void check_csv(std::string_view text) {
  for (std::string_view line; next_line(text, line);) {
    require(line.ends_with('\r'), "a line of CSV ends with CR LF");
    check_text(line.substr(0, line.size() - 1), false);
  }
}

/// One whole document of valid UTF-8.
inline void check_json(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> handler;
  const auto result =
      reader.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(stream, handler);
  if (result.IsError())
    std::fprintf(stderr, "%.*s\nerror %d at %zu\n", static_cast<int>(text.size()), text.data(),
                 static_cast<int>(result.Code()), result.Offset());
  require(!result.IsError(), "JSON is one valid document of UTF-8");
}

inline void check_json_lines(std::string_view text) {
  require(text.empty() || text.back() == '\n', "each JSON line ends with a newline");
  for (std::string_view line; next_line(text, line);) check_json(line);
}

/// A page has only the elements that src/render/html and src/render/svg write: text never becomes an element.
inline void check_html(std::string_view text) {
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(first_sequence(rest).size()))
    require(detail::utf8_length(first_sequence(rest)) != 0, "a page is UTF-8");
  constexpr std::string_view kElements[] = {
      "!DOCTYPE", "a",     "body", "caption", "circle", "dd",   "desc", "div", "dl",    "dt",    "figure", "h1",
      "h2",       "h3",    "head", "html",    "li",     "line", "meta", "nav", "p",     "path",  "rect",   "span",
      "strong",   "style", "svg",  "table",   "tbody",  "td",   "text", "th",  "thead", "title", "tr",     "ul"};
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    ++at;
    if (at < text.size() && text[at] == '/') ++at;
    const auto end = text.find_first_of(" />\n", at);
    const std::string_view name = text.substr(at, end == std::string_view::npos ? end : end - at);
    require(std::ranges::find(kElements, name) != std::end(kElements), "a page has only elements of ours");
    const auto close = text.find_first_of("<>", at);
    require(close != std::string_view::npos && text[close] == '>', "an element ends before the next");
    const std::string_view attributes = text.substr(at, close - at);
    const auto script = attributes.find(" on");
    require(script == std::string_view::npos || attributes.find('=', script) > attributes.find(' ', script + 1),
            "no element has a script");
  }
}

}  // namespace duostat::fuzz
