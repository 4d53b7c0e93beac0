// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/preparation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/dry_run.h"
#include "src/collect/namespaces.h"

namespace duostat::ss {
namespace {

/// As libselinux decides: the kernel has selinuxfs, and it is mounted.
bool selinux_on(const ProcDir& proc) {
  int error = 0;
  return proc.read("filesystems", error).find("\tselinuxfs\n") != std::string::npos &&
         proc.read("self/mounts", error).find(" selinuxfs ") != std::string::npos;
}

/// Whether `path` exists and is no regular file.
bool is_something_else(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

void enter_netns(Environment& env, Request& request, std::string_view name) {
  if (env.proc.image() != nullptr)
    return end(request, kUsageStatus, "ss: -N: a recorded host has only the network namespace that was recorded");
  if (env.secure) return end(request, kUsageStatus, "ss: -N: " + std::string(kOnlyShows));
  if (std::string problem = enter_network_namespace(env, name); !problem.empty()) end(request, 1, std::move(problem));
}

void open_filter_file(Environment& env, Request& request, std::string_view file) {
  const std::string path(file);
  const CallersRights rights(env.secure);
  // quirk: dash-anything a name that begins with a dash is standard input, or output for -D.
  const bool standard_input = file.starts_with('-');
  // A dry run reads a regular file, because the requests depend on it. It consumes no input from a pipe or a terminal.
  if (env.dry_run != nullptr && (standard_input || is_something_else(path)))
    return env.dry_run->file(standard_input ? "standard input" : path, false,
                             "more words of the filter; not read in a dry run, so the requests here lack them");
  request.filter_file = standard_input ? Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0))
                                       : Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!*request.filter_file) return end(request, 255, "fopen filter file: " + error_text(errno));
  if (env.dry_run != nullptr) env.dry_run->file(path, false, "more words of the filter (also read in the dry run)");
}

void open_map(Environment& env, Request& request, std::string_view word) {
  const std::uint32_t id = map_id(word);
  if (env.dry_run != nullptr) {
    env.dry_run->file("BPF map " + std::string(word), false,
                      "opened by its id: bpf(2), BPF_MAP_GET_FD_BY_ID; -1 replaces its descriptor");
    return request.storage_maps.add_unopened(id);
  }
  std::string complaint;
  const bool found = request.storage_maps.map(id, complaint) != nullptr;
  if (!found) return end(request, 1, std::move(complaint));
  if (!complaint.empty()) env.err.line(complaint);
}

void need_selinux(Environment& env, Request& request, std::string_view) {
  if (!selinux_on(env.proc)) end(request, 1, "ss: SELinux is not enabled.");
}

void prepare(Environment& env, Request& request) {
  const std::optional<Ending> of_options = std::move(request.ending);
  request.ending.reset();
  for (const Step& step : request.steps) {
    step.take(env, request, step.word);
    if (request.ending) return;
  }
  request.ending = of_options;
}

}  // namespace duostat::ss
