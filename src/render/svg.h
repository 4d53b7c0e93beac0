// Charts as inline SVG: axes, lines with intervals, stacked bars, lists of intervals. Draws numbers and labels, without
// knowing what was measured. Colours come from the page's style sheet, by class: "s0" … "s4" of a series.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duostat::svg {

/// Escapes `text` for the content or an attribute of a page: markup escaped, control characters as dots, invalid UTF-8
/// as U+FFFD.
std::string escape(std::string_view text);

/// Values to pixels.
class Scale {
 public:
  /// Logarithmic, for values above 0; covers whole or half decades around its values.
  static Scale logarithmic(double low, double high);
  /// Linear, from 0 to a round number that is at least `high`.
  static Scale linear(double high);

  void span(double from, double to) { from_ = from, to_ = to; }
  double low() const { return low_; }
  double high() const { return high_; }
  double place(double value) const;
  /// Positions of the axis marks: at most about `most`.
  std::vector<double> ticks(std::size_t most) const;

 private:
  bool logarithmic_ = false;
  double low_ = 0, high_ = 1, from_ = 0, to_ = 1;
};

/// A value with an optional interval.
struct Estimate {
  double value = 0;
  std::optional<double> low, high;
};

using Label = std::function<std::string(double)>;

/// The description of a chart: read by screen readers, not displayed.
struct Caption {
  std::string id;  ///< unique in the page
  std::string title, description;
};

/// Lines on logarithmic axes.
struct LineChart {
  struct Series {
    std::string name;
    unsigned colour = 0;
    std::vector<std::pair<double, Estimate>> points;
    std::vector<std::pair<double, double>> curve;  ///< drawn thin and dashed: a fit
  };
  Caption caption;
  std::string x_title, y_title;
  Label x_label, y_label;
  std::vector<Series> series;
};
/// Empty if there is no point with positive coordinates.
std::string draw(const LineChart& chart);

/// Bars of parts from left to right on a linear axis. A bar is as long as the sum of its parts; negative parts are not
/// visible.
struct BarChart {
  struct Part {
    std::string name;
    unsigned colour = 0;
    double value = 0;
    std::string text{};  ///< the value in words
  };
  struct Bar {
    std::string name, value;  ///< text to its left and right
    std::vector<Part> parts;
    std::optional<Estimate> interval;  ///< whiskers
  };
  Caption caption;
  Label label;
  std::vector<Bar> bars;
  bool counts = false;  ///< values are whole numbers, and so are the marks of the scale
};
std::string draw(const BarChart& chart);

/// Ratios with their intervals, one below the other, on a logarithmic axis with a line at 1.
struct RatioChart {
  struct Row {
    std::string name, value;
    Estimate ratio;
    bool decided = false;  ///< otherwise it is drawn hollow
  };
  Caption caption;
  std::string below, above;  ///< what less than 1, and more than 1, mean
  std::vector<Row> rows;
};
std::string draw(const RatioChart& chart);

}  // namespace duostat::svg
