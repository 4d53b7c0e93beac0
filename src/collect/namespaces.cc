// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/namespaces.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/collect/dry_run.h"

namespace duostat {
namespace {

std::string failed(std::string what) { return std::move(what) + ": " + error_text(errno); }

/// Enters a mount namespace and mounts a /sys that shows the devices of the network namespace. Returns what went wrong.
std::string renew_sys() {
  if (unshare(CLONE_NEWNS) != 0) return failed("unshare failed");
  if (mount("", "/", "none", MS_SLAVE | MS_REC, nullptr) != 0) return failed("\"mount --make-rslave /\" failed");
  unsigned long flags = 0;
  if (umount2("/sys", MNT_DETACH) != 0) {
    // /sys is no mount point of its own. If the file system that it is on is read-only, the new /sys is too.
    struct statvfs state;
    if (statvfs("/sys", &state) == 0 && (state.f_flag & ST_RDONLY) != 0) flags |= MS_RDONLY;
  }
  if (mount("sysfs", "/sys", "sysfs", flags, nullptr) != 0) return failed("mount of /sys failed");
  return {};
}

/// Binds each file of /etc/netns/NAME over the file of that name in /etc.
void bind_over_etc(const std::string& name, Diagnostics& err) {
  const std::string source = "/etc/netns/" + name;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(source.c_str()), closedir);
  if (!dir) return;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view file = entry->d_name;
    if (file == "." || file == "..") continue;
    const std::string from = source + "/" + entry->d_name, to = std::string("/etc/") + entry->d_name;
    if (mount(from.c_str(), to.c_str(), "none", MS_BIND, nullptr) != 0)
      err.line(failed("Bind " + from + " -> " + to + " failed"));
  }
}

/// The file of the namespace, which exists; otherwise an errno in `error`.
/// quirk: netns-path-or-pid - the original looks only for names, and its error is that about the name.
std::string path_of(const ProcDir& proc, const std::string& text, int& error) {
  const auto is_readable = [](const std::string& path) { return ::access(path.c_str(), R_OK) == 0; };
  std::string path = "/var/run/netns/" + text;
  error = is_readable(path) ? 0 : errno;
  if (error != ENOENT) return path;
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (text.find('/') != std::string::npos) path = text;
  else if (is_number) path = proc.path(text + "/ns/net");
  else return path;
  error = is_readable(path) ? 0 : errno;
  return path;
}

}  // namespace

std::string enter_network_namespace(Environment& env, std::string_view name) {
  const std::string text(name);
  int error = 0;
  const std::string path = path_of(env.proc, text, error);
  if (error != 0) {
    errno = error;
    return failed("Cannot open network namespace \"" + text + "\"");
  }
  if (env.dry_run != nullptr) {
    env.dry_run->network_namespace(path);
    return {};
  }
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed("Cannot open network namespace \"" + text + "\"");
  if (setns(fd.get(), CLONE_NEWNET) != 0) return failed("setting the network namespace \"" + text + "\" failed");
  if (std::string problem = renew_sys(); !problem.empty()) return problem;
  bind_over_etc(text, env.err);
  return {};
}

}  // namespace duostat
