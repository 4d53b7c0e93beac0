// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/html.h"

#include <fmt/core.h>

#include "src/render/html_style.h"
#include "src/render/svg.h"

namespace duostat {
namespace {

using svg::escape;

constexpr std::size_t kLongCell = 24;  ///< cells of at least so many bytes may be folded

constexpr std::string_view kFlushLeft = " class=\"left\"";

}  // namespace

void HtmlPage::begin(std::string_view title, std::string_view heading) {
  raw("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
      "charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
  raw(fmt::format("<title>{}</title>\n<style>", escape(title)));
  raw(kHtmlStyle);
  raw(fmt::format("</style>\n</head>\n<body>\n<h1>{}</h1>\n", escape(heading)));
}

void HtmlPage::end() { raw("</body>\n</html>\n"); }

void HtmlPage::part(std::string_view id, std::string_view text) {
  raw(fmt::format("<h1 id=\"{}\">{}</h1>\n", id, escape(text)));
}

void HtmlPage::heading(std::string_view id, std::string_view text) {
  raw(fmt::format("<h2 id=\"{}\">{}</h2>\n", id, escape(text)));
}

void HtmlPage::subheading(std::string_view text) { raw(fmt::format("<h3>{}</h3>\n", escape(text))); }

void HtmlPage::subheading(std::string_view kind, std::string_view word, std::string_view text) {
  raw(fmt::format("<h3><span class=\"badge {}\">{}</span> {}</h3>\n", kind, escape(word), escape(text)));
}

void HtmlPage::paragraph(std::string_view text) { raw(fmt::format("<p>{}</p>\n", escape(text))); }

void HtmlPage::soft(std::string_view text) { raw(fmt::format("<p class=\"soft\">{}</p>\n", escape(text))); }

void HtmlPage::notice(std::string_view text) {
  raw(fmt::format("<p class=\"notice\" role=\"status\"><strong>{}</strong></p>\n", escape(text)));
}

void HtmlPage::legend(const std::vector<std::pair<std::string, unsigned>>& entries) {
  raw("<ul class=\"legend\">\n");
  for (const auto& [name, colour] : entries)
    raw(
        fmt::format("<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"s{}\" width=\"10\" "
                    "height=\"10\"/></svg>{}</li>\n",
                    colour, escape(name)));
  raw("</ul>\n");
}

void HtmlPage::figure(const std::string& svg) {
  if (!svg.empty()) raw("<figure>\n" + svg + "</figure>\n");
}

void HtmlPage::begin_table(std::string_view caption, std::vector<HtmlColumn> columns) {
  columns_ = std::move(columns);
  raw(fmt::format("<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>", escape(caption)));
  for (const HtmlColumn& column : columns_)
    raw(fmt::format("<th scope=\"col\"{}>{}</th>", column.words ? kFlushLeft : "", escape(column.title)));
  raw("</tr></thead>\n<tbody>\n");
}

void HtmlPage::row(const std::vector<std::string>& cells) {
  raw("<tr>");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool words = i < columns_.size() && columns_[i].words;
    const std::string_view set = cells[i].size() > kLongCell ? " class=\"words\"" : words ? kFlushLeft : "";
    raw(fmt::format("<{}{}>{}</{}>", i == 0 ? "th scope=\"row\"" : "td", set, escape(cells[i]), i == 0 ? "th" : "td"));
  }
  raw("</tr>\n");
}

void HtmlPage::end_table() { raw("</tbody>\n</table></div>\n"); }

void HtmlPage::contents(const std::vector<Link>& links) {
  raw("<nav><ul>\n");
  for (const Link& link : links)
    raw(fmt::format("<li><a href=\"#{}\">{}</a>: {}</li>\n", link.id, escape(link.text), escape(link.words)));
  raw("</ul></nav>\n");
}

void HtmlPage::begin_entries() { raw("<dl>\n"); }

void HtmlPage::entry(std::string_view name, std::string_view value) {
  if (!value.empty()) raw(fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value)));
}

void HtmlPage::end_entries() { raw("</dl>\n"); }

}  // namespace duostat
