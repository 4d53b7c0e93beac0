// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/proc_dir.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace duostat {
namespace {

/// Returns a file in memory with `text`, positioned at its beginning. On failure returns no descriptor, with errno in
/// `error`.
Fd file_with(std::string_view text, int& error) {
  Fd fd(::memfd_create("duostat-proc", MFD_CLOEXEC));
  while (fd && !text.empty()) {
    const ssize_t n = ::write(fd.get(), text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR) break;
  }
  const bool whole = fd && text.empty() && ::lseek(fd.get(), 0, SEEK_SET) == 0;
  error = whole ? 0 : errno;
  return whole ? std::move(fd) : Fd();
}

}  // namespace

bool ProcDir::replaces(std::string_view relative) const {
  if (image_ == nullptr) return replaced_.contains(relative);
  const auto at = image_->files.find(relative);
  return at != image_->files.end() && at->second.replaced;
}

std::string ProcDir::path(std::string_view relative) const {
  if (const auto at = replaced_.find(relative); at != replaced_.end()) return at->second;
  std::string path = root_ + "/";
  if (constexpr std::string_view kSelf = "self/"; !task_.empty() && relative.starts_with(kSelf)) {
    relative.remove_prefix(kSelf.size());
    path.append(task_).append("/");
  } else if (!task_.empty() && relative.starts_with("net/")) {
    path.append(task_).append("/");
  }
  return path.append(relative);
}

Fd ProcDir::open(std::string_view relative, int& error) const {
  if (dry_run_ != nullptr) return dry_run_->open(relative, path(relative), error);
  if (image_ != nullptr) {
    const ProcImage::File* file = image_->find(relative, false, error);
    return file != nullptr ? file_with(file->text, error) : Fd();
  }
  Fd fd(::open(path(relative).c_str(), O_RDONLY | O_CLOEXEC));
  error = fd ? 0 : errno;
  return fd;
}

std::string ProcDir::read(std::string_view relative, int& error) const {
  std::string text;
  if (image_ != nullptr) {
    const ProcImage::File* file = image_->find(relative, false, error);
    return file != nullptr ? file->text : text;
  }
  const Fd fd = open(relative, error);
  if (!fd) return text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n > 0) {
      text.append(buffer, static_cast<std::size_t>(n));
    } else if (n == 0) {
      return text;
    } else if (errno != EINTR) {
      error = errno;
      return {};
    }
  }
}

std::string ProcDir::read_link(std::string_view relative, int& error) const {
  if (image_ != nullptr) {
    const ProcImage::File* file = image_->find(relative, true, error);
    return file != nullptr ? file->text : std::string();
  }
  std::string text(256, '\0');
  for (;;) {
    const ssize_t n = ::readlink(path(relative).c_str(), text.data(), text.size());
    error = n < 0 ? errno : 0;
    if (n < 0) return {};
    if (static_cast<std::size_t>(n) < text.size()) return text.resize(static_cast<std::size_t>(n)), text;
    text.resize(2 * text.size());
  }
}

bool ProcDir::exists(std::string_view relative) const {
  return image_ != nullptr || dry_run_ != nullptr || ::access(path(relative).c_str(), F_OK) == 0;
}

}  // namespace duostat
