// The document around what a view prints as JSON (doc/json.md).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/render/json.h"

namespace duostat {

enum class JsonStyle : std::uint8_t {
  none,      ///< text
  document,  ///< --json
  lines,     ///< --json=lines
};

/// The style that the value of --json asks for: none given, or "lines". Throws UsageError for another word.
JsonStyle json_style(std::string_view value);

/// One document, or the same objects as lines. Begun when constructed, and ended by end(): nothing else may be written to
/// env.out in between.
class JsonDocument {
 public:
  /// Changes when a reader of the former version could misunderstand what is there.
  static constexpr int kSchemaVersion = 1;

  /// `kind` is also the key of the array.
  JsonDocument(Environment& env, JsonStyle style, std::string_view kind, Via via);

  /// Stands inside the array. What is written between begin() and end_element() is one element of it.
  Json& begin() { return json_; }
  void end_element() {
    if (style_ == JsonStyle::lines) json_.end_line();
  }

  /// Something was left out. `coverage` may be of an answer that is whole: then nothing is noted. `table` is what was asked for, where
  /// `coverage` does not say it.
  void note(const Coverage& coverage, std::string_view table = {});
  /// `sockets`: how many it concerns, 0 if that is not known.
  void note(std::string_view operation, std::string_view object, std::string_view error, std::uint64_t sockets = 0);

  /// Ends the array and the document, if there is one.
  void end();

 private:
  struct Problem {
    std::string operation, object, error;
    Coverage counts;
    std::uint64_t sockets = 0;
  };
  void put_problem(const Problem& problem);

  JsonStyle style_;
  Json json_;
  std::vector<Problem> problems_;
};

}  // namespace duostat
