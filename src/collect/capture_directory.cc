// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/capture_directory.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>

#include "src/base/error.h"

namespace duostat {
namespace {

constexpr std::string_view kForm = "dddddddd'T'dddddd'Z.capture'";

}  // namespace

std::string capture_name(std::int64_t wall_ns) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const auto seconds = static_cast<std::time_t>(wall_ns / kNanoseconds);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ.capture", &utc)};
}

bool is_capture_name(std::string_view name) {
  bool quoted = false;
  for (const char form : kForm) {
    if (form == '\'') {
      quoted = !quoted;
      continue;
    }
    if (name.empty()) return false;
    const char c = name.front();
    if (quoted ? c != form : c < '0' || c > '9') return false;
    name.remove_prefix(1);
  }
  return name.empty();
}

int captures_in(const std::string& directory, std::vector<std::string>& names) {
  names.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  if (!open) return errno;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    if (is_capture_name(entry->d_name)) names.emplace_back(entry->d_name);
    errno = 0;
  }
  const int error = errno;
  std::ranges::sort(names);
  return error;
}

namespace {

constexpr std::string_view kSuffix = ".capture";

std::string path_in(const std::string& directory, std::string_view name) {
  return std::string(directory).append(directory.ends_with('/') ? "" : "/").append(name);
}

bool is_directory(const std::string& path) {
  struct stat status;
  return path != "-" && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// The names in a directory, sorted, without hidden ones. Throws SystemError.
std::vector<std::string> names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  if (!open) throw SystemError("read", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) throw SystemError("read", directory, errno);
  std::ranges::sort(names);
  return names;
}

/// Appends what the directory stands for. True if that is several hosts. `folders`: look into them too.
bool add_directory(const std::string& directory, bool folders, std::vector<std::string>& files) {
  bool several = false;
  std::string newest;
  for (const std::string& name : names_in(directory)) {
    const std::string path = path_in(directory, name);
    const std::size_t before = files.size();
    if (is_capture_name(name))
      newest = path;
    else if (is_directory(path)) {
      if (folders) add_directory(path, false, files);
    } else if (name.ends_with(kSuffix))
      files.push_back(path);
    several = several || files.size() != before;
  }
  if (!newest.empty()) files.push_back(newest);
  return several;
}

}  // namespace

Captures captures_of(const std::vector<std::string>& from) {
  Captures captures{.files = {}, .several = from.size() > 1};
  for (const std::string& path : from) {
    const std::size_t before = captures.files.size();
    if (!is_directory(path))
      captures.files.push_back(path);
    else if (add_directory(path, true, captures.files))
      captures.several = true;
    if (captures.files.size() == before)
      throw FormatError(path, 0,
                        "no capture in this directory (YYYYMMDDThhmmssZ.capture, as capture --every names "
                        "them, HOST.capture, or folders with such files)");
  }
  return captures;
}

std::string newest_capture(const std::string& path) {
  struct stat status;
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return path;
  std::vector<std::string> names;
  if (const int error = captures_in(path, names)) throw SystemError("read", path, error);
  if (names.empty())
    throw FormatError(path, 0, "no capture in this directory (capture --every names them YYYYMMDDThhmmssZ.capture)");
  return path + (path.ends_with('/') ? "" : "/") + names.back();
}

}  // namespace duostat
