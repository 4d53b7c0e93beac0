// Arbitrary bytes as texts and numbers that are written: JSON is one valid document, in which nothing of a text is
// lost; CSV has the texts that were put in; a table has no control characters; a page and a chart have no markup but
// ours; metrics have one line a sample. The first byte selects the row.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/terminal_sink.h"
#include "src/base/warn.h"
#include "src/render/exposition.h"
#include "src/render/html.h"
#include "src/render/svg.h"
#include "src/render/table.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/output_checks.h"

#include <rapidjson/document.h>

using namespace duostat;
using fuzz::Input;
using fuzz::require;

namespace {

/// Texts and numbers, until the input ends.
std::vector<std::string> texts_of(Input& input, std::size_t most = 64) {
  std::vector<std::string> texts;
  while (!input.empty() && texts.size() < most) texts.emplace_back(input.text());
  return texts;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

void json(Input input) {
  StringSink sink;
  Output out(sink, 64);
  Json json(out);
  const double real = std::bit_cast<double>(input.number());
  const std::vector<std::string> texts = texts_of(input);
  json.begin_object();
  json.member("real", real);
  json.key("list");
  json.begin_array();
  for (const std::string& text : texts) json.element_text(text);
  json.end_array();
  json.key("objects");
  json.begin_array();
  for (const std::string& text : texts) {
    json.begin_object();
    json.text("name", text);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out.flush();
  fuzz::check_json(sink.text);
  rapidjson::Document document;
  document.Parse(sink.text.data(), sink.text.size());
  const auto& objects = document["objects"];
  require(objects.Size() == texts.size(), "every object is there");
  for (rapidjson::SizeType i = 0; i < objects.Size(); ++i) {
    const auto hex = objects[i].FindMember("name_hex");
    const auto& name = objects[i]["name"];
    const std::string kept = hex != objects[i].MemberEnd() ? from_hex(hex->value.GetString())
                                                           : std::string(name.GetString(), name.GetStringLength());
    require(kept == texts[i], "no byte of a text is lost");
  }
}

Value value_of(Input& input) {
  switch (input.byte() % 6) {
    case 0: return Value::of(input.number());
    case 1: return Value::signed_of(static_cast<std::int64_t>(input.number()));
    case 2: return Value::real_of(std::bit_cast<double>(input.number()));
    case 3: return Value::boolean_of(input.byte() % 2 == 1);
    case 4: return Value::text_of(input.text());
    default: return {};
  }
}

void table(Input input) {
  const std::uint8_t flags = input.byte();
  StringSink sink;
  TerminalSink terminal(sink);
  {
    Output out(terminal);
    std::vector<Table::Title> titles;
    for (unsigned i = 0; i < 1 + flags % 4u; ++i)
      titles.push_back({.text = std::string("t") + static_cast<char>('0' + i),
                        .right = input.byte() % 2 == 1,
                        .unit = static_cast<Unit>(input.byte() % 7),
                        .shown = static_cast<Unit>(input.byte() % 7)});
    Table table(out, titles, (flags & 8) != 0, {.width = flags & 0xf0u, .for_people = (flags & 4) != 0});
    while (!input.empty()) table.cell(value_of(input));
    table.finish();
  }
  fuzz::check_text(sink.text, true);
}

/// The fields of RFC 4180.
std::vector<std::string> csv_fields(std::string_view text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"')
      fields.back() += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && c == ',')
      fields.emplace_back();
    else if (!quoted && c == '\r')
      require(text.substr(i, 2) == "\r\n", "a row ends with CR LF");
    else if (!quoted && c == '\n')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  require(!quoted, "quotes are closed");
  fields.pop_back();  // behind the last row
  return fields;
}

void csv(Input input) {
  StringSink sink;
  const std::size_t columns = 1 + input.byte() % 4u;
  std::vector<std::string> texts = texts_of(input);
  texts.resize(texts.size() / columns * columns);
  {
    Output out(sink);
    Table table(out, std::vector<Table::Title>(columns), false, {.csv = true});
    for (const std::string& text : texts) table.cell(Value::text_of(text));
    table.finish();
  }
  const std::vector<std::string> fields = csv_fields(sink.text);
  require(fields.size() == texts.size(), "there are as many fields as texts");
}

void page(Input input) {
  StringSink sink;
  const double low = std::bit_cast<double>(input.number()), high = std::bit_cast<double>(input.number());
  std::vector<std::string> texts = texts_of(input);
  texts.resize(std::max<std::size_t>(texts.size(), 4));
  {
    Output out(sink);
    HtmlPage page(out);
    page.begin(texts[0], texts[1]);
    page.part("part", texts[2]);
    page.heading("heading", texts[3]);
    page.subheading(texts[0]);
    page.subheading("warning", texts[1], texts[2]);
    page.paragraph(texts[3]);
    page.soft(texts[0]);
    page.notice(texts[1]);
    page.legend({{texts[2], 1}});
    page.contents({{"heading", texts[3], texts[0]}});
    page.begin_table(texts[1], {HtmlColumn(texts[2]), of_words(texts[3])});
    page.row(texts);
    page.end_table();
    page.begin_entries();
    for (std::size_t i = 0; i + 1 < texts.size(); ++i) page.entry(texts[i], texts[i + 1]);
    page.end_entries();
    const svg::Estimate estimate{low, low, high};
    const auto label = [&](double) { return texts[0]; };
    page.figure(
        svg::draw(svg::LineChart{.caption = {"a", texts[0], texts[1]},
                                 .x_title = texts[2],
                                 .y_title = texts[3],
                                 .x_label = label,
                                 .y_label = label,
                                 .series = {{texts[1], 1, {{low, estimate}, {high, estimate}}, {{low, high}}}}}));
    page.figure(svg::draw(svg::BarChart{.caption = {"b", texts[0], texts[1]},
                                        .label = label,
                                        .bars = {{texts[2], texts[3], {{texts[0], 1, low, texts[1]}}, estimate}}}));
    page.figure(svg::draw(svg::RatioChart{.caption = {"c", texts[0], texts[1]},
                                          .below = texts[2],
                                          .above = texts[3],
                                          .rows = {{texts[0], texts[1], estimate, true}}}));
    page.end();
  }
  fuzz::check_html(sink.text);
  fuzz::check_text(sink.text, false);
}

void metrics(Input input) {
  StringSink sink;
  constexpr std::string_view kLabels[] = {"one", "two"};
  MetricFamily family{.name = "duostat_sockets", .help = "sockets", .labels = kLabels};
  while (!input.empty() && family.samples.size() < 64)
    family.samples.push_back(
        {{label_text(input.text()), label_text(input.text())}, std::bit_cast<double>(input.number())});
  for (const Exposition format : {Exposition::prometheus, Exposition::openmetrics}) {
    sink.text.clear();
    {
      Output out(sink);
      write_exposition(out, std::span(&family, 1), format);
    }
    fuzz::check_text(sink.text, true);
    std::size_t samples = 0;
    std::string_view rest = sink.text, line;
    while (next_line(rest, line)) samples += line.starts_with("duostat_sockets{") ? 1 : 0;
    require(samples == family.samples.size(), "each sample is one line");
  }
}

/// Lines on standard error, with words of the command line in them.
void messages(Input input) {
  StringSink sink;
  {
    TerminalSink terminal(sink);
    Diagnostics err(terminal, nullptr, true);
    for (const std::string& text : texts_of(input)) err.line(text);
  }
  fuzz::check_text(sink.text, true);
}

constexpr void (*kRows[])(Input) = {json, table, csv, page, metrics, messages};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const auto row = kRows[input.byte() % std::size(kRows)];
  row(input);
  return 0;
}
