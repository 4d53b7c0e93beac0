// Type information of every kind, also damaged; maps opened through a fake kernel that refuses at each step.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/btf.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "src/diag/bpf_abi.h"
#include "src/diag/socket_storage.h"
#include "tests/diag/wire.h"

namespace duostat {
namespace {

using wire::Wire;

std::vector<std::byte> raw(const Wire& types, std::string_view strings) {
  const Wire all = Wire()
                       .u16("magic", 0xeb9f)
                       .u16("version, flags", 1)
                       .u32("hdr_len", 24)
                       .u32("type_off", 0)
                       .u32("type_len", static_cast<std::uint32_t>(types.size()))
                       .u32("str_off", static_cast<std::uint32_t>(types.size()))
                       .u32("str_len", static_cast<std::uint32_t>(strings.size()))
                       .append(types)
                       .text("strings", strings);
  return {all.bytes().begin(), all.bytes().end()};
}

constexpr std::string_view kStrings{"\0int\0pair\0a\0b\0", 14};

/// 1 int, 2 const int, 3 typedef "pair" of 4, 4 struct { int a; const int b : 3 }, 5 pair[6], 6 enum, 7 pointer to 5
Wire some_types() {
  return Wire()
      .words("int, 32 bits, signed", {1, 1u << 24, 4, 1u << 24 | 32})
      .words("const int", {0, 10u << 24, 1})
      .words("typedef pair", {5, 8u << 24, 4})
      .words("struct of two, bit fields", {0, 1u << 31 | 4u << 24 | 2, 8})
      .words("a", {10, 1, 0})
      .words("b", {12, 2, 3u << 24 | 32})
      .words("array", {0, 3u << 24, 0, 3, 1, 6})
      .words("enum of one, signed", {0, 1u << 31 | 6u << 24 | 1, 4, 10, 0xffffffff})
      .words("pointer", {0, 2u << 24, 5});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(btf)

BOOST_AUTO_TEST_CASE(kinds) {
  const auto btf = Btf::parse(raw(some_types(), kStrings));
  BOOST_REQUIRE(btf.has_value());
  BOOST_TEST(btf->type(1).name == "int");
  BOOST_TEST(btf->type(1).is_signed);
  BOOST_TEST(btf->unqualified(2) == 1u);
  BOOST_TEST(btf->unqualified(3) == 3u);
  BOOST_TEST(btf->resolved(3) == 4u);
  BOOST_TEST(btf->size_of(5).value() == 48u);
  BOOST_TEST(btf->size_of(7).value() == sizeof(void*));
  BOOST_TEST(!btf->size_of(0).has_value());
  const BtfType pair = btf->type(4);
  BOOST_TEST(btf->member(pair, 0).name == "a");
  BOOST_TEST(btf->member(pair, 0).bits == 0);
  BOOST_TEST(btf->member(pair, 1).bit_offset == 32u);
  BOOST_TEST(btf->member(pair, 1).bits == 3);
  BOOST_TEST(btf->member(pair, 2).name.empty());
  BOOST_TEST(btf->enumerator(btf->type(6), 0).value == -1);
  BOOST_TEST((btf->type(8).kind == BtfKind::nothing));
}

BOOST_AUTO_TEST_CASE(cut_anywhere) {
  const auto whole = raw(some_types(), kStrings);
  for (std::size_t size = 0; size < whole.size(); ++size)
    BOOST_TEST(!Btf::parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).has_value(), size);
}

// Each byte of the types replaced: either understood or refused, never read out of bounds.
BOOST_AUTO_TEST_CASE(damaged_anywhere) {
  const auto whole = raw(some_types(), kStrings);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const std::uint8_t value : {0x00, 0x03, 0x7f, 0xff}) {
      auto damaged = whole;
      damaged[at] = std::byte{value};
      const auto btf = Btf::parse(damaged);
      if (!btf) ++refused;
      for (std::uint32_t id = 0; btf && id < 9; ++id) {
        const BtfType type = btf->type(id);
        btf->size_of(id);
        for (std::size_t i = 0; i < 4; ++i) {
          btf->member(type, i);
          btf->enumerator(type, i);
          btf->parameter(type, i);
        }
      }
    }
  BOOST_TEST(refused > 0u);
}

BOOST_AUTO_TEST_CASE(loops_end) {
  const auto btf = Btf::parse(
      raw(Wire().words("const of itself", {0, 10u << 24, 1}).words("array of itself", {0, 3u << 24, 0, 2, 1, 1}),
          kStrings));
  BOOST_REQUIRE(btf.has_value());
  BOOST_TEST(btf->resolved(1) == 0u);
  BOOST_TEST(!btf->size_of(2).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// A kernel with one map, 5, that refuses with `error` after `answers` answers.
struct FakeBpf {
  int answers = 99, error = EPERM;
  std::uint32_t map_type = uapi::kBpfSocketStorage;
  bool damaged = false;
};
FakeBpf fake;

long fake_bpf(std::uint32_t command, void* attributes, std::uint32_t) {
  if (fake.answers-- == 0) return -fake.error;
  if (command != uapi::kBpfInfoByFd) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  uapi::BpfInfo request;
  std::memcpy(&request, attributes, sizeof request);
  auto* const info = reinterpret_cast<void*>(static_cast<std::uintptr_t>(request.info_at));
  if (request.info_size == sizeof(uapi::BpfMapInfo)) {
    uapi::BpfMapInfo map{};
    map.type = fake.map_type;
    map.value_size = 4;
    map.btf_id = 9;
    map.btf_value_type = 1;
    std::memcpy(info, &map, sizeof map);
    return 0;
  }
  const auto data = raw(some_types(), kStrings);
  uapi::BpfBtfInfo types;
  std::memcpy(&types, info, sizeof types);
  if (types.data_at != 0 && !fake.damaged)
    std::memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(types.data_at)), data.data(), data.size());
  types.data_size = static_cast<std::uint32_t>(data.size());
  std::memcpy(info, &types, sizeof types);
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_storage)

BOOST_AUTO_TEST_CASE(map_is_opened) {
  fake = {};
  StorageFailure failure;
  const auto map = open_storage_map(5, fake_bpf, failure);
  BOOST_REQUIRE(map.has_value());
  BOOST_TEST(map->id == 5u);
  BOOST_TEST(map->value_size == 4u);
  BOOST_TEST(map->btf.type(map->value_type).name == "int");
}

BOOST_AUTO_TEST_CASE(every_step_can_fail) {
  using Step = StorageFailure::Step;
  const Step steps[] = {Step::open, Step::info, Step::types, Step::types, Step::types};
  for (int answers = 0; answers < 5; ++answers) {
    fake = {.answers = answers};
    StorageFailure failure;
    BOOST_TEST(!open_storage_map(5, fake_bpf, failure).has_value());
    BOOST_TEST((failure.step == steps[answers]), answers);
    BOOST_TEST(failure.error == EPERM);
  }
  StorageFailure failure;
  fake = {.map_type = 2};
  BOOST_TEST(!open_storage_map(5, fake_bpf, failure).has_value());
  BOOST_TEST((failure.step == Step::kind && failure.kind == 2));
  fake = {.damaged = true};
  BOOST_TEST(!open_storage_map(5, fake_bpf, failure).has_value());
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
