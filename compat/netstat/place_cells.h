// The column that names the place in front of a row: a network namespace (--all-netns) or a recorded host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "src/base/output.h"
#include "src/collect/each_place.h"

namespace duostat::netstat {

class PlaceCells {
 public:
  /// `places` may be null: there is no such column.
  PlaceCells(const EachPlace* places, Output& out) : places_(places), out_(out) {}

  std::string title() const { return places_ != nullptr ? padded(places_->words().title) : std::string(); }
  void put() const {
    if (places_ != nullptr) out_.append(padded(places_->cell()));
  }

 private:
  std::string padded(std::string_view text) const {
    return fmt::format("{:<{}} ", text, std::max(places_->widest_cell(), places_->words().title.size()));
  }

  const EachPlace* places_;
  Output& out_;
};

}  // namespace duostat::netstat
