// The metrics of `duostat metrics` as rows: name, type, unit, labels, help, and the function that fills in the samples.
// doc/metrics.md is written from them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "src/insight/audit.h"
#include "src/insight/socket_tally.h"
#include "src/render/exposition.h"

namespace duostat {

/// What the rows take their values from.
struct MetricInput {
  SocketTally& tally;
  const std::vector<ChosenRule>& rules;
  const std::vector<Finding>& findings;
  const std::vector<NotLooked>& not_looked;
  std::size_t top = 10;          ///< units, listeners, … with samples of their own
  bool peers = false;            ///< connections by peer, too
  bool complete = true;          ///< nothing is known to be missing
  double duration_s = 0;
  std::int64_t wall_ns = 0;      ///< time of the look, CLOCK_REALTIME
  std::string_view version;
};

/// The samples of one metric.
class MetricSamples {
 public:
  /// Samples with the same labels are added up, so that no series appears twice.
  void add(std::vector<std::string> labels, double value);
  std::vector<MetricSample> take() { return std::move(samples_); }

 private:
  std::vector<MetricSample> samples_;
};

struct MetricRow {
  std::string_view name;
  MetricType type;
  std::string_view unit;  ///< empty: a plain number
  std::span<const std::string_view> labels;
  std::string_view help;
  /// Adds nothing for what could not be read: absent is not zero.
  void (*add)(const MetricInput&, MetricSamples&);
};
std::span<const MetricRow> metric_rows();

/// The label value of what `top` leaves out.
inline constexpr std::string_view kOther = "other";

std::vector<MetricFamily> measure(const MetricInput& input);

}  // namespace duostat
