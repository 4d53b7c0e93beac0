// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "src/base/escape.h"

namespace duostat::svg {
namespace {

constexpr double kWidth =
    480;  // width of every chart in its own units: a phone shows them at three quarters of the text size

bool good(double value) { return std::isfinite(value) && value > 0; }

/// A coordinate: one digit after the point is enough.
std::string at(double value) { return fmt::format("{:.1f}", std::isfinite(value) ? value : 0); }

std::string text(double x, double y, std::string_view anchor, std::string_view content, std::string_view extra = {}) {
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", at(x), at(y), anchor, extra,
                     escape(content));
}
std::string line(std::string_view kind, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", kind, at(x1), at(y1), at(x2),
                     at(y2));
}

std::string begin(const Caption& caption, double height) {
  return fmt::format(
      "<svg role=\"img\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" aria-labelledby=\"{}-t "
      "{}-d\">\n"
      "<title id=\"{}-t\">{}</title>\n<desc id=\"{}-d\">{}</desc>\n",
      kWidth, height, caption.id, caption.id, caption.id, escape(caption.title), caption.id,
      escape(caption.description));
}

/// Colour alone does not distinguish lines: the first series has round marks, the second square ones, the third
/// triangles.
std::string mark(double x, double y, unsigned colour) {
  const std::string kind = fmt::format("class=\"s{} mark\"", colour);
  if (colour % 3 == 1)
    return fmt::format("<rect {} x=\"{}\" y=\"{}\" width=\"7\" height=\"7\"/>\n", kind, at(x - 3.5), at(y - 3.5));
  if (colour % 3 == 2) return fmt::format("<path {} d=\"M{} {} l4.5 8 h-9 z\"/>\n", kind, at(x), at(y - 5));
  return fmt::format("<circle {} cx=\"{}\" cy=\"{}\" r=\"4\"/>\n", kind, at(x), at(y));
}

std::string path(std::string_view kind, unsigned colour, const std::vector<std::pair<double, double>>& points) {
  std::string d;
  for (const auto& [x, y] : points) d += fmt::format("{}{} {}", d.empty() ? "M" : " L", at(x), at(y));
  return points.size() < 2 ? std::string() : fmt::format("<path class=\"s{} {}\" d=\"{}\"/>\n", colour, kind, d);
}

/// Approximate width of a text: the style sheet's size is 12 units.
double room(std::string_view words) { return 6.6 * static_cast<double>(words.size()); }

}  // namespace

std::string escape(std::string_view words) {
  std::string scratch, result;
  words = without_controls(words, scratch);
  while (!words.empty()) {
    const std::size_t length = detail::utf8_length(words);
    switch (words[0]) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += length == 0 ? std::string_view("\xef\xbf\xbd") : words.substr(0, length);
    }
    words.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

Scale Scale::logarithmic(double low, double high) {
  Scale scale;
  scale.logarithmic_ = true;
  if (!good(low) || !good(high)) low = high = 1;
  // Half decades: 1, 3, 10, 30, …
  constexpr double kEdge = 1e-9;
  scale.low_ = std::floor(std::log10(low) * 2 + kEdge) / 2;
  scale.high_ = std::ceil(std::log10(std::max(low, high)) * 2 - kEdge) / 2;
  if (scale.high_ - scale.low_ < 0.5) scale.high_ = scale.low_ + 0.5;
  return scale;
}

Scale Scale::linear(double high) {
  Scale scale;
  if (!good(high)) high = 1;
  const double power = std::pow(10, std::floor(std::log10(high)));
  for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0})
    if (scale.high_ = step * power; scale.high_ >= high * 0.9999) break;
  return scale;
}

double Scale::place(double value) const {
  if (logarithmic_) value = good(value) ? std::log10(value) : low_;
  return from_ + (value - low_) / (high_ - low_) * (to_ - from_);
}

std::vector<double> Scale::ticks(std::size_t most) const {
  std::vector<double> values;
  if (!logarithmic_) {
    const double power = std::pow(10, std::floor(std::log10(high_)));
    for (const double step : {0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0}) {
      const double count = std::floor(high_ / (step * power) + 1e-9);
      if (count > static_cast<double>(most)) continue;
      for (int i = 0; i <= static_cast<int>(count); ++i) values.push_back(i * step * power);
      break;
    }
    return values;
  }
  const double step =
      high_ - low_ <= static_cast<double>(most) / 2 ? 0.5 : std::ceil((high_ - low_) / static_cast<double>(most));
  for (double power = step < 1 ? low_ : std::ceil(low_ - 1e-9); power <= high_ + 1e-9; power += step) {
    const double whole = std::floor(power + 1e-9);
    values.push_back(std::pow(10, whole) * (power - whole > 0.25 ? 3 : 1));
  }
  return values;
}

std::string draw(const LineChart& chart) {
  double x_low = INFINITY, x_high = 0, y_low = INFINITY, y_high = 0;
  for (const auto& series : chart.series)
    for (const auto& [x, e] : series.points) {
      if (!good(x) || !good(e.value)) continue;
      x_low = std::min(x_low, x), x_high = std::max(x_high, x);
      y_low = std::min(y_low, std::min(e.value, e.low && good(*e.low) ? *e.low : e.value));
      y_high = std::max(y_high, std::max(e.value, e.high.value_or(e.value)));
    }
  if (x_high == 0) return {};
  constexpr double kHeight = 300, kLeft = 62, kRight = kWidth - 16, kTop = 26, kBottom = kHeight - 46;
  Scale x = Scale::logarithmic(x_low, x_high), y = Scale::logarithmic(y_low, y_high);
  x.span(kLeft, kRight);
  y.span(kBottom, kTop);
  std::string svg = begin(chart.caption, kHeight);
  for (const double tick : y.ticks(8)) {
    svg += line("grid", kLeft, y.place(tick), kRight, y.place(tick));
    svg += text(kLeft - 6, y.place(tick) + 4, "end", chart.y_label(tick));
  }
  for (const double tick : x.ticks(6)) {
    svg += line("grid", x.place(tick), kTop, x.place(tick), kBottom);
    svg += text(std::min(x.place(tick), kRight - 8), kBottom + 17, "middle", chart.x_label(tick));
  }
  svg += text(4, 14, "start", chart.y_title, " class=\"title\"");
  svg += text((kLeft + kRight) / 2, kHeight - 8, "middle", chart.x_title, " class=\"title\"");
  for (const auto& series : chart.series) {
    std::vector<std::pair<double, double>> curve, points;
    for (const auto& [a, b] : series.curve)
      if (good(a) && good(b)) curve.emplace_back(x.place(a), std::clamp(y.place(b), kTop, kBottom));
    svg += path("fit", series.colour, curve);
    for (const auto& [a, e] : series.points) {
      if (!good(a) || !good(e.value)) continue;
      points.emplace_back(x.place(a), y.place(e.value));
      if (e.low && e.high)
        svg +=
            line(fmt::format("s{} whisker", series.colour), x.place(a), y.place(*e.low), x.place(a), y.place(*e.high));
    }
    svg += path("line", series.colour, points);
    for (const auto& [a, b] : points) svg += mark(a, b, series.colour);
  }
  return svg + "</svg>\n";
}

std::string draw(const BarChart& chart) {
  double most = 0, left = 0, right = 0;
  for (const auto& bar : chart.bars) {
    double total = 0;
    for (const auto& part : bar.parts) total += part.value;
    if (bar.interval && bar.interval->high) total = std::max(total, *bar.interval->high);
    most = std::max(most, total);
    left = std::max(left, room(bar.name));
    right = std::max(right, room(bar.value));
  }
  if (!good(most)) return {};
  constexpr double kRow = 34, kBar = 20, kTop = 6;
  left = std::min(left + 10, 190.0);
  const double from = left, to = kWidth - right - 10, bottom = kTop + kRow * static_cast<double>(chart.bars.size());
  Scale scale = Scale::linear(most);
  scale.span(from, to);
  std::string svg = begin(chart.caption, bottom + 24);
  for (const double tick : scale.ticks(5)) {
    if (chart.counts && std::abs(tick - std::round(tick)) > 1e-9) continue;
    svg += line("grid", scale.place(tick), kTop, scale.place(tick), bottom);
    svg += text(scale.place(tick), bottom + 16, "middle", chart.label(tick));
  }
  double top = kTop + (kRow - kBar) / 2;
  for (const auto& bar : chart.bars) {
    svg += text(from - 6, top + kBar - 6, "end", bar.name);
    double total = 0, sum = 0, drawn = 0;
    for (const auto& part : bar.parts) total += part.value;
    // A negative part is subtracted from its neighbours, so that the bar is as long as the whole.
    for (const auto& part : bar.parts) {
      sum += part.value;
      const double end = std::min(sum, total);
      if (!(end > drawn)) continue;
      svg += fmt::format(
          "<rect class=\"s{} part\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>\n",
          part.colour, at(scale.place(drawn)), at(top), at(scale.place(end) - scale.place(drawn)), at(kBar),
          escape(part.name + ": " + part.text));
      drawn = end;
    }
    double end = drawn;
    if (bar.interval && bar.interval->low && bar.interval->high) {
      svg += line("interval", scale.place(*bar.interval->low), top + kBar / 2, scale.place(*bar.interval->high),
                  top + kBar / 2);
      end = std::max(end, *bar.interval->high);
    }
    svg += text(scale.place(end) + 6, top + kBar - 6, "start", bar.value);
    top += kRow;
  }
  return svg + "</svg>\n";
}

std::string draw(const RatioChart& chart) {
  double low = 1, high = 1, left = 0, right = 0;
  for (const auto& row : chart.rows) {
    if (!good(row.ratio.value)) continue;
    low = std::min({low, row.ratio.value, row.ratio.low.value_or(1)});
    high = std::max({high, row.ratio.value, row.ratio.high.value_or(1)});
    left = std::max(left, room(row.name));
    right = std::max(right, room(row.value));
  }
  if (left == 0) return {};
  constexpr double kRow = 28, kTop = 26;
  const double from = std::min(left + 14, 210.0), to = kWidth - right - 12,
               bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  Scale scale = Scale::logarithmic(std::min(low, 0.5), std::max(high, 2.0));
  scale.span(from, to);
  std::string svg = begin(chart.caption, bottom + 24);
  for (const double tick : scale.ticks(6)) {
    svg += line("grid", scale.place(tick), kTop, scale.place(tick), bottom);
    svg += text(scale.place(tick), bottom + 16, "middle", fmt::format("{:g}", tick));
  }
  svg += line("one", scale.place(1), kTop - 4, scale.place(1), bottom);
  svg += text(scale.place(1) - 6, kTop - 10, "end", chart.below, " class=\"title\"");
  svg += text(scale.place(1) + 6, kTop - 10, "start", chart.above, " class=\"title\"");
  double middle = kTop + kRow / 2;
  for (const auto& row : chart.rows) {
    svg += text(from - 8, middle + 4, "end", row.name);
    if (good(row.ratio.value)) {
      if (row.ratio.low && row.ratio.high && good(*row.ratio.low))
        svg += line("interval", scale.place(*row.ratio.low), middle, scale.place(*row.ratio.high), middle);
      svg += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"4.5\"/>\n",
                         row.decided ? "decided" : "undecided", at(scale.place(row.ratio.value)), at(middle));
    }
    svg += text(to + 8, middle + 4, "start", row.value);
    middle += kRow;
  }
  return svg + "</svg>\n";
}

}  // namespace duostat::svg
