// Sorting and grouping.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/group.h"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <map>
#include <set>

#include "src/base/error.h"
#include "src/render/record.h"
#include "tests/insight/sample.h"

using namespace duostat;

namespace {

std::string text_of(const Value& value) {
  if (value.is_text()) return std::string(value.text());
  char digits[kNumberTextMax];
  return value.absent() ? "-" : std::string(digits, format_number(digits, value));
}

/// "COUNT KEY… SUM…;" for each group.
std::string groups_of(std::string_view by, std::string_view sum, std::span<const Socket> sockets, test::Sample& sample) {
  Groups groups(parse_by(by), sum.empty() ? std::vector<const Column*>{} : parse_sum(sum));
  for (const Socket& s : sockets) groups.add(sample.context, s);
  std::string text;
  for (const Groups::Row* row : groups.largest(100)) {
    text += std::to_string(row->count);
    for (const KeptValue& key : row->keys) text += " " + text_of(key.get());
    for (const Value& value : row->sums) text += " " + text_of(value);
    text += ";";
  }
  return text;
}

std::vector<Socket> some(const test::Sample& sample) {
  std::vector<Socket> sockets(4, sample.socket);
  sockets[1].remote.address = {10, 1, 9, 9};
  sockets[2].family = sockets[2].remote.family = Family::inet6;
  sockets[2].remote.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
  sockets[3].family = sockets[3].remote.family = Family::inet6;
  sockets[3].remote.address = {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  sockets[3].inode = 0;
  sockets[3].present.remove(Field::queues);
  return sockets;
}

std::string order_of(std::string_view keys, std::size_t top, std::span<const Socket> sockets, test::Sample& sample) {
  Ordered ordered(parse_sort(keys), top);
  std::uint32_t tag = 0;
  for (const Socket& s : sockets) ordered.add(sample.context, s, tag++);
  std::string text;
  ordered.each([&](const Socket&, std::uint32_t number) { text += std::to_string(number); });
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(order_and_groups)

BOOST_AUTO_TEST_CASE(addresses_are_counted_for_what_they_stand_for) {
  test::Sample sample;
  const auto sockets = some(sample);
  BOOST_TEST(groups_of("peer", "", sockets, sample) == "2 10.1.2.3;1 10.1.9.9;1 2001:db8:102:304:506:708:90a:b0c;");
  BOOST_TEST(groups_of("peer/16/32", "", sockets, sample) == "3 10.1.0.0/16;1 2001:db8::/32;");
  BOOST_TEST(groups_of("peer/24", "", sockets, sample) == "2 10.1.2.0/24;1 10.1.9.0/24;1 2001:d00::/24;");
  BOOST_TEST(groups_of("peer/64", "", sockets, sample) == "2 10.1.2.3/32;1 10.1.9.9/32;1 2001:db8:102:304::/64;");
  BOOST_TEST(groups_of("peer/0", "", sockets, sample) == "3 0.0.0.0/0;1 ::/0;");
}

BOOST_AUTO_TEST_CASE(sums_and_what_is_absent) {
  test::Sample sample;
  const auto sockets = some(sample);
  BOOST_TEST(groups_of("family", "queues,retransmits", sockets, sample) == "2 inet 4096 0 6;2 inet6 2048 0 6;");
  BOOST_TEST(groups_of("process,peer-port", "rqueue", sockets, sample) == "3 nginx 50000 6144;1 - 50000 -;");
  BOOST_TEST(groups_of("mark", "", sockets, sample) == "4 -;");
}

BOOST_AUTO_TEST_CASE(two_keys_of_one_name) {
  const auto keys = parse_by("peer_process.pid,pid,inode,vfs.inode,peer_process");
  BOOST_TEST(keys[0].name == "peer_process_pid");
  BOOST_TEST(keys[1].name == "pid");
  BOOST_TEST(keys[3].name == "vfs_inode");
  BOOST_TEST(keys[4].name == "comm");
}

std::string names_of(std::string_view by) {
  std::string text;
  for (const GroupKey& key : parse_by(by)) text.append(text.empty() ? "" : ",").append(key.name);
  return text;
}

BOOST_AUTO_TEST_CASE(every_key_has_a_name_of_its_own) {
  BOOST_TEST(names_of("peer/24,peer/16") == "peer_network,peer_network_16");
  BOOST_TEST(names_of("peer/24/64,peer/24/48,peer/24,local/8,peer") ==
             "peer_network,peer_network_24_48,peer_network_24,local_network,peer_address");
  BOOST_TEST(names_of("peer/64,peer/128,peer/32") == "peer_network,peer_network_128,peer_network_32");
  BOOST_TEST(names_of("tcp_info.rtt_us,vegas.rtt_us") == "tcp_info_rtt_us,vegas_rtt_us");
  // For any two columns.
  std::map<std::string_view, std::vector<const Column*>> by_key;
  for (const Column& c : columns()) by_key[c.key()].push_back(&c);
  std::size_t shared = 0;
  for (const auto& [key, some] : by_key) {
    shared += some.size() > 1;
    std::string list;
    for (const Column* c : some) list.append(list.empty() ? "" : ",").append(c->id);
    const auto keys = parse_by(list);
    std::set<std::string> names;
    for (const GroupKey& k : keys) names.insert(k.name);
    BOOST_TEST(names.size() == some.size(), list);
  }
  BOOST_TEST(shared > 20);
  // And for all at once.
  std::string list;
  for (const Column& c : columns()) list.append(list.empty() ? "" : ",").append(c.id);
  std::set<std::string> names{"count"};
  for (const GroupKey& k : parse_by(list)) BOOST_TEST(names.insert(k.name).second, k.name);
}

BOOST_AUTO_TEST_CASE(the_same_twice_is_refused) {
  const auto refused = [](const UsageError& e) { return e.status() == 2 && std::string(e.what()).find("twice") != std::string::npos; };
  for (const std::string_view word : {"peer,peer", "peer,state,dst", "peer/24,peer/24", "peer/24,peer/24/24", "peer/64,peer/32/64",
                                      "rtt,tcp_info.rtt_us"})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_by(word), UsageError, refused);
  for (const std::string_view word : {"rqueue,rqueue", "queues,rqueue", "recv-q,rqueue", "bytes,queues,bytes"})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_sum(word), UsageError, refused);
  for (const std::string_view word : {"rtt,rtt", "rtt,-rtt", "state,-peer,dst"})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_sort(word), UsageError, refused);
  BOOST_CHECK_NO_THROW(parse_by("peer/24,peer/16,peer"));
}

BOOST_AUTO_TEST_CASE(sums_are_whole_numbers) {
  test::Sample sample;
  std::vector<Socket> sockets(3, sample.socket);
  BOOST_TEST(groups_of("family", "timestamps,sack", {sockets.data(), 1}, sample) == "1 inet 1 0;");
  BOOST_TEST(groups_of("family", "timestamps,sack", sockets, sample) == "3 inet 3 0;");
  for (Socket& s : sockets) s.inode = 1ull << 62;
  BOOST_TEST(groups_of("family", "inode", sockets, sample) == "3 inet 13835058055282163712;");
  for (Socket& s : sockets) s.inode = 1ull << 63;
  BOOST_TEST(groups_of("family", "inode", sockets, sample) == "3 inet 27670116110564327424.0;");
  // With signed and unsigned numbers.
  const ColumnSet& set = record_column_set<CounterRecord>();
  const auto sum = [&](std::vector<Value> values) {
    Groups groups(parse_by("section", set), parse_sum("value", set));
    for (const Value& v : values) groups.add([&](const Column& c) { return c.unit == Unit::text ? Value::text_of("Tcp") : v; });
    return text_of(groups.largest(1).at(0)->sums.at(0));
  };
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  BOOST_TEST(sum({Value::signed_of(-1), Value::of((1ull << 60) + 1)}) == "1152921504606846976");
  BOOST_TEST(sum({Value::of(5), Value::signed_of(-7)}) == "-2");
  BOOST_TEST(sum({Value::signed_of(-7), Value::signed_of(7)}) == "0");
  BOOST_TEST(sum({Value::signed_of(kLeast), Value::signed_of(0)}) == "-9223372036854775808");
  BOOST_TEST(sum({Value::signed_of(kLeast), Value::of(1ull << 63)}) == "0");
  BOOST_TEST(sum({Value::signed_of(kLeast), Value::signed_of(-1)}) == "-9223372036854775808.0");
  BOOST_TEST(sum({Value::real_of(0.5), Value::boolean_of(true)}) == "1.5");
  BOOST_TEST(sum({Value{}, Value{}}) == "-");
}

BOOST_AUTO_TEST_CASE(sorted_by_several_keys) {
  test::Sample sample;
  auto sockets = some(sample);
  sockets[0].rqueue = 5;
  sockets[1].rqueue = 9;
  sockets[2].rqueue = 10;
  BOOST_TEST(order_of("rqueue", 100, sockets, sample) == "0123");
  BOOST_TEST(order_of("-rqueue", 100, sockets, sample) == "2103");  // absent values come last in both directions
  BOOST_TEST(order_of("-family,-rqueue", 100, sockets, sample) == "2310");
  BOOST_TEST(order_of("-rqueue", 2, sockets, sample) == "21");
  BOOST_TEST(order_of("mark", 100, sockets, sample) == "0123");  // equal ones keep their order
}

BOOST_AUTO_TEST_CASE(many_are_pruned_to_the_first) {
  test::Sample sample;
  Ordered ordered(parse_sort("-inode"), 3);
  Socket socket = sample.socket;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    socket.inode = 1 + i * 7919 % 10'007;
    ordered.add(sample.context, socket, static_cast<std::uint32_t>(socket.inode));
  }
  std::uint64_t last = ~std::uint64_t{0};
  int shown = 0;
  ordered.each([&](const Socket& s, std::uint32_t tag) {
    BOOST_TEST(s.inode == tag);
    BOOST_TEST(s.inode < last);
    last = s.inode;
    ++shown;
  });
  BOOST_TEST(shown == 3);
  BOOST_TEST(last > 9'990);
}

BOOST_AUTO_TEST_CASE(what_waits_keeps_its_details) {
  test::Sample sample;
  UnixDetail detail;
  std::string name("\0abstract", 9);
  std::uint32_t pending[] = {5, 6};
  detail.name = name;
  detail.pending = pending;
  Socket socket;
  socket.protocol = Protocol::unix_stream;
  socket.family = Family::unix_domain;
  socket.unix_domain = &detail;
  socket.present = {Field::unix_name, Field::unix_pending};
  Ordered ordered(parse_sort("name"));
  ordered.add(sample.context, socket, 0);
  ordered.add(sample.context, sample.socket, 1);
  name.assign(name.size(), 'x');
  pending[0] = pending[1] = 0;
  sample.inet = {};
  std::string text;
  ordered.each([&](const Socket& s, std::uint32_t) {
    text += text_of(find_column("name").column->value(sample.context, s)) + ",";
    text += text_of(find_column("pending").column->value(sample.context, s)) + ",";
    text += text_of(find_column("rtt").column->value(sample.context, s)) + ";";
  });
  BOOST_TEST(text == "@abstract,5,6,-;-,-,150000;");
}

BOOST_AUTO_TEST_CASE(mistakes) {
  for (const std::string_view word : {"", "a,,b", "pear", "state/24", "peer/", "peer/x", "peer/129", "peer/33/64", "peer/24/129", "peer/-1"})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_by(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"state", "pear", ""})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_sum(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"-", "--rtt", "pear"})
    BOOST_TEST_CONTEXT(word) BOOST_CHECK_EXCEPTION(parse_sort(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"", "0", "-1", "1x"})
    BOOST_TEST_CONTEXT(word)
      BOOST_CHECK_EXCEPTION(parse_count("--top", word), UsageError, [](const UsageError& e) { return e.status() == 2; });
}

BOOST_AUTO_TEST_SUITE_END()
