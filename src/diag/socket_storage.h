// Reads BPF socket-local storage: maps with which BPF programs attach values to sockets (bpf(2),
// BPF_MAP_TYPE_SK_STORAGE).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/bytes.h"
#include "src/base/fd.h"
#include "src/bpf/btf.h"
#include "src/bpf/call.h"
#include "src/diag/message.h"

namespace duostat {

/// A map of socket storage and the type of its values.
struct StorageMap {
  std::uint32_t id = 0;
  Fd fd;
  std::uint32_t value_size = 0, value_type = 0;
  Btf btf;
};

/// The step at which opening a map failed.
struct StorageFailure {
  enum class Step : std::uint8_t { none, open, info, kind, types } step = Step::none;
  int error = 0;
  std::uint32_t kind = 0;  ///< BPF_MAP_TYPE_ of a map that is not socket storage
};

/// Opens a map by its id (CAP_BPF or CAP_SYS_ADMIN) and reads the type of its values. nullopt with the reason in
/// `failure`.
std::optional<StorageMap> open_storage_map(std::uint32_t id, BpfCall& kernel, StorageFailure& failure);

/// A value of a socket.
struct StorageValue {
  std::uint32_t map = 0;
  Bytes value;
};

/// The values in an INET_DIAG_SK_BPF_STORAGES attribute (InetDetail::bpf_storages).
class StorageWalk {
 public:
  explicit StorageWalk(Bytes storages) noexcept : storages_(storages) {}
  /// The next value that has a map; false at the end.
  bool next(StorageValue& storage) noexcept;

 private:
  AttributeWalk storages_;
};

}  // namespace duostat
