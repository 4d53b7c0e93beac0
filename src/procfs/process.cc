// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/process.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "src/base/cursor.h"
#include "src/names/workload.h"
#include "src/procfs/descriptors.h"
#include "src/procfs/owners.h"

namespace duostat {
namespace {

/// Returns the line that begins with `head`, without it; an empty view if there is none.
std::string_view line_after(std::string_view text, std::string_view head) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (text.starts_with(head)) return text.substr(head.size(), end - head.size());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

/// Fields 3 and 22 of /proc/PID/stat (do_task_stat()). The name before them may contain blanks and parentheses.
void read_stat(std::string_view text, Process& process) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return;
  Cursor cursor(text.substr(name_end + 1));
  std::string_view word;
  if (!cursor.word(word) || word.size() != 1) return;
  process.run_state = word.front();
  constexpr int kStateField = 3, kStartField = 22;
  for (int field = kStateField; field < kStartField; ++field)
    if (!cursor.word(word)) return;
  std::uint64_t ticks = 0;
  constexpr std::uint64_t kMillisecondsPerTick = 10;  // USER_HZ is 100 on every architecture of today
  if (std::from_chars(word.data(), word.data() + word.size(), ticks).ec == std::errc())
    process.started_ms = ticks * kMillisecondsPerTick;
}

}  // namespace

std::string_view cgroup2_path(std::string_view text) noexcept { return line_after(text, "0::"); }

std::optional<std::uint32_t> effective_uid(std::string_view status) noexcept {
  std::string_view line = line_after(status, "Uid:\t");
  line.remove_prefix(std::min(line.find('\t'), line.size()));
  if (line.empty()) return std::nullopt;
  line.remove_prefix(1);
  std::uint32_t uid = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), uid);
  if (error != std::errc()) return std::nullopt;
  return uid;
}

Processes::Known Processes::read(std::uint32_t pid) const {
  const std::string folder = std::to_string(pid);
  Known known;
  Process& process = known.process;
  const auto is_read = [&](int error) {
    if (is_failure(error)) known.error = error;
    return error == 0;
  };
  int error = 0;
  if (wanted_.has(ProcessField::exe))
    if (std::string link = proc_.read_link(folder + "/exe", error); is_read(error)) process.exe = std::move(link);
  if (wanted_.has(ProcessField::cmdline)) {
    std::string text = proc_.read(folder + "/cmdline", error);
    if (text.ends_with('\0')) text.pop_back();
    if (is_read(error)) process.cmdline = std::move(text);
  }
  if (wanted_.has(ProcessField::user))
    if (const std::string text = proc_.read(folder + "/status", error); is_read(error))
      process.uid = effective_uid(text);
  if (wanted_.has(ProcessField::limits))
    if (const std::string text = proc_.read(folder + "/limits", error); is_read(error))
      process.descriptor_limit = descriptor_limits(text).soft;
  if (wanted_.has(ProcessField::stat))
    if (const std::string text = proc_.read(folder + "/stat", error); is_read(error)) read_stat(text, process);
  const bool workload = wanted_.has(ProcessField::workload);
  if (!workload && !wanted_.has(ProcessField::cgroup) && !wanted_.has(ProcessField::unit)) return known;
  const std::string text = proc_.read(folder + "/cgroup", error);
  if (!is_read(error)) return known;
  if (workload) process.workload = workload_of(text);
  const std::string_view path = cgroup2_path(text);
  if (path.empty()) return known;
  process.cgroup = path;
  if (const std::string_view unit = systemd_unit(path); !unit.empty()) process.unit = unit;
  return known;
}

const Process& Processes::of(std::uint32_t pid) {
  const auto [at, is_new] = known_.try_emplace(pid);
  if (is_new) at->second = read(pid);
  else if (at->second.error != 0)
    if (Known again = read(pid); again.error == 0) at->second = std::move(again);
  return at->second.process;
}

std::uint64_t Processes::unread() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(known_, [](const auto& known) { return known.second.error != 0; }));
}

int Processes::unread_error() const {
  for (const auto& [pid, known] : known_)
    if (known.error != 0) return known.error;
  return 0;
}

}  // namespace duostat
