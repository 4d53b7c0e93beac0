// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/programs.h"

#include <fmt/core.h>

#include <algorithm>

#include "compat/netstat/cells.h"
#include "src/base/escape.h"
#include "src/collect/owners.h"

namespace duostat::netstat {
namespace {

constexpr std::size_t kCommandLineMax = 511;  ///< bytes of /proc/PID/cmdline that are used
constexpr std::size_t kContextMax = 49;       ///< bytes of a context that is shown whole
constexpr std::size_t kContextTail = 48;      ///< last bytes that are shown of a longer one

/// Prints the original's warning if processes could not be read; then returns true. `user` is the effective user id.
bool warn_of_hidden(const OwnerCoverage& coverage, Diagnostics& err, unsigned user) {
  if (coverage.error == 0 && coverage.denied == 0) return false;
  if (coverage.error == 0 && coverage.descriptors != 0) {
    err.line("(Not all processes could be identified, non-owned process info");
    err.line(" will not be shown, you would have to be root to see it all.)");
  } else if (user == 0 && coverage.error != 0) {  // the original ends before it gets here
    err.line(fmt::format("(No info could be read for \"-p\": {}.)", reasons(coverage)));
  } else {
    err.line("(No info could be read for \"-p\": geteuid()=" + std::to_string(user) + " but you should be root.)");
  }
  return true;
}

}  // namespace

std::string_view program_name(std::string_view argv0) {
  argv0 = argv0.substr(0, kCommandLineMax);
  if (argv0.starts_with('/')) argv0.remove_prefix(argv0.rfind('/') + 1);
  return argv0;
}

Programs::Programs(Environment& env, unsigned user, bool context)
    : owners_(read_owners(env, {.comm = false, .argv0 = true, .context = context})), read_(true) {
  warned_ = warn_of_hidden(owners_.coverage(), env.err, user);
  if (owners_.coverage().lost()) env.err.line(owners_line("netstat", owners_.coverage()));  // quirk: owners-unread
}

char* Programs::format(char* at, const Socket& socket) {
  const Owner owner = socket.has(Field::inode) ? owners_.first(socket.inode) : Owner{};
  if (owner.pid == 0) return put(at, "-");
  char* const start = at;
  at = format_decimal(at, owner.pid);
  *at++ = '/';
  // Control characters are replaced before the name is cut, so that they do not change where it is cut.
  const std::string_view name = without_controls(program_name(owner.argv0), scratch_);
  const auto room = static_cast<std::size_t>(start + kWidth - 1 - at);
  return put(at, name.substr(0, room));
}

char* Programs::format_context(char* at, const Socket& socket) {
  const Owner owner = socket.has(Field::inode) ? owners_.first(socket.inode) : Owner{};
  std::string_view context = without_controls(owner.context, scratch_);
  if (owner.pid == 0 || context.empty()) return put(at, "-");
  if (context.size() > kContextMax) context.remove_prefix(context.size() - kContextTail);
  return put(at, context);
}

}  // namespace duostat::netstat
