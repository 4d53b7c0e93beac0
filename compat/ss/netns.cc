// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <memory>

#include "src/base/error.h"
#include "src/base/fd.h"

namespace duostat::ss {
namespace {

std::string failed(std::string what) { return std::move(what) + ": " + error_text(errno); }

/// A private view of the mounts with a /sys that shows the new namespace's devices.
std::string renew_sys() {
  if (unshare(CLONE_NEWNS) != 0) return failed("unshare failed");
  if (mount("", "/", "none", MS_SLAVE | MS_REC, nullptr) != 0) return failed("\"mount --make-rslave /\" failed");
  unsigned long flags = 0;
  if (umount2("/sys", MNT_DETACH) != 0) {
    // Not a mount point, perhaps a read-only one further up: a new one keeps that.
    struct statvfs state;
    if (statvfs("/sys", &state) == 0 && (state.f_flag & ST_RDONLY) != 0) flags |= MS_RDONLY;
  }
  if (mount("sysfs", "/sys", "sysfs", flags, nullptr) != 0) return failed("mount of /sys failed");
  return {};
}

void lay_over_etc(const std::string& name, std::string& warnings) {
  const std::string source = "/etc/netns/" + name;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(source.c_str()), closedir);
  if (!dir) return;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view file = entry->d_name;
    if (file == "." || file == "..") continue;
    const std::string from = source + "/" + entry->d_name, to = std::string("/etc/") + entry->d_name;
    if (mount(from.c_str(), to.c_str(), "none", MS_BIND, nullptr) != 0)
      warnings.append(failed("Bind " + from + " -> " + to + " failed")).append("\n");
  }
}

}  // namespace

std::string path_of_network_namespace(std::string_view name) { return std::string("/var/run/netns/").append(name); }

std::string cannot_open_network_namespace(std::string_view name) {
  return failed("Cannot open network namespace \"" + std::string(name) + "\"");
}

std::string enter_network_namespace(std::string_view name, std::string& warnings) {
  const std::string text(name);
  const Fd fd(::open(path_of_network_namespace(name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return cannot_open_network_namespace(name);
  if (setns(fd.get(), CLONE_NEWNET) != 0) return failed("setting the network namespace \"" + text + "\" failed");
  if (std::string problem = renew_sys(); !problem.empty()) return problem;
  lay_over_etc(text, warnings);
  return {};
}

}  // namespace duostat::ss
