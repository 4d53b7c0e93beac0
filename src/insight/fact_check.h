// A check whose condition is about facts: keeps those of each look.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/insight/rule.h"

namespace duostat {

class FactCheck : public Check {
 public:
  explicit FactCheck(const CheckSetup& setup) : rule_(setup.rule), limits_(setup.thresholds) {}

  void begin_look(const Look& look) override {
    if (look.number == 0) first_ = look.facts, began_ns_ = look.time_ns;
    last_ = look.facts;
    seconds_ = static_cast<double>(look.time_ns - began_ns_) / 1e9;
    looks_ = look.number + 1;
  }

 protected:
  std::optional<std::uint64_t> now(Fact fact) const { return last_.get(fact); }
  /// The growth between the looks; nullopt in one look, or if a look lacks the fact.
  std::optional<std::uint64_t> grown(Fact fact) const {
    return looks_ > 1 ? growth(first_, last_, fact) : std::nullopt;
  }
  /// True if it is known that the counter grew.
  bool grows(Fact fact) const { return grown(fact).value_or(0) != 0; }
  /// Between the looks; 0 in one look.
  double seconds() const { return seconds_; }
  double limit(std::string_view threshold) const { return limits_[threshold]; }
  /// True if the fact's file does not exist: what it is about does not exist on this host.
  bool lacks_file(Fact fact) const;

  const Rule& rule_;

 private:
  const ThresholdValues& limits_;
  Facts first_, last_;
  std::int64_t began_ns_ = 0;
  double seconds_ = 0;
  unsigned looks_ = 0;
};

/// Tenths of a percent: "93.4".
std::string share_text(std::uint64_t part, std::uint64_t whole);
/// 100 * part / whole; 0 if `whole` is 0.
double share_of(std::uint64_t part, std::uint64_t whole);

}  // namespace duostat
