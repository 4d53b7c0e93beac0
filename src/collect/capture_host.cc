// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/capture_host.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "src/collect/capture_parts.h"

namespace duostat {

CaptureSummary record_host(Environment& env, const CaptureRequest& request, ByteSink& sink) {
  CaptureSummary summary;
  capture::Writer writer(sink);
  capture::Seen seen;
  Recording about;
  about.origin = {host_of(env), wall_time_ns(env)};
  about.user = ::geteuid();
  about.proc_given = env.proc.given();
  CgroupPaths cgroups(env.proc);
  cgroups.path(0);  // to detect the mount
  about.cgroups_mounted = cgroups.mounted();
  about.proc->tasks_error = EACCES;  // as if access was denied
  if (request.processes) {
    const std::unique_ptr<DIR, int (*)(DIR*)> root(::opendir(env.proc.root().c_str()), ::closedir);
    about.proc->tasks_error = root ? 0 : errno;
  }
  writer.add(capture::Type::host, capture::host_payload(about));

  // Files first: the capture's own netlink sockets stay in them for a while after they are closed.
  const auto image = capture::record_files(env.proc, writer, summary);
  if (!env.proc.given()) capture::record_netlink(env.open_transport, writer, seen, summary);
  if (request.processes) capture::record_tasks(env.proc, writer, seen, summary);
  capture::see_files(ProcDir(image), seen);
  capture::record_interfaces(writer, seen, summary);
  capture::record_names(env, seen, cgroups, request.resolve, writer);
  writer.end();
  summary.error = writer.error();
  summary.bytes = writer.bytes();
  summary.records = writer.records();
  return summary;
}

}  // namespace duostat
