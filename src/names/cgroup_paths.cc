// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/cgroup_paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <vector>

namespace duostat {
namespace {

/// Decodes the octal escapes of /proc/mounts (mangle(): blank, tab, newline, backslash).
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t k) { return k < text.size() && text[k] >= '0' && text[k] <= '7'; };
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      plain.push_back(static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0')));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

/// A kernfs file handle: type 0xfe (FILEID_KERNFS), eight bytes of id.
struct KernfsHandle {
  unsigned bytes = sizeof(std::uint64_t);
  int type = 0xfe;
  std::uint64_t id = 0;
};
static_assert(sizeof(KernfsHandle) == 16 && sizeof(file_handle) == 8);

}  // namespace

std::string cgroup2_mount(std::string_view mounts) {
  while (!mounts.empty()) {
    const auto end = mounts.find('\n');
    const std::string_view line = mounts.substr(0, end);
    mounts.remove_prefix(end == std::string_view::npos ? mounts.size() : end + 1);
    const auto first = line.find(' '), second = line.find(' ', first + 1), third = line.find(' ', second + 1);
    if (third == std::string_view::npos) continue;
    if (line.substr(second + 1, third - second - 1) == "cgroup2")
      return unescaped(line.substr(first + 1, second - first - 1));
  }
  return {};
}

CgroupHandle cgroup_handle(int directory, const char* path, int flags) {
  alignas(file_handle) char bytes[sizeof(KernfsHandle)] = {};
  KernfsHandle handle;
  std::memcpy(bytes, &handle, sizeof handle);
  int mount_id = 0;
  if (::name_to_handle_at(directory, path, reinterpret_cast<file_handle*>(bytes), &mount_id, flags) != 0)
    return {errno, false, 0};
  std::memcpy(&handle, bytes, sizeof handle);
  return {0, handle.bytes == sizeof handle.id, handle.id};
}

void CgroupPaths::find_mount() {
  searched_ = true;
  int error = 0;
  mount_point_ = cgroup2_mount(proc_->read("mounts", error));
  if (told_) {
    mounted_ = !mount_point_.empty();
    return mounted_ ? told_(mount_point_) : void();
  }
  if (!mount_point_.empty()) root_ = Fd(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  mounted_ = static_cast<bool>(root_);
}

bool CgroupPaths::by_handle(std::uint64_t id, std::string& path) {
  if (handles_refused_) return false;
  KernfsHandle handle;
  handle.id = id;
  alignas(file_handle) char bytes[sizeof handle];
  std::memcpy(bytes, &handle, sizeof handle);
  const Fd fd(::open_by_handle_at(root_.get(), reinterpret_cast<file_handle*>(bytes), O_PATH | O_CLOEXEC));
  if (!fd) {
    handles_refused_ = errno != ESTALE;
    return false;
  }
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  if (length <= 0) return false;
  std::string_view full(target, static_cast<std::size_t>(length));
  if (!full.starts_with(mount_point_)) return false;
  full.remove_prefix(mount_point_.size());
  path = full.empty() ? "/" : std::string(full);
  return true;
}

/// Records every directory of the tree.
void CgroupPaths::walk() {
  walked_ = true;
  std::vector<std::string> pending{"/"};
  while (!pending.empty()) {
    const std::string path = std::move(pending.back());
    pending.pop_back();
    Fd fd(::openat(root_.get(), path == "/" ? "." : path.c_str() + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) continue;
    struct stat status;
    if (const CgroupHandle handle = cgroup_handle(fd.get(), "", AT_EMPTY_PATH); handle.has_id)
      paths_[handle.id] = path;
    else if (::fstat(fd.get(), &status) == 0)  // a filter that permits no handles
      paths_[status.st_ino] = path;
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(fd.get()), ::closedir);
    if (!dir) continue;
    static_cast<void>(fd.release());
    while (const dirent* entry = ::readdir(dir.get()))
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
        pending.push_back((path == "/" ? path : path + "/") + entry->d_name);
  }
}

std::string_view CgroupPaths::path(std::uint64_t id) {
  if (proc_ == nullptr) {
    const auto known = paths_.find(id);
    return known == paths_.end() ? std::string_view() : std::string_view(known->second);
  }
  if (!searched_) find_mount();
  if (!root_) return {};
  if (const auto known = paths_.find(id); known != paths_.end()) return known->second;
  std::string path;
  if (!by_handle(id, path) && handles_refused_ && !walked_) {
    walk();
    if (const auto known = paths_.find(id); known != paths_.end()) return known->second;
  }
  return paths_.emplace(id, std::move(path)).first->second;
}

}  // namespace duostat
