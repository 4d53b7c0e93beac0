// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/everywhere.h"

#include <fmt/core.h>

namespace duostat::command {

void EverywhereReport::tell(std::string_view operation, std::string_view object, const std::string& why) {
  told_.push_back(fmt::format("{}: {}", object, why));
  if (view_ != nullptr) return view_->note(operation, object, why);
  if (document_ != nullptr) document_->note(operation, object, why);
  env_.err.line(fmt::format("{}: {}: incomplete: {}", title_, object, why));
}

void EverywhereReport::answers(const std::vector<TableAnswer>& answers, std::string_view label) {
  for (const TableAnswer& a : answers)
    if (a.missing) tell("list", fmt::format("{}: {}", label, a.name), why_missing(a));
}

void EverywhereReport::places(const EachPlace& places, ProtocolSet protocols) {
  for (const EachPlace::Problem& p : places.problems()) tell(places.words().operation, p.object, p.error);
  bool lacks = false;
  const std::string files = places.files_text(protocols, lacks);
  if (files.empty()) return;
  if (lacks)
    tell(places.words().operation, places.words().many, files);
  else env_.err.line(fmt::format("{}: {}", title_, files));
}

}  // namespace duostat::command
