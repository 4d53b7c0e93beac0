// The JSON document around the objects that a view prints (doc/json.md).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/model/network_namespace.h"
#include "src/render/json.h"

namespace duostat {

enum class JsonStyle : std::uint8_t {
  none,      ///< text
  document,  ///< --json
  lines,     ///< --json=lines
  stamped,   ///< --json=lines --stamp: each line says what, where and when it is
};

/// The style for a value of --json: empty, or "lines". Throws UsageError with status 2 for another word.
JsonStyle json_style(std::string_view value);

/// One pass of a listing that is repeated (--watch): `pass` and, in lines, `time` of its objects.
struct PassStamp {
  std::uint64_t number = 0;   ///< from 1 on
  std::int64_t wall_ns = 0;   ///< when it began, since 1970
};

/// One document, or the same objects one a line; stamped ones begin with a member "stamp". The constructor begins it
/// and end() ends it: nothing else may be written to env.out between the two.
class JsonDocument {
 public:
  /// Increased when a program that reads the former version could misunderstand the document.
  static constexpr int kSchemaVersion = 1;

  /// `kind` is also the key of the array. `pass`: of a listing that is repeated, else null.
  JsonDocument(Environment& env, JsonStyle style, std::string_view kind, Via via, const PassStamp* pass = nullptr);

  /// The position in the array: the next element is what is written between begin() and end_element().
  Json& begin() { return json_; }
  /// The same with an object begun, which end_element() follows when it was ended.
  Json& begin_object();
  void end_element() {
    if (in_lines()) json_.end_line();
  }

  /// The elements that follow are of this recorded host: for their stamps. Does nothing for one of this host.
  void locate(const NetworkNamespace& place);

  /// Adds a problem to the document if `coverage` is incomplete. `table` names what was asked for, in case `coverage`
  /// does not name an object.
  void note(const Coverage& coverage, std::string_view table = {});
  /// Adds a problem. `sockets`: the number of sockets that it affects; 0 if unknown.
  void note(std::string_view operation, std::string_view object, std::string_view error, std::uint64_t sockets = 0);

  /// `write` adds members to the document after its array; --json=lines has none.
  void on_end(std::function<void(Json&)> write) { more_ = std::move(write); }
  /// Ends the array and the document, if there is one.
  void end();

 private:
  struct Problem {
    std::string operation, object, error;
    Coverage counts;
    std::uint64_t sockets = 0;
  };
  bool in_lines() const { return style_ != JsonStyle::document; }
  void put_problem(const Problem& problem);

  JsonStyle style_;
  std::string kind_;
  const NetworkNamespace* place_ = nullptr;  ///< of the stamp
  Json json_;
  std::uint64_t pass_ = 0;  ///< in lines: of each object; 0: none
  std::string pass_time_;
  std::vector<Problem> problems_;
  std::function<void(Json&)> more_;
};

}  // namespace duostat
