// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/workload.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

#include "src/base/lines.h"

namespace duostat {
namespace {

/// The notation of the name in a pattern.
enum class NameForm : std::uint8_t {
  id,    ///< 64 hexadecimal digits
  uid,   ///< of a pod: hexadecimal digits with '-' or, in a slice, '_'; static pods have neither
  name,  ///< with systemd's escapes, "my\x2dbox"
};

struct NamePattern {
  /// Matches the last components of a path: '*' is any text within a component, '%' is the name.
  std::string_view pattern;
  Runtime runtime;  ///< none: the component is no container, whatever the rows below say
  NameForm form;
};

constexpr NamePattern kContainers[] = {
    {"libpod-conmon-*", Runtime::none, NameForm::id},
    {"crio-conmon-*", Runtime::none, NameForm::id},
    {"lxc.monitor.*", Runtime::none, NameForm::id},
    {"machine-qemu*.scope", Runtime::none, NameForm::id},  // virtual machines
    {"docker-%.scope", Runtime::docker, NameForm::id},
    {"docker/%", Runtime::docker, NameForm::id},
    {"*:docker:%", Runtime::docker, NameForm::id},  // paths in systemd's form, used by the driver "cgroupfs"
    {"cri-containerd-%.scope", Runtime::containerd, NameForm::id},
    {"*:cri-containerd:%", Runtime::containerd, NameForm::id},
    {"nerdctl-%.scope", Runtime::containerd, NameForm::id},
    {"default/%", Runtime::containerd, NameForm::id},  // containerd's namespaces
    {"k8s.io/%", Runtime::containerd, NameForm::id},
    {"crio-%.scope", Runtime::crio, NameForm::id},
    {"crio-%", Runtime::crio, NameForm::id},
    {"*:crio:%", Runtime::crio, NameForm::id},
    {"libpod-%.scope", Runtime::podman, NameForm::id},
    {"libpod-payload-%", Runtime::podman, NameForm::id},
    {"libpod-%", Runtime::podman, NameForm::id},
    {"pod*/%", Runtime::kubernetes, NameForm::id},
    {"ecs/*/%", Runtime::ecs, NameForm::id},
    {"lxc.payload.%", Runtime::lxc, NameForm::name},
    {"lxc/%", Runtime::lxc, NameForm::name},
    {"machine-lxc\\x2d%.scope", Runtime::lxc, NameForm::name},  // libvirt
    {"machine-%.scope", Runtime::nspawn, NameForm::name},
    {"systemd-nspawn@%.service", Runtime::nspawn, NameForm::name},
};

constexpr NamePattern kPods[] = {
    {"*kubepods*-pod%.slice", Runtime::kubernetes, NameForm::uid},
    {"*kubepods*-pod%.slice:*:*", Runtime::kubernetes, NameForm::uid},
    {"kubepods/pod%", Runtime::kubernetes, NameForm::uid},
    {"kubepods/*/pod%", Runtime::kubernetes, NameForm::uid},
    {"*-libpod_pod_%.slice", Runtime::podman, NameForm::id},
    {"ecstasks-%.slice", Runtime::ecs, NameForm::name},
    {"ecs/%", Runtime::ecs, NameForm::name},
};

constexpr std::string_view kSlice = ".slice";
constexpr std::string_view kUnitSuffixes[] = {".service", ".scope", ".socket", ".mount", ".swap", kSlice};

bool is_unit(std::string_view part) {
  return std::ranges::any_of(kUnitSuffixes,
                             [&](std::string_view s) { return part.size() > s.size() && part.ends_with(s); });
}

/// Removes the last component of `path`, with the '/' before it, and returns it.
std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  const std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  return part;
}

constexpr bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool has_form(std::string_view name, NameForm form) {
  constexpr std::size_t kIdSize = 64, kUidDigits = 32;
  switch (form) {
    case NameForm::id: return name.size() == kIdSize && std::ranges::all_of(name, is_hex);
    case NameForm::uid:
      return std::ranges::count_if(name, is_hex) == kUidDigits &&
             std::ranges::all_of(name, [](char c) { return is_hex(c) || c == '-' || c == '_'; });
    case NameForm::name: return !name.empty();
  }
  return false;
}

/// Whether one component matches its part of a pattern. `name` is set to what '%' stands for.
bool matches(std::string_view text, std::string_view pattern, NameForm form, std::string_view& name) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*' && pattern[0] != '%')
    return text.starts_with(pattern[0]) && matches(text.substr(1), pattern.substr(1), form, name);
  for (std::size_t n = 0; n <= text.size(); ++n) {
    const std::string_view taken = text.substr(0, n);
    if (pattern[0] == '%' && !has_form(taken, form)) continue;
    if (!matches(text.substr(n), pattern.substr(1), form, name)) continue;
    if (pattern[0] == '%') name = taken;
    return true;
  }
  return false;
}

/// The same for the last components of a path.
bool ends_so(std::string_view path, const NamePattern& row, std::string_view& name) {
  for (std::string_view pattern = row.pattern; !pattern.empty();) {
    const std::string_view wanted = take_last(pattern), part = take_last(path);
    if (part.empty() || !matches(part, wanted, row.form, name)) return false;
  }
  return true;
}

/// Decodes "\x2d" and its like.
std::string without_escapes(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned byte = 0;
    if (constexpr std::size_t kEscape = 4; text.size() >= kEscape && text.starts_with("\\x")) {
      const char* const end = text.data() + kEscape;
      if (std::from_chars(text.data() + 2, end, byte, 16).ptr == end) {
        plain.push_back(static_cast<char>(byte));
        text.remove_prefix(kEscape);
        continue;
      }
    }
    plain.push_back(text[0]);
    text.remove_prefix(1);
  }
  return plain;
}

std::string text_of(std::string_view name, NameForm form) {
  if (form == NameForm::name) return without_escapes(name);
  std::string text(name);
  if (form == NameForm::uid) std::ranges::replace(text, '_', '-');
  return text;
}

/// The first row that matches, with its name; null if there is none.
const NamePattern* find(std::span<const NamePattern> rows, std::string_view path, std::string_view& name) {
  for (const NamePattern& row : rows)
    if (ends_so(path, row, name)) return &row;
  return nullptr;
}

/// The user in "user@1000.service".
std::optional<std::uint32_t> user_of_manager(std::string_view part) {
  constexpr std::string_view kHead = "user@", kTail = ".service";
  if (!part.starts_with(kHead) || !part.ends_with(kTail)) return std::nullopt;
  part.remove_prefix(kHead.size());
  part.remove_suffix(std::min(kTail.size(), part.size()));
  std::uint32_t user = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), user);
  if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
  return user;
}

/// Reads a path from the leaf to the root.
class PathReader {
 public:
  explicit PathReader(std::string_view path) {
    while (!path.empty()) {
      const bool is_container = read_container(path);
      read_pod(path);
      if (const std::string_view part = take_last(path); !is_container) read_unit(part);
    }
    finish();
  }
  Workload take() { return std::move(found_); }

 private:
  /// True if the component is the name of a container.
  bool read_container(std::string_view path) {
    std::string_view name;
    const NamePattern* const row = find(kContainers, path, name);
    if (row == nullptr || row->runtime == Runtime::none) return false;
    if (found_.runtime != Runtime::none) return true;  // nested: the one nearest to the leaf counts
    found_.runtime = row->runtime;
    found_.container = text_of(name, row->form);
    found_.inside = !found_.unit.empty();
    return true;
  }
  void read_pod(std::string_view path) {
    std::string_view name;
    if (!found_.pod.empty()) return;
    if (const NamePattern* const row = find(kPods, path, name)) found_.pod = text_of(name, row->form);
  }
  void read_unit(std::string_view part) {
    if (!is_unit(part)) return;
    if (part.ends_with(kSlice)) {
      if (slice_.empty()) slice_ = part;
      return;
    }
    if (found_.unit.empty()) {
      found_.unit = part;
      found_.user = user_of_manager(part);
    } else if (const auto user = user_of_manager(part); user && !found_.user && !found_.inside) {
      found_.user_unit = std::move(found_.unit);
      found_.unit = part;
      found_.user = user;
    }
  }
  void finish() {
    constexpr std::string_view kManager = "init.scope";
    const bool has_container = found_.runtime != Runtime::none;
    found_.manager = !has_container && (found_.user ? found_.user_unit : found_.unit) == kManager;
    // The unit around a pod is that of the runtime, not of the pod.
    if (has_container && !found_.pod.empty() && !found_.inside && found_.runtime != Runtime::podman)
      found_.unit.clear();
    if (found_.unit.empty() && !has_container && found_.pod.empty()) found_.unit = slice_;
  }

  Workload found_;
  std::string_view slice_;
};

/// The path as the reader's own hierarchy shows it: without the way up to it from another cgroup namespace, and without
/// the mark of a removed group.
std::string_view own_part(std::string_view path) {
  constexpr std::string_view kUp = "/..", kRemoved = " (deleted)";
  while (path == kUp || path.starts_with("/../")) path.remove_prefix(kUp.size());
  if (path.ends_with(kRemoved)) path.remove_suffix(kRemoved.size());
  return path == "/" ? std::string_view{} : path;
}

/// The paths of the text, the most telling first.
std::vector<std::string_view> paths_of(std::string_view text) {
  constexpr std::string_view kPreferred[] = {"", "name=systemd", "pids", "memory"};  // "": cgroup2
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  std::string_view line;
  while (next_line(text, line)) {
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view hierarchy = line.substr(first + 1, second - first - 1);
    const auto rank = std::ranges::find(kPreferred, hierarchy) - std::begin(kPreferred);
    if (const std::string_view path = own_part(line.substr(second + 1)); !path.empty())
      ranked.emplace_back(static_cast<std::size_t>(rank), path);
  }
  std::ranges::stable_sort(ranked, {}, &decltype(ranked)::value_type::first);
  std::vector<std::string_view> paths;
  for (const auto& [rank, path] : ranked) paths.push_back(path);
  return paths;
}

}  // namespace

std::string_view systemd_unit(std::string_view path) noexcept {
  while (!path.empty())
    if (const std::string_view part = take_last(path); is_unit(part)) return part;
  return {};
}

Workload workload_of_path(std::string_view path) { return PathReader(own_part(path)).take(); }

Workload workload_of(std::string_view text) {
  Workload best;
  for (const std::string_view path : paths_of(text)) {
    Workload found = workload_of_path(path);
    if (!found.container.empty()) return found;
    if (best.empty()) best = std::move(found);
  }
  return best;
}

std::string display_text(const Workload& w, std::string_view user) {
  constexpr std::size_t kShortId = 12;
  const bool is_id = has_form(w.container, NameForm::id);
  const std::string_view container = std::string_view(w.container).substr(0, is_id ? kShortId : w.container.size());
  std::string text;
  if (w.manager) {
    text = "systemd";
  } else if (!w.pod.empty() && w.runtime != Runtime::podman) {
    text.append("pod ").append(w.pod);
    if (!container.empty()) text.append("/").append(container);
  } else if (!container.empty()) {
    text.append(word_of(w.runtime)).append(" ").append(container);
    const std::string& around = w.user_unit.empty() ? w.unit : w.user_unit;
    if (w.inside) text.append("/").append(around);
    else if (!around.empty() && (!w.user || !w.user_unit.empty())) text = around + " (" + text + ")";
  } else {
    text = w.user_unit.empty() ? w.unit : w.user_unit;
  }
  if (w.user && !w.inside && (w.manager || !w.user_unit.empty()))
    text.append(" (user ").append(user.empty() ? std::to_string(*w.user) : std::string(user)).append(")");
  return text;
}

}  // namespace duostat
