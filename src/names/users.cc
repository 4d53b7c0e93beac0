// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/users.h"

#include <pwd.h>

#include <cerrno>
#include <memory>
#include <new>
#include <vector>

#include "src/base/cursor.h"
#include "src/base/proc_dir.h"

namespace duostat {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Returns the text up to the next colon, and removes it with the colon.
std::string_view take_part(std::string_view& line) {
  const auto end = line.find(':');
  const std::string_view part = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return part;
}

bool read_number(std::string_view text, std::uint32_t& number) {
  Cursor cursor(text);
  std::uint64_t value = 0;
  constexpr std::size_t kDigits = 10;
  if (text.empty() || text.size() > kDigits || text.front() < '0' || text.front() > '9' || !cursor.dec(value) ||
      !cursor.done() || value > UINT32_MAX)
    return false;
  number = static_cast<std::uint32_t>(value);
  return true;
}

std::string ask_system(std::uint32_t uid) {
  // The name service allocates little. Do not call it if even this much is unavailable.
  constexpr std::size_t kNeeded = std::size_t{1} << 16, kLimit = std::size_t{1} << 20;
  std::make_unique_for_overwrite<char[]>(kNeeded).reset();
  std::vector<char> buffer(1024);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found)) == ERANGE && buffer.size() < kLimit)
    buffer.resize(buffer.size() * 2);
  if (error == ENOMEM) throw std::bad_alloc();
  return found == nullptr ? std::string() : entry.pw_name;
}

}  // namespace

bool passwd_file_first(std::string_view nsswitch) {
  constexpr std::string_view kKey = "passwd:";
  while (!nsswitch.empty()) {
    std::string_view line = take_line(nsswitch);
    line = line.substr(0, line.find('#'));
    Cursor cursor(line);
    cursor.skip_blanks();
    if (!cursor.rest().starts_with(kKey)) continue;
    cursor = Cursor(cursor.rest().substr(kKey.size()));
    std::string_view first;
    return cursor.word(first) && first == "files";
  }
  return true;
}

std::unordered_map<std::uint32_t, std::string> names_in_passwd(std::string_view text) {
  std::unordered_map<std::uint32_t, std::string> names;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    Cursor blanks(line);
    blanks.skip_blanks();
    line = blanks.rest();
    if (line.empty() || line.front() == '#' || line.front() == '+' || line.front() == '-') continue;
    const std::string_view name = take_part(line);
    take_part(line);  // the password
    std::uint32_t uid = 0, gid = 0;
    if (!name.empty() && read_number(take_part(line), uid) && read_number(take_part(line), gid))
      names.emplace(uid, name);
  }
  return names;
}

std::string Users::name(std::uint32_t uid) {
  if (!listed_) {
    const ProcDir etc("/etc");
    int error = 0;
    const bool first = passwd_file_first(etc.read("nsswitch.conf", error));
    // An nsswitch.conf that exists but cannot be read may specify something else.
    const bool known = error == 0 || error == ENOENT;
    listed_ = names_in_passwd(first && known ? etc.read("passwd", error) : std::string());
  }
  if (const auto at = listed_->find(uid); at != listed_->end()) return at->second;
  return ask_system(uid);
}

}  // namespace duostat
