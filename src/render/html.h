// Writes a self-contained HTML page: nothing is loaded from elsewhere, and every text is escaped. The page reads on
// screen and paper, light and dark, narrow and wide (src/render/html_style.h), and is well-formed XML too.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/output.h"

namespace duostat {

/// A column of a table, named by its title. Numbers are set flush right, words flush left.
struct HtmlColumn {
  HtmlColumn(const char* of_numbers) : title(of_numbers) {}
  HtmlColumn(std::string of_numbers) : title(std::move(of_numbers)) {}

  std::string title;
  bool words = false;
};
inline HtmlColumn of_words(std::string title) {
  HtmlColumn column(std::move(title));
  column.words = true;
  return column;
}

class HtmlPage {
 public:
  explicit HtmlPage(Output& out) : out_(out) {}

  /// `title`: of the window. `heading`: the first line of the page.
  void begin(std::string_view title, std::string_view heading);
  void end();

  /// Writes markup as it is: for parts that this class has no function for.
  void raw(std::string_view markup) { out_.append(markup); }
  /// The heading of a part of the page, above those of its sections.
  void part(std::string_view id, std::string_view text);
  void heading(std::string_view id, std::string_view text);
  void subheading(std::string_view text);
  /// With a word before it on a ground of its own colour. `kind`: a class of the style sheet (critical, warning, note).
  void subheading(std::string_view kind, std::string_view word, std::string_view text);
  void paragraph(std::string_view text);
  /// Small print.
  void soft(std::string_view text);
  /// A framed sentence that a reader must not miss.
  void notice(std::string_view text);
  /// The colours of a chart, by number: see svg.h.
  void legend(const std::vector<std::pair<std::string, unsigned>>& entries);
  /// An SVG chart; an empty one writes nothing.
  void figure(const std::string& svg);

  void begin_table(std::string_view caption, std::vector<HtmlColumn> columns);
  /// The first cell is the row's heading.
  void row(const std::vector<std::string>& cells);
  void end_table();

  /// Links to places of the page, each with words after it.
  struct Link {
    std::string id, text, words;
  };
  void contents(const std::vector<Link>& links);

  void begin_entries();
  /// A term and its description; an empty description writes nothing.
  void entry(std::string_view name, std::string_view value);
  void end_entries();

 private:
  Output& out_;
  std::vector<HtmlColumn> columns_;  ///< of the table that is being written
};

}  // namespace duostat
