// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/trace_instance.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include "src/base/error.h"

namespace duostat {
namespace {

constexpr std::string_view kPrefix = "duostat-";
constexpr std::size_t kBootDigits = 8;
constexpr char kFolder[] = "instances";

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || (at != end && *at != '-')) return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()) + (at != end ? 1 : 0));
  return true;
}

/// Process id and start time of /proc/WHO/stat; nullopt if there is no such process.
std::optional<std::pair<std::uint32_t, std::uint64_t>> started(const ProcDir& proc, const std::string& who) {
  int error = 0;
  const std::string text = proc.read(who + "/stat", error);
  std::uint32_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  constexpr int kBlanks = 20;  // between ')' and field 22, after that of the state
  std::size_t at = text.rfind(')');
  if (at == std::string::npos) return std::nullopt;
  for (int i = 0; i < kBlanks && at != std::string::npos; ++i) at = text.find(' ', at + 1);
  if (at == std::string::npos || pid == 0) return std::nullopt;
  std::uint64_t start = 0;
  std::from_chars(text.data() + at + 1, text.data() + text.size(), start);
  return std::pair(pid, start);
}

void remove_left_overs(int root, const InstanceName& own, const ProcDir& proc) {
  const int fd = ::openat(root, kFolder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  const auto close = [](DIR* d) { ::closedir(d); };
  const std::unique_ptr<DIR, decltype(close)> folder(::fdopendir(fd), close);
  if (folder == nullptr) return void(::close(fd));
  std::vector<std::string> old;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto name = InstanceName::parse(entry->d_name);
    if (name && is_left_over(*name, own, proc)) old.emplace_back(entry->d_name);
  }
  // One that is in use refuses (EBUSY).
  for (const std::string& name : old) ::unlinkat(fd, name.c_str(), AT_REMOVEDIR);
}

}  // namespace

std::string InstanceName::text() const {
  return fmt::format("{}{}-{}-{}-{}", kPrefix, boot, pid_namespace, pid, start);
}

std::optional<InstanceName> InstanceName::parse(std::string_view whole) {
  std::string_view text = whole;
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  InstanceName name;
  if (text.size() <= kBootDigits || text[kBootDigits] != '-') return std::nullopt;
  name.boot = text.substr(0, kBootDigits);
  text.remove_prefix(kBootDigits + 1);
  if (!take_number(text, name.pid_namespace) || !take_number(text, name.pid) || !take_number(text, name.start) ||
      name.text() != whole)
    return std::nullopt;
  return name;
}

std::optional<InstanceName> InstanceName::own(const ProcDir& proc) {
  InstanceName name;
  int error = 0;
  name.boot = proc.read("sys/kernel/random/boot_id", error).substr(0, kBootDigits);
  const auto self = started(proc, "self");
  struct stat about;
  if (name.boot.size() != kBootDigits || !self || ::stat("/proc/self/ns/pid", &about) != 0) return std::nullopt;
  name.pid_namespace = about.st_ino;
  name.pid = self->first;
  name.start = self->second;
  return name;
}

bool is_left_over(const InstanceName& other, const InstanceName& own, const ProcDir& proc) {
  if (other.boot != own.boot || other.pid_namespace != own.pid_namespace) return false;
  const auto process = started(proc, std::to_string(other.pid));
  return !process || process->second != other.start;
}

std::string TraceInstance::open(Fd root, const ProcDir& proc) {
  const auto name = InstanceName::own(proc);
  if (!name) return "/proc does not tell this process";
  remove_left_overs(root.get(), *name, proc);
  path_ = fmt::format("{}/{}", kFolder, name->text());
  if (::mkdirat(root.get(), path_.c_str(), 0700) != 0) {
    const int error = errno;
    path_.clear();
    return "tracefs: cannot make an instance: " + error_text(error);
  }
  root_ = std::move(root);
  folder_ = Fd(::openat(root_.get(), path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder_ ? std::string() : "tracefs: " + error_text(errno);
}

TraceInstance::~TraceInstance() {
  folder_.reset();
  if (!path_.empty()) ::unlinkat(root_.get(), path_.c_str(), AT_REMOVEDIR);
}

}  // namespace duostat
