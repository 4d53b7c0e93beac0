// Another source of owners than /proc: asked first, or after many links, and failing; only wanted inodes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

#include "src/procfs/inode_set.h"
#include "tests/procfs/owner_tree.h"

namespace {

using namespace duostat;
using test::owners_of;
using test::process;
using test::Tree;

/// Another source: what it gives, and how often it was asked.
struct Other {
  bool answers = true;
  int asked = 0;
  bool operator()(OwnerRows& rows) {
    ++asked;
    rows.add(7, 3, 55, "seven");
    rows.add(7, 4, 56, "seven");
    if (!answers) return false;
    rows.add(9, 1, 55, "a) b\n");
    return true;
  }
};

/// `count` processes from 1000 on, each with `links` links, the last of them to socket 77.
void many_links(Tree& tree, int count, int links) {
  for (int p = 1000; p < 1000 + count; ++p) {
    const std::string pid = std::to_string(p);
    process(tree, pid, pid + " (x) S", "");
    for (int fd = 1; fd < links; ++fd) tree.link(pid + "/fd/" + std::to_string(fd), "/dev/null");
    tree.link(pid + "/fd/" + std::to_string(links), "socket:[77]");
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(other_owners)

BOOST_AUTO_TEST_CASE(another_source_can_be_asked_first) {
  Tree tree;
  using namespace std::string_literals;
  process(tree, "7", "7 (name in proc) S", "/bin/seven\0-x\0"s).link("7/fd/9", "socket:[77]");
  tree.file("7/attr/current", "unconfined\n");
  Other other;
  const OtherOwners source{0, other};
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {.argv0 = true, .context = true}, &source);
  BOOST_TEST(other.asked == 1);
  BOOST_TEST(owners_of(index, 55) == "9/9:1 7/7:3");
  BOOST_TEST(owners_of(index, 56) == "7/7:4");
  BOOST_TEST(owners_of(index, 77) == "");
  BOOST_TEST(index.coverage().descriptors == 3u);
  BOOST_TEST(index.coverage().error == 0);
  BOOST_TEST(!index.coverage().incomplete());
  BOOST_TEST(index.first(55).comm == "seven");
  BOOST_TEST(index.first(55).argv0 == "/bin/seven");
  BOOST_TEST(index.first(55).context == "unconfined");
  index.each(55, [](const Owner& last) {
    BOOST_TEST(last.comm == "a) b\n");
    BOOST_TEST(last.argv0 == "");  // it is gone
    return false;
  });
  const OwnerIndex nameless = OwnerIndex::scan(tree.proc(), {.comm = false}, &source);
  BOOST_TEST(nameless.first(55).comm == "");
}

BOOST_AUTO_TEST_CASE(another_source_that_fails_leaves_no_trace) {
  Tree tree;
  process(tree, "7", "7 (x) S", "").link("7/fd/9", "socket:[77]");
  Other other{.answers = false};
  const OtherOwners source{0, other};
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {}, &source);
  BOOST_TEST(owners_of(index, 55) == "");
  BOOST_TEST(owners_of(index, 77) == "7/7:9");
  BOOST_TEST(index.coverage().descriptors == 1u);
}

BOOST_AUTO_TEST_CASE(another_source_is_asked_after_many_links) {
  for (const auto& [count, links, asked] :
       {std::tuple(40, 50, true), std::tuple(1, 1500, true), std::tuple(15, 50, false), std::tuple(1, 900, false)}) {
    Tree tree;
    many_links(tree, count, links);
    for (const bool answers : {true, false}) {
      Other other{.answers = answers};
      const OtherOwners source{1000, other};
      const OwnerIndex index = OwnerIndex::scan(tree.proc(), {}, &source);
      BOOST_TEST(other.asked == (asked ? 1 : 0));
      int owners = 0;
      index.each(77, [&](const Owner& owner) {
        BOOST_TEST(owner.comm == "x");
        return ++owners, true;
      });
      BOOST_TEST(owners == (asked && answers ? 0 : count), count << " processes, " << links << " links");
      BOOST_TEST(index.coverage().descriptors == (asked && answers ? 3u : static_cast<unsigned>(count)));
      BOOST_TEST(!index.coverage().incomplete());
    }
  }
}

BOOST_AUTO_TEST_CASE(only_wanted_inodes_are_kept) {
  Tree tree;
  process(tree, "1", "1 (x) S", "").link("1/fd/1", "socket:[9]").link("1/fd/2", "socket:[10]");
  process(tree, "2", "2 (y) S", "").link("2/fd/1", "socket:[11]");
  InodeSet wanted(3);
  for (const std::uint64_t inode : {9, 55, 0}) wanted.add(inode);
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {.wanted = &wanted});
  BOOST_TEST(owners_of(index, 9) == "1/1:1");
  BOOST_TEST(owners_of(index, 10) == "");
  BOOST_TEST(owners_of(index, 11) == "");
  BOOST_TEST(index.coverage().descriptors == 3u);
  Other other;
  const OtherOwners source{0, other};
  const OwnerIndex others = OwnerIndex::scan(tree.proc(), {.wanted = &wanted}, &source);
  BOOST_TEST(owners_of(others, 55) == "9/9:1 7/7:3");
  BOOST_TEST(owners_of(others, 56) == "");
}

BOOST_AUTO_TEST_SUITE_END()
