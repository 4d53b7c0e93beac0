// Several places in our own commands: --all-netns, several --from.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/each_place.h"
#include "src/collect/sockets.h"
#include "src/render/placed.h"
#include "src/view/record_view.h"
#include "src/view/view_request.h"

namespace duostat::command {

template <class Request>
constexpr std::array<Option<Request>, 1> all_netns_option(std::string_view group = {}) {
  return {{{0, "all-netns", "", "every network namespace, each named in a first column",
            choose_flag<Request, &ViewRequest::all_netns>, group}}};
}

/// Reports what a listing of several places lacks: on standard error, and in the document of `view`, or in `document`
/// if the listing has no RecordView. Both may be null.
class EverywhereReport {
 public:
  EverywhereReport(Environment& env, std::string_view title, RecordView* view, JsonDocument* document = nullptr)
      : env_(env), title_(title), view_(view), document_(document) {}

  /// The answers of the place `label`.
  void answers(const std::vector<TableAnswer>& answers, std::string_view label);
  /// After the last place. `protocols`: those listed.
  void places(const EachPlace& places, ProtocolSet protocols);
  void tell(std::string_view operation, std::string_view object, const std::string& why);
  bool incomplete() const { return !told_.empty(); }
  /// The messages so far, each "OBJECT: REASON".
  const std::vector<std::string>& told() const { return told_; }

 private:
  Environment& env_;
  std::string_view title_;
  RecordView* view_;
  JsonDocument* document_;
  std::vector<std::string> told_;
};

}  // namespace duostat::command
