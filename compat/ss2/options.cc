// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss2/options.h"

#include "compat/frontend.h"
#include "src/base/error.h"

namespace duostat::ss2 {
namespace {

template <bool Request::*member>
void set(Request& request, std::string_view) {
  request.*member = true;
}

constexpr Option<Request> kOptions[] = {
    {'h', "help", "", "print this text", set<&Request::help>, "Options"},
    {'x', "unix", "", "UNIX domain sockets", set<&Request::unix_domain>},
    {'t', "tcp", "", "IPv4 TCP sockets", set<&Request::tcp>},
    {'l', "listen", "", "listening sockets", set<&Request::listen>},
    {'a', "all", "", "sockets in all states", set<&Request::all>},
    {'p', "process", "", "the process that holds the socket", set<&Request::process>},
    {'r', "resolve", "", "also host names", set<&Request::resolve>},
    {0, "via", "auto|procfs|netlink", "backend that lists the sockets (default: $DUOSTAT_VIA, or auto)",
     [](Request& r, std::string_view value) { r.via = value; }, {}, true},
    {0, "owners", "auto|bpf|procfs", "where the processes of -p are read from (default: $DUOSTAT_OWNERS)",
     [](Request& r, std::string_view value) { r.owners = value; }, {}, true},
};
static_assert(letters_unique(kOptions));

[[noreturn]] void refuse(std::string_view mistake) {
  throw UsageError(std::string(mistake).append("\n").append(usage_line()));
}

}  // namespace

std::span<const Option<Request>> options() { return kOptions; }

std::string usage_line() { return "usage: ss2 -t|-x [-l|-a] [-p] [-r] [--via=BACKEND] [--owners=SOURCE]"; }

std::string usage_text() {
  return usage_line() + "\n\nSockets as the JSON document that pyroute2's ss2 prints.\n\n" +
         option_lines(texts_of(options()));
}

Request read_options(std::span<const std::string> args) {
  Request request;
  const ParsedOptions parsed = parse_options(rows_of(options()), args);
  for (const OptionEvent& event : parsed.events) {
    options()[event.row].apply(request, event.value);
    if (request.help) return request;
  }
  if (!parsed.error.empty())
    refuse(parsed.error + (parsed.meant.empty() ? "" : " (did you mean " + parsed.meant + "?)"));
  if (!parsed.operands.empty()) refuse("unrecognized arguments: " + parsed.operands.front());
  // quirk: ss2-no-table
  if (!request.tcp && !request.unix_domain) refuse("-t or -x is required");
  return request;
}

}  // namespace duostat::ss2
