// Maps opened through a fake kernel that refuses at each step.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/socket_storage.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <vector>

#include "src/bpf/abi.h"
#include "tests/bpf/raw_btf.h"

namespace duostat {
namespace {

using wire::Wire;

/// A kernel with one map, 5, that refuses with `error` after `answers` answers.
struct FakeBpf final : BpfCall {
  int answers = 99, error = EPERM;
  std::uint32_t map_type = uapi::kBpfSocketStorage;
  bool damaged = false;

  FakeBpf() = default;
  explicit FakeBpf(int after) : answers(after) {}
  long read(int, std::span<std::byte>) noexcept override { return -ENOSYS; }
  int kernel_btf(KernelBtf&) noexcept override { return ENOENT; }
  long call(std::uint32_t command, void* attributes, std::uint32_t size) noexcept override;
};

long FakeBpf::call(std::uint32_t command, void* attributes, std::uint32_t) noexcept {
  if (answers-- == 0) return -error;
  if (command != uapi::kBpfInfoByFd) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  uapi::BpfInfo request;
  std::memcpy(&request, attributes, sizeof request);
  auto* const info = reinterpret_cast<void*>(static_cast<std::uintptr_t>(request.info_at));
  if (request.info_size == sizeof(uapi::BpfMapInfo)) {
    uapi::BpfMapInfo map{};
    map.type = map_type;
    map.value_size = 4;
    map.btf_id = 9;
    map.btf_value_type = 1;
    std::memcpy(info, &map, sizeof map);
    return 0;
  }
  const auto data =
      wire::raw_btf(Wire().words("int, 32 bits, signed", {1, 1u << 24, 4, 1u << 24 | 32}), {"\0int\0", 5});
  uapi::BpfBtfInfo types;
  std::memcpy(&types, info, sizeof types);
  if (types.data_at != 0 && !damaged)
    std::memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(types.data_at)), data.data(), data.size());
  types.data_size = static_cast<std::uint32_t>(data.size());
  std::memcpy(info, &types, sizeof types);
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_storage)

BOOST_AUTO_TEST_CASE(map_is_opened) {
  FakeBpf fake;
  StorageFailure failure;
  const auto map = open_storage_map(5, fake, failure);
  BOOST_REQUIRE(map.has_value());
  BOOST_TEST(map->id == 5u);
  BOOST_TEST(map->value_size == 4u);
  BOOST_TEST(map->btf.type(map->value_type).name == "int");
}

BOOST_AUTO_TEST_CASE(every_step_can_fail) {
  using Step = StorageFailure::Step;
  const Step steps[] = {Step::open, Step::info, Step::types, Step::types, Step::types};
  for (int answers = 0; answers < 5; ++answers) {
    FakeBpf fake(answers);
    StorageFailure failure;
    BOOST_TEST(!open_storage_map(5, fake, failure).has_value());
    BOOST_TEST((failure.step == steps[answers]), answers);
    BOOST_TEST(failure.error == EPERM);
  }
  StorageFailure failure;
  FakeBpf fake;
  fake.map_type = 2;
  BOOST_TEST(!open_storage_map(5, fake, failure).has_value());
  BOOST_TEST((failure.step == Step::kind && failure.kind == 2));
  fake.map_type = uapi::kBpfSocketStorage;
  fake.damaged = true;
  BOOST_TEST(!open_storage_map(5, fake, failure).has_value());
  BOOST_TEST((failure.step == Step::types));
}

BOOST_AUTO_TEST_CASE(values_without_a_map_or_a_value_are_passed_over) {
  const Wire map = Wire().u32("map", 7), value = Wire().u32("value", 1);
  const Wire storages = Wire()
                            .attribute(1, Wire().attribute(2, map))
                            .attribute(1, Wire().attribute(3, value))
                            .attribute(9, Wire().attribute(2, map).attribute(3, value))
                            .attribute(1, Wire().attribute(2, Wire().u16("short", 7)).attribute(3, value))
                            .attribute(1 | 0x8000, Wire().attribute(1, Wire()).attribute(2, map).attribute(3, value))
                            .attribute(1, Wire().attribute(3, Wire()).attribute(2, map));
  StorageWalk walk(storages.bytes());
  StorageValue storage;
  BOOST_REQUIRE(walk.next(storage));
  BOOST_TEST(storage.map == 7u);
  BOOST_TEST(storage.value.size() == 4u);
  BOOST_REQUIRE(walk.next(storage));
  BOOST_TEST(storage.value.empty());
  BOOST_TEST(!walk.next(storage));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
