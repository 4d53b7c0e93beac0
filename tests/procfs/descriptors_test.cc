// Descriptors of processes and their limits, from made-up trees and recordings.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/descriptors.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>

#include "tests/base/scratch.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

constexpr char kLimits[] =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max processes             96364                96364                processes \n"
    "Max open files            1024                 unlimited            files     \n";

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptors)

BOOST_AUTO_TEST_CASE(limits_are_numbers_or_unlimited) {
  const DescriptorLimits limits = descriptor_limits(kLimits);
  BOOST_TEST(limits.soft.value_or(0) == 1024U);
  BOOST_TEST(!limits.hard);
  BOOST_TEST(!descriptor_limits("Max processes 1 2\n").soft);
}

BOOST_AUTO_TEST_CASE(processes_are_counted_and_small_ones_left_out) {
  const Scratch tree;
  for (const char* fd : {"0", "1", "2", "17"}) tree.write(std::string("41/fd/") + fd, "");
  tree.write("41/limits", kLimits);
  tree.write("41/stat", "41 (a ) b) S 1");
  tree.write("42/fd/0", "");
  tree.write("42/limits", kLimits);
  tree.write("43/stat", "43 (gone) S 1");
  const DescriptorUses found = descriptor_uses(ProcDir(tree.path()), 4);
  BOOST_REQUIRE(found.uses.size() == 1U);
  BOOST_TEST(found.uses[0].pid == 41U);
  BOOST_TEST(found.uses[0].comm == "a ) b");
  BOOST_TEST(found.uses[0].open == 4U);
  BOOST_TEST(found.processes == 3U);
  BOOST_TEST(!found.incomplete());  // 43 has ended
}

BOOST_AUTO_TEST_CASE(a_recording_without_counts_is_incomplete) {
  const auto image = std::make_shared<ProcImage>();
  image->tasks.push_back({.pid = 7, .tid = 7, .error = 0, .links_denied = 0, .sockets = {}, .descriptors = 900});
  image->tasks.push_back({.pid = 8, .tid = 8, .error = 0, .links_denied = 0, .sockets = {}});
  image->tasks.push_back({.pid = 9, .tid = 9, .error = EACCES, .links_denied = 0, .sockets = {}});
  image->files.emplace("7/limits", ProcImage::File{.text = kLimits});
  image->files.emplace("7/stat", ProcImage::File{.text = "7 (web) S 1"});
  const DescriptorUses found = descriptor_uses(ProcDir(image), 10);
  BOOST_REQUIRE(found.uses.size() == 1U);
  BOOST_TEST(found.uses[0].comm == "web");
  BOOST_TEST(found.uses[0].open == 900U);
  BOOST_TEST(found.uses[0].limits.soft.value_or(0) == 1024U);
  BOOST_TEST(found.denied == 1U);
  BOOST_TEST(found.unread == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
