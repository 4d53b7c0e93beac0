// Offsets by dotted path in made-up types: nested, anonymous, arrays; names that do not exist.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/kernel_types.h"

#include <boost/test/unit_test.hpp>
#include <string_view>
#include <vector>

#include "tests/bpf/made_kernel.h"

namespace duostat {
namespace {

using wire::Layout;
using wire::made_btf;

constexpr std::string_view kStructures[] = {"task_struct", "pid", "inode", "bpf_iter__task_file", "nowhere"};
constexpr std::string_view kFunctions[] = {"bpf_iter_task_file", "no_function"};

}  // namespace

BOOST_AUTO_TEST_SUITE(kernel_types)

BOOST_AUTO_TEST_CASE(members_by_path) {
  const auto btf = made_btf({.shift = 4});
  const auto types = KernelTypes::parse(btf, kStructures, kFunctions);
  BOOST_REQUIRE(types.has_value());
  const auto is = [&](std::string_view path, KernelMember expected) {
    const auto found = types->member(path);
    BOOST_TEST(found.has_value(), path);
    if (found) BOOST_TEST((*found == expected), path << ": " << found->offset << ", " << found->size);
  };
  is("task_struct.pid", {20, 4, 0});
  is("task_struct.tgid", {28, 4, 0});        // in a structure without a name, through a typedef
  is("task_struct.thread_pid", {36, 8, 0});  // a pointer
  is("task_struct.comm", {45, 1, 16});
  is("task_struct.comm[3]", {48, 1, 0});
  is("inode.i_mode", {8, 2, 0});
  is("pid.numbers[0].nr", {24, 4, 0});
  is("pid.numbers[2].nr", {56, 4, 0});
  is("bpf_iter__task_file.file", {24, 8, 0});  // in a union without a name
}

BOOST_AUTO_TEST_CASE(what_does_not_exist) {
  const auto btf = made_btf({.numbers = 3});
  const auto types = KernelTypes::parse(btf, kStructures, kFunctions);
  BOOST_REQUIRE(types.has_value());
  for (const std::string_view path :
       {"task_struct", "task_struct.", "task_struct.nothing", "task_struct.pid.nothing", "task_struct.pid[0]",
        "task_struct.comm[16]", "task_struct.comm[x]", "task_struct.comm[1", "task_struct.comm[]", "nowhere.pid",
        "super_block.s_magic", "pid.numbers[3].nr", "", "."})
    BOOST_TEST(!types->member(path).has_value(), path);
  BOOST_TEST(types->function("bpf_iter_task_file") != 0u);
  BOOST_TEST(types->function("no_function") == 0u);
  BOOST_TEST(types->function("file") == 0u);
}

BOOST_AUTO_TEST_CASE(damaged_or_narrow) {
  auto btf = made_btf({});
  BOOST_TEST(KernelTypes::parse(btf, kStructures, kFunctions).has_value());
  for (std::size_t size = 0; size < btf.size(); ++size)
    BOOST_TEST(!KernelTypes::parse(Bytes(btf).first(size), kStructures, kFunctions).has_value(), size);
  BOOST_TEST(!KernelTypes::parse(made_btf({.long_size = 4}), kStructures, kFunctions).has_value());
  for (std::size_t at = 24; at < btf.size(); ++at) {  // a damaged description may give wrong answers, no crash
    const std::byte before = btf[at];
    for (const unsigned flip : {1u, 0x80u, 0xffu}) {
      btf[at] = before ^ static_cast<std::byte>(flip);
      if (const auto types = KernelTypes::parse(btf, kStructures, kFunctions))
        for (const std::string_view path : {"task_struct.comm[3]", "pid.numbers[2].nr", "inode.i_mode"})
          (void)types->member(path);
    }
    btf[at] = before;
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
