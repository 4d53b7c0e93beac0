// The options of ours that choose, sort, count and print as JSON, which ss and netstat share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compat/json_document.h"
#include "compat/option_table.h"

namespace duostat {

/// What they were given, in words; compat/socket_view.h understands them.
struct ViewRequest {
  JsonStyle json = JsonStyle::none;
  std::optional<std::string> columns, sort, top, by, sum, where, processes;
  bool count = false;

  /// The listing in the words of the legacy tool is replaced by another.
  bool replaces() const { return json != JsonStyle::none || columns || by || count; }
};

inline constexpr std::string_view kViewGroup = "Choosing, sorting, counting; output for programs";

/// For the rows of a front end whose Request has a ViewRequest `view`.
template <class Request>
void choose_json(Request& r, std::string_view value) {
  r.view.json = json_style(value);
}
template <class Request, auto member>
void choose_view(Request& r, std::string_view value) {
  r.view.*member = std::string(value);
}
template <class Request>
void choose_count(Request& r, std::string_view) {
  r.view.count = true;
}

/// Shared rows: they are the last of a table, so that nothing of the legacy tool is among them. Two of the names are abbreviations
/// in ss (--processes, --summary): there a value, which those never have, tells ours from them. `bare_sum` and `bare_proc` are
/// what the words mean without one.
template <class Request, void (*bare_sum)(Request&, std::string_view), void (*bare_proc)(Request&, std::string_view)>
constexpr Option<Request> view_option(std::size_t i) {
  using V = ViewRequest;
  const Option<Request> rows[] = {
      {'j', "json", "[=lines]", "print JSON: one document, or an object a line", choose_json<Request>, kViewGroup, true},
      {0, "columns", "ID[,ID...]", "print these columns; help lists them", choose_view<Request, &V::columns>, kViewGroup, true},
      {0, "where", "EXPRESSION", "only sockets for which this is true (doc/filters.md)", choose_view<Request, &V::where>, kViewGroup, true},
      {0, "sort", "ID[,-ID...]", "sort by these columns, with - from the largest", choose_view<Request, &V::sort>, kViewGroup, true},
      {0, "top", "N", "only the first N", choose_view<Request, &V::top>, kViewGroup, true},
      {0, "by", "KEY[,KEY...]", "count sockets by these columns, or by peer/24", choose_view<Request, &V::by>, kViewGroup, true},
      {0, "sum", "[=ID,...]", "with --by: add these up (queues, bytes, retransmits)",
       [](Request& r, std::string_view value) { value.empty() ? bare_sum(r, value) : choose_view<Request, &V::sum>(r, value); },
       kViewGroup, true},
      {0, "count", "", "print how many there are", choose_count<Request>, kViewGroup, true},
      {0, "proc", "[=WORD,...]", "owners, in JSON with these: exe, cmdline, user, cgroup, unit",
       [](Request& r, std::string_view value) {
         bare_proc(r, value);
         if (!value.empty()) choose_view<Request, &V::processes>(r, value);
       },
       kViewGroup, true},
  };
  return rows[i];
}
}  // namespace duostat
