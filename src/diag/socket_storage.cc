// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/socket_storage.h"

#include <utility>
#include <vector>

#include "src/bpf/abi.h"
#include "src/diag/storage_abi.h"

namespace duostat {
namespace {

using Step = StorageFailure::Step;

/// Reads the description of an object. The kernel fills the part of `info` that it supports.
template <class Info>
long describe(BpfCall& kernel, const Fd& fd, Info& info) {
  uapi::BpfInfo attributes{static_cast<std::uint32_t>(fd.get()), sizeof info, uapi::pointer_value(&info)};
  return kernel.call(uapi::kBpfInfoByFd, &attributes, sizeof attributes);
}

long open_by_id(BpfCall& kernel, std::uint32_t command, std::uint32_t id) {
  uapi::BpfById attributes{id, 0, 0};
  return kernel.call(command, &attributes, sizeof attributes);
}

/// Two calls: one for the size, one for the bytes.
std::optional<Btf> read_types(BpfCall& kernel, std::uint32_t id, long& result) {
  result = open_by_id(kernel, uapi::kBpfBtfById, id);
  if (result < 0) return std::nullopt;
  const Fd fd(static_cast<int>(result));
  uapi::BpfBtfInfo info{};
  if ((result = describe(kernel, fd, info)) < 0) return std::nullopt;
  std::vector<std::byte> data(info.data_size);
  info = {uapi::pointer_value(data.data()), static_cast<std::uint32_t>(data.size()), 0};
  if ((result = describe(kernel, fd, info)) < 0) return std::nullopt;
  return Btf::parse(std::move(data));
}

}  // namespace

std::optional<StorageMap> open_storage_map(std::uint32_t id, BpfCall& kernel, StorageFailure& failure) {
  const auto failed = [&](Step step, long result, std::uint32_t kind = 0) {
    failure = {step, result < 0 ? static_cast<int>(-result) : 0, kind};
    return std::nullopt;
  };
  long result = open_by_id(kernel, uapi::kBpfMapById, id);
  if (result < 0) return failed(Step::open, result);
  StorageMap map;
  map.id = id;
  map.fd = Fd(static_cast<int>(result));
  uapi::BpfMapInfo info{};
  result = describe(kernel, map.fd, info);
  if (result < 0) return failed(Step::info, result);
  if (info.type != uapi::kBpfSocketStorage) return failed(Step::kind, 0, info.type);
  map.value_size = info.value_size;
  map.value_type = info.btf_value_type;
  auto btf = read_types(kernel, info.btf_id, result);
  if (!btf) return failed(Step::types, result);
  map.btf = std::move(*btf);
  return map;
}

bool StorageWalk::next(StorageValue& storage) noexcept {
  for (Attribute one; storages_.next(one);) {
    if (one.type != uapi::kStorage) continue;
    bool has_map = false, has_value = false;
    AttributeWalk parts(one.value);
    for (Attribute part; parts.next(part);) {
      if (part.type == uapi::kStorageMapId) has_map = read_at(part.value, 0, storage.map);
      if (part.type == uapi::kStorageValue) {
        storage.value = part.value;
        has_value = true;
      }
    }
    if (has_map && has_value) return true;
  }
  return false;
}

}  // namespace duostat
