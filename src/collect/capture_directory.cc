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
