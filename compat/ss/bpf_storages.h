// --bpf-maps and --bpf-map-id: what BPF programs keep beside a socket.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/diag/socket_storage.h"
#include "src/model/socket.h"

namespace duostat::ss {

struct View;

/// The maps that are shown: named on the command line, or met in the rows.
class BpfStorages {
 public:
  BpfStorages() = default;
  explicit BpfStorages(BpfCall& kernel) : kernel_(&kernel) {}

  /// The map, opened at its first mention. Null if that fails; `complaint` is then, or with too many maps, a line for
  /// standard error.
  const StorageMap* map(std::uint32_t id, std::string& complaint);
  /// Has a map stand in the list that is not opened: its descriptor is -1.
  void add_unopened(std::uint32_t id) { maps_.emplace_back().id = id; }
  /// The descriptors of all maps so far.
  std::vector<int> descriptors() const;

 private:
  static constexpr std::size_t kMaxMaps = 32;

  BpfCall* kernel_ = &kernel_bpf();
  std::vector<StorageMap> maps_;
};

/// The number of a map; 0 if the word is none.
std::uint32_t map_id(std::string_view word);

/// The values of a socket.
void print_bpf_storages(View& view, const Socket& socket);

}  // namespace duostat::ss
