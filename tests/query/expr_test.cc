// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/expr.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

using namespace duostat;

BOOST_AUTO_TEST_SUITE(expr)

namespace {

Predicate device(std::uint32_t ifindex) { return DevicePredicate{ifindex}; }

Expr one(Predicate predicate) {
  ExprBuilder builder;
  builder.predicate(std::move(predicate));
  return std::move(builder).finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(dumps_every_predicate) {
  HostPredicate host;
  host.side = Side::remote;
  host.port = 80;
  BOOST_TEST(dump(one(host)) == "dport{= 80}");
  host.addresses = {{Family::inet, 8, {10}}};
  BOOST_TEST(dump(one(host)) == "dst{inet 10.0.0.0/8 port 80}");
  host.addresses.push_back({Family::inet6, 128, {0xfe, 0x80}});
  host.port = -1;
  BOOST_TEST(dump(one(host)) == "dst{inet 10.0.0.0/8, inet6 fe80::/128}");
  BOOST_TEST(dump(one(HostPredicate{})) == "src{any}");
  HostPredicate name;
  name.addresses = {{Family::unix_domain}};
  name.pattern = "/run/*";
  BOOST_TEST(dump(one(name)) == "src{unix /run/*}");
  BOOST_TEST(dump(one(PortPredicate{Side::local, PortPredicate::Relation::at_most, -5})) == "sport{<= -5}");
  BOOST_TEST(dump(one(PortPredicate{Side::remote, PortPredicate::Relation::at_least, 9})) == "dport{>= 9}");
  BOOST_TEST(dump(one(device(3))) == "dev{3}");
  BOOST_TEST(dump(one(MarkPredicate{16, 255})) == "fwmark{0x10/0xff}");
  BOOST_TEST(dump(one(CgroupPredicate{1})) == "cgroup{1}");
  BOOST_TEST(dump(one(AutoboundPredicate{})) == "autobound");
}

BOOST_AUTO_TEST_CASE(threads_short_circuits) {
  ExprBuilder builder;  // ( 0 and not 1 ) or 2
  builder.predicate(device(0));
  builder.predicate(device(1));
  builder.negation();
  builder.conjunction();
  builder.predicate(device(2));
  builder.disjunction();
  const Expr expr = std::move(builder).finish();
  BOOST_TEST(dump(expr) == "or{and{dev{0}not{dev{1}}}dev{2}}");
  BOOST_REQUIRE(expr.steps().size() == 3);
  BOOST_CHECK((expr.steps()[0] == Expr::Step{1, 2}));
  BOOST_CHECK((expr.steps()[1] == Expr::Step{2, Expr::kAccept}));
  BOOST_CHECK((expr.steps()[2] == Expr::Step{Expr::kAccept, Expr::kReject}));
}

BOOST_AUTO_TEST_CASE(knows_what_it_needs) {
  BOOST_CHECK(fields_of(one(device(1))) == FieldSet{Field::interface});
  BOOST_CHECK(fields_of(one(MarkPredicate{})) == FieldSet{Field::mark});
  BOOST_CHECK(fields_of(one(CgroupPredicate{})) == FieldSet{Field::cgroup});
  BOOST_CHECK(fields_of(one(HostPredicate{})) == FieldSet{Field::unix_name});
  ExprBuilder builder;
  builder.predicate(MarkPredicate{});
  builder.predicate(PortPredicate{});
  builder.disjunction();
  const FieldSet both = fields_of(std::move(builder).finish());
  BOOST_CHECK((both == FieldSet{Field::mark, Field::inode, Field::unix_peer}));
}

// A nesting depth that would overflow the stack of a recursive evaluator.
BOOST_AUTO_TEST_CASE(is_as_deep_as_its_author_likes) {
  constexpr std::size_t kDepth = 300000;
  ExprBuilder builder;
  builder.predicate(device(0));
  for (std::size_t i = 0; i < kDepth; ++i) builder.negation();
  for (std::size_t i = 0; i < kDepth; ++i) {
    builder.predicate(device(1));
    builder.disjunction();
  }
  const Expr expr = std::move(builder).finish();
  BOOST_TEST(expr.nodes().size() == 3 * kDepth + 1);
  BOOST_TEST(dump(expr).size() > kDepth * 10);
  BOOST_CHECK((expr.steps().front() == Expr::Step{Expr::kAccept, 1}));
}

BOOST_AUTO_TEST_SUITE_END()
