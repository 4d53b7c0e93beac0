// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/bpf_storages.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "compat/ss/btf_text.h"
#include "compat/ss/view.h"
#include "src/query/number.h"

namespace duostat::ss {
namespace {

/// quirk: bpf-storage-damaged where a recorded answer names another kind of map, the original calls it "(null)".
std::string complaint_of(std::uint32_t id, const StorageFailure& failure) {
  switch (failure.step) {
    case StorageFailure::Step::open:
      return fmt::format("ss: cannot get fd for BPF map ID {}{}", id,
                         failure.error == EPERM ? ": missing root permissions, CAP_BPF, or CAP_SYS_ADMIN" : "");
    case StorageFailure::Step::info: return fmt::format("ss: failed to get info for BPF map ID {}", id);
    case StorageFailure::Step::kind:
      return fmt::format("ss: BPF map with ID {} has type ID {}, expecting 24 ('sk_storage')", id, failure.kind);
    default: return fmt::format("ss: failed to load BTF for map ID {}", id);
  }
}

void print_value(View& view, const StorageMap& map, Bytes value) {
  const bool oneline = view.request.oneline;
  if (value.size() != map.value_size) {
    view.env.err.line(
        fmt::format("map_id: {}: invalid value size, expecting {}, got {}", map.id, map.value_size, value.size()));
    return;
  }
  Layout& layout = view.layout;
  layout.put(oneline ? fmt::format(" map_id:{}", map.id) : fmt::format("\n\tmap_id:{} [\n", map.id));
  const auto put = [&](std::string_view text) { layout.put(text); };
  if (const int error = put_btf_value(map.btf, map.value_type, value, oneline, put); error != 0)
    layout.put(fmt::format("{}failed to dump data: {}", oneline ? "" : "\t\t", -error));
  if (!oneline) layout.put("\n\t]");
}

}  // namespace

const StorageMap* BpfStorages::map(std::uint32_t id, std::string& complaint) {
  if (const auto at = std::ranges::find(maps_, id, &StorageMap::id); at != maps_.end()) return &*at;
  if (maps_.size() == kMaxMaps) {
    // quirk: bpf-storage-limit values of further maps are shown as if they were the last one's.
    complaint =
        fmt::format("ss: too many (> {}) BPF socket-local storage maps found, skipping map ID {}", kMaxMaps, id);
    return &maps_.back();
  }
  StorageFailure failure;
  auto opened = open_storage_map(id, *kernel_, failure);
  if (!opened) {
    complaint = complaint_of(id, failure);
    return nullptr;
  }
  return &maps_.emplace_back(std::move(*opened));
}

std::vector<int> BpfStorages::descriptors() const {
  std::vector<int> fds;
  for (const StorageMap& map : maps_) fds.push_back(map.fd.get());
  return fds;
}

std::uint32_t map_id(std::string_view word) {
  return unsigned_number(std::string(word), UINT32_MAX - 1).value_or(0);
}

void print_bpf_storages(View& view, const Socket& socket) {
  if (!socket.has(Field::bpf_storage)) return;
  StorageWalk walk(socket.inet->bpf_storages);
  for (StorageValue storage; walk.next(storage);) {
    std::string complaint;
    const StorageMap* map = view.storages.map(storage.map, complaint);
    if (!complaint.empty()) view.env.err.line(complaint);
    if (map != nullptr) {
      print_value(view, *map, storage.value);
    } else {
      view.layout.put(fmt::format("\n\tmap_id: {} failed to fetch info, skipping\n", storage.map));
    }
  }
}

}  // namespace duostat::ss
