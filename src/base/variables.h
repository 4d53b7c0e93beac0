// The environment variables, read once in main. No code below main calls getenv.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace duostat {

class Variables {
 public:
  Variables() = default;
  explicit Variables(std::map<std::string, std::string, std::less<>> values) : values_(std::move(values)) {}
  /// Copies only the variables in `known`, those that this program uses.
  static Variables from(char** environ_strings, std::span<const std::string_view> known);

  std::optional<std::string_view> get(std::string_view name) const {
    const auto at = values_.find(name);
    if (at == values_.end()) return std::nullopt;
    return at->second;
  }
  bool has(std::string_view name) const { return values_.contains(name); }
  /// Returns a copy without one variable.
  Variables without(std::string_view name) const {
    Variables others = *this;
    if (const auto at = others.values_.find(name); at != others.values_.end()) others.values_.erase(at);
    return others;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace duostat
