// The options of ours that choose, sort, count and print as JSON, which ss and netstat share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "compat/json_document.h"
#include "compat/option_table.h"

namespace duostat {

/// The shared options, in the order of their rows. compat/view_rules.cc says which views take them.
enum class ViewOption : std::uint8_t { json, columns, where, sort, top, by, sum, count, proc, count_ };
inline constexpr std::size_t kViewOptions = static_cast<std::size_t>(ViewOption::count_);

/// The long name, without dashes.
constexpr std::string_view name_of(ViewOption option) {
  constexpr std::string_view kNames[] = {"json", "columns", "where", "sort", "top", "by", "sum", "count", "proc"};
  static_assert(std::size(kNames) == kViewOptions);
  return kNames[static_cast<std::size_t>(option)];
}

/// What they were given, in words; compat/socket_view.h understands them.
struct ViewRequest {
  JsonStyle json = JsonStyle::none;
  std::optional<std::string> columns, sort, top, by, sum, where, processes;
  bool count = false;

  /// Whether the command line has the option. --proc and --sum without a value are not ours: see view_option().
  bool given(ViewOption option) const {
    const bool known[] = {json != JsonStyle::none, columns.has_value(), where.has_value(), sort.has_value(), top.has_value(),
                           by.has_value(),          sum.has_value(),     count,             processes.has_value()};
    static_assert(std::size(known) == kViewOptions);
    return known[static_cast<std::size_t>(option)];
  }

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
  const Option<Request> rows[kViewOptions] = {
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
