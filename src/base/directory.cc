// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/directory.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace duostat {

int numbers_in(const std::string& path, std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
  if (!dir) return errno;
  int error = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    error = errno;
    if (entry == nullptr) break;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    std::uint32_t number = 0;
    const auto result = std::from_chars(entry->d_name, end, number);
    if (result.ec == std::errc{} && result.ptr == end) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return error;
}

}  // namespace duostat
