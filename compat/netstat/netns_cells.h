// The column Netns in front of a row: --all-netns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "src/base/output.h"
#include "src/collect/each_namespace.h"

namespace duostat::netstat {

class NetnsCells {
 public:
  /// `places` may be null: there is no such column.
  NetnsCells(const EachNamespace* places, Output& out) : places_(places), out_(out) {}

  std::string title() const { return places_ != nullptr ? padded("Netns") : std::string(); }
  void put() const {
    if (places_ != nullptr) out_.append(padded(places_->cell()));
  }

 private:
  std::string padded(std::string_view text) const {
    constexpr std::string_view kTitle = "Netns";
    return fmt::format("{:<{}} ", text, std::max(places_->widest_cell(), kTitle.size()));
  }

  const EachNamespace* places_;
  Output& out_;
};

}  // namespace duostat::netstat
