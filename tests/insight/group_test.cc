// Sorting and grouping.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/group.h"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <map>
#include <optional>
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
std::string groups_of(std::string_view by, std::string_view sum, std::span<const Socket> sockets,
                      test::Sample& sample) {
  Groups groups(parse_by(by), sum.empty() ? std::vector<SumColumn>{} : parse_sum(sum));
  for (const Socket& s : sockets) groups.add(sample.context, s);
  std::string text;
  for (const Groups::Row* row : groups.largest(100)) {
    text += std::to_string(row->count);
    for (const KeptValue& key : row->keys) text += " " + text_of(key.get());
    for (std::size_t i = 0; i < row->sums.size(); ++i) text += " " + text_of(row->sum(groups.sums()[i], i));
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
  BOOST_TEST(groups_of("family", "queues,retransmits", sockets, sample) == "2 inet 4096 0 - 6;2 inet6 2048 0 - 6;");
  BOOST_TEST(groups_of("process,peer-port", "rqueue", sockets, sample) == "3 nginx 50000 6144;1 - 50000 -;");
  BOOST_TEST(groups_of("mark", "", sockets, sample) == "4 -;");
}

BOOST_AUTO_TEST_CASE(connections_and_bytes_are_not_added) {
  test::Sample sample;
  std::vector<Socket> sockets(3, sample.socket);
  sockets[1].state = State::listen;
  sockets[1].rqueue = 5;
  sockets[1].wqueue = 128;
  BOOST_TEST(groups_of("family", "queues", sockets, sample) == "3 inet 4096 0 5;");
  BOOST_TEST(groups_of("family", "max:wqueue,min:rqueue", sockets, sample) == "3 inet 0 2048;");
  BOOST_TEST(groups_of("rqueue", "rqueue", {&sockets[1], 1}, sample) == "1 5 -;");
}

BOOST_AUTO_TEST_CASE(largest_smallest_average) {
  test::Sample sample;
  std::vector<Socket> sockets(4, sample.socket);
  for (std::size_t i = 0; i < sockets.size(); ++i) sockets[i].rqueue = 10 * i;
  sockets[3].present.remove(Field::queues);
  BOOST_TEST(groups_of("family", "max:rqueue,min:rqueue,avg:rqueue,rqueue,sum:inode", sockets, sample) ==
             "4 inet 20 0 10.0 30 308;");
  BOOST_TEST(groups_of("family", "max:rqueue,avg:rqueue", {&sockets[3], 1}, sample) == "1 inet - -;");
  const auto names = [](std::string_view by, std::string_view list) {
    std::string text;
    for (const SumColumn& sum : parse_sum(list, socket_columns(), parse_by(by)))
      text += sum.title + "/" + sum.name + " ";
    return text;
  };
  BOOST_TEST(names("state", "rtt,max:rtt,avg:rtt_us,min:rtt") ==
             "rtt_us/rtt_us_sum rtt_us_max/rtt_us_max rtt_us_avg/rtt_us_avg rtt_us_min/rtt_us_min ");
  BOOST_TEST(names("rqueue", "queues") == "rqueue_sum/rqueue_sum wqueue/wqueue_sum accept_queue/accept_queue_sum ");
  BOOST_TEST(names("state", "tcp_info.rtt_us,max:vegas.rtt_us") ==
             "tcp_info_rtt_us/tcp_info_rtt_us_sum vegas_rtt_us_max/vegas_rtt_us_max ");
  BOOST_TEST(names("state", "mptcp_info.subflows_max,max:mptcp_info.subflows") ==
             "subflows_max_sum/subflows_max_sum subflows_max/subflows_max ");
  BOOST_CHECK_THROW(parse_sum("max:rtt,max:rtt_us"), UsageError);
  BOOST_CHECK_THROW(parse_sum("most:rtt"), UsageError);
  BOOST_CHECK_THROW(parse_sum("max:"), UsageError);
}

/// The groups by state that `having` takes, in the order of `sort`, as "STATE COUNT;".
std::string chosen(std::string_view having, std::string_view sort, std::string_view sum,
                   std::span<const Socket> sockets, test::Sample& sample) {
  Groups groups(parse_by("state"), parse_sum(sum));
  for (const Socket& s : sockets) groups.add(sample.context, s);
  const GroupColumns columns(groups.keys(), groups.sums(), socket_columns());
  std::optional<Where> where;
  if (!having.empty()) where.emplace(having, columns.set(), Where::Reading{"--having"});
  std::vector<SortKey> order;
  if (!sort.empty()) order = parse_sort(sort, columns.set());
  std::string text;
  for (const Groups::Row* row : groups.chosen({&columns, where ? &*where : nullptr, &order}))
    text += text_of(row->keys[0].get()) + " " + std::to_string(row->count) + ";";
  return text;
}

BOOST_AUTO_TEST_CASE(groups_are_rows_with_columns) {
  test::Sample sample;
  std::vector<Socket> sockets(6, sample.socket);
  for (std::size_t i = 0; i < 3; ++i) sockets[i].state = State::close_wait;
  sockets[5].state = State::last_ack;
  sockets[5].rqueue = 100'000;
  const auto of = [&](std::string_view having, std::string_view sort, std::string_view sum = "rqueue") {
    return chosen(having, sort, sum, sockets, sample);
  };
  // The first sum decides: a process with one busy connection comes before one with many idle ones.
  BOOST_TEST(of("", "") == "last_ack 1;close_wait 3;established 2;");
  BOOST_TEST(of("", "", "inode") == "close_wait 3;established 2;last_ack 1;");
  BOOST_TEST(of("", "count") == "last_ack 1;established 2;close_wait 3;");
  BOOST_TEST(of("", "-count,state") == "close_wait 3;established 2;last_ack 1;");
  BOOST_TEST(of("", "-rqueue,-count") == "last_ack 1;close_wait 3;established 2;");
  BOOST_TEST(of("", "-rqueue_sum") == "last_ack 1;close_wait 3;established 2;");
  BOOST_TEST(of("count > 1", "") == "close_wait 3;established 2;");
  BOOST_TEST(of("count > 1 and state = CLOSE-WAIT", "") == "close_wait 3;");
  BOOST_TEST(of("rqueue > 64Ki or count = 3", "state") == "close_wait 3;last_ack 1;");
  BOOST_TEST(of("max:rtt > 100 and rtt_us_max > 100000", "state", "max:rtt") ==
             "close_wait 3;established 2;last_ack 1;");
  BOOST_TEST(of("max:rtt > 150", "state", "max:rtt") == "");
  BOOST_TEST(of("rqueue > inode", "", "rqueue,inode") == "last_ack 1;close_wait 3;established 2;");
  try {
    of("rtt > 5", "");
    BOOST_ERROR("rtt is no column of these groups");
  } catch (const UsageError& e) {
    BOOST_TEST(std::string(e.what()) ==
               "--having: \"rtt\" is not a column; these are: count, rqueue_sum, state\n  rtt > 5\n  ^^^");
  }
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
  const auto refused = [](const UsageError& e) {
    return e.status() == 2 && std::string(e.what()).find("twice") != std::string::npos;
  };
  for (const std::string_view word : {"peer,peer", "peer,state,dst", "peer/24,peer/24", "peer/24,peer/24/24",
                                      "peer/64,peer/32/64", "rtt,tcp_info.rtt_us"})
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
    for (const Value& v : values)
      groups.add([&](const Column& c) { return c.unit == Unit::text ? Value::text_of("Tcp") : v; });
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
  for (const std::string_view word :
       {"", "a,,b", "pear", "state/24", "peer/", "peer/x", "peer/129", "peer/33/64", "peer/24/129", "peer/-1"})
    BOOST_TEST_CONTEXT(word)
    BOOST_CHECK_EXCEPTION(parse_by(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"state", "pear", ""})
    BOOST_TEST_CONTEXT(word)
    BOOST_CHECK_EXCEPTION(parse_sum(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"-", "--rtt", "pear"})
    BOOST_TEST_CONTEXT(word)
    BOOST_CHECK_EXCEPTION(parse_sort(word), UsageError, [](const UsageError& e) { return e.status() == 2; });
  for (const std::string_view word : {"", "0", "-1", "1x"})
    BOOST_TEST_CONTEXT(word)
  BOOST_CHECK_EXCEPTION(parse_count("--top", word), UsageError, [](const UsageError& e) { return e.status() == 2; });
}

BOOST_AUTO_TEST_SUITE_END()
