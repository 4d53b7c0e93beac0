// The table of columns, their names, and the JSON made of them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/column.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <cstring>
#include <limits>
#include <set>

#include "src/render/table.h"
#include "tests/insight/sample.h"

using namespace duostat;

namespace {

std::string json_of(test::Sample& sample, const std::vector<const Column*>& shown) {
  StringSink sink;
  Output out(sink);
  Json json(out);
  json.begin_object();
  Members(shown).put(json, sample.context, sample.socket);
  json.end_object();
  out.flush();
  return sink.text;
}
std::string json_of(test::Sample& sample, std::initializer_list<std::string_view> ids) {
  std::vector<const Column*> shown;
  for (const std::string_view id : ids) shown.push_back(find_column(id).column);
  return json_of(sample, shown);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(columns_of_sockets)

BOOST_AUTO_TEST_CASE(each_id_is_unique_and_documented) {
  std::set<std::string_view> ids, closed;
  std::string_view group;
  for (const Column& c : columns()) {
    BOOST_TEST_CONTEXT(c.id) {
      BOOST_TEST(ids.insert(c.id).second);
      BOOST_TEST(!c.help.empty());
      BOOST_TEST(c.help.find('\n') == std::string_view::npos);
      BOOST_TEST(
          std::ranges::all_of(c.id, [](char x) { return std::islower(x) || std::isdigit(x) || x == '_' || x == '.'; }));
      BOOST_TEST((c.value != nullptr));
      BOOST_TEST((c.id.ends_with("_ms") == (c.unit == Unit::milliseconds)));
      BOOST_TEST((c.id.ends_with("_us") == (c.unit == Unit::microseconds)));
      BOOST_TEST((c.id.ends_with("_bps") == (c.unit == Unit::bits_per_second)));
      BOOST_TEST((find_column(c.id).column == &c));
      // Members of an object are adjacent.
      if (c.group() != group) {
        BOOST_TEST((group.empty() || closed.insert(group).second));
        group = c.group();
        BOOST_TEST(!closed.contains(group));
      }
    }
  }
}

namespace {
/// A struct sockaddr_storage with an address.
void append_storage(std::vector<std::byte>& list, Family family, const Address& address) {
  const std::size_t at = list.size();
  list.resize(at + 128);
  const auto number = static_cast<std::uint16_t>(family);
  std::memcpy(list.data() + at, &number, sizeof number);
  const auto* const bytes = reinterpret_cast<const std::byte*>(address.data());
  if (family == Family::inet)
    std::copy_n(bytes, 4, list.begin() + static_cast<std::ptrdiff_t>(at) + 4);
  else
    std::copy_n(bytes, 16, list.begin() + static_cast<std::ptrdiff_t>(at) + 8);
}
}  // namespace

// sctp_diag copies an IPv4 address of an IPv6 socket as if it were an IPv6 address: as zeros.
BOOST_AUTO_TEST_CASE(an_end_of_sctp_has_the_family_that_its_list_tells) {
  constexpr Address kFour{10, 0, 0, 9}, kSix{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, kNone{};
  test::Sample sample;
  Socket& s = sample.socket;
  s.protocol = Protocol::sctp;
  s.family = s.local.family = s.remote.family = Family::inet6;
  s.local.address = kSix;
  s.remote.address = kNone;
  std::vector<std::byte> locals, peers;
  append_storage(locals, Family::inet6, kSix);
  append_storage(locals, Family::inet, {10, 0, 0, 1});
  append_storage(peers, Family::inet, kFour);
  append_storage(peers, Family::inet6, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8});
  sample.inet.local_addresses = locals;
  sample.inet.peer_addresses = peers;
  BOOST_TEST(json_of(sample, {"local_address", "peer_address"}) ==
             R"({"local_address":"2001:db8::9","peer_address":"10.0.0.9"})");
  // An address from the list is kept, and so is that of an endpoint without a list or of another protocol.
  s.remote.address = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8};
  BOOST_TEST(json_of(sample, {"peer_address"}) == R"({"peer_address":"2001:db8::8"})");
  s.remote.address = kNone;
  sample.inet.peer_addresses = {};
  BOOST_TEST(json_of(sample, {"peer_address"}) == R"({"peer_address":"::"})");
  sample.inet.peer_addresses = peers;
  s.protocol = Protocol::tcp;
  BOOST_TEST(json_of(sample, {"peer_address"}) == R"({"peer_address":"::"})");
  // Each endpoint has its own family.
  s.local.family = Family::inet;
  s.local.address = kFour;
  BOOST_TEST(json_of(sample, {"local_address"}) == R"({"local_address":"10.0.0.9"})");
}

BOOST_AUTO_TEST_CASE(values_are_of_the_kind_that_the_unit_says) {
  test::Sample sample;
  for (const Column& c : columns()) {
    const Value value = c.value(sample.context, sample.socket);
    BOOST_TEST_CONTEXT(c.id) BOOST_TEST((value.absent() || value.is_text() == (c.unit == Unit::text)));
  }
  const Socket nothing;
  for (const Column& c : columns())
    BOOST_TEST_CONTEXT(c.id) {
      const Value value = c.value(sample.context, nothing);
      BOOST_TEST((value.absent() || c.id == "protocol" || c.id.starts_with("netns") || c.id == "type" ||
                  c.protocols.has(Protocol::tcp)));
    }
}

BOOST_AUTO_TEST_CASE(a_user_that_the_kernel_does_not_keep_is_absent) {
  test::Sample sample;
  Socket& s = sample.socket;
  sample.names.users[0] = "root";
  const auto json = [&] { return json_of(sample, {"uid", "user"}); };
  constexpr std::string_view kRoot = R"({"uid":0,"user":"root"})", kNone = "{}";
  s.uid = 0;
  BOOST_TEST(json() == kRoot);
  s.state = State::time_wait;
  BOOST_TEST(json() == kNone);
  s.state = State::fin_wait2;  // of a TIME-WAIT socket, which has this timer
  s.timer = Timer::time_wait;
  BOOST_TEST(json() == kNone);
  s.timer = Timer::off;
  BOOST_TEST(json() == kRoot);
  s.inode = 0;  // an orphan
  BOOST_TEST(json() == kNone);
  sample.context.orphans_have_uid = true;
  BOOST_TEST(json() == kRoot);
  s.protocol = Protocol::unix_stream;
  s.family = Family::unix_domain;
  BOOST_TEST(json() == kNone);
  s.uid = 33;
  BOOST_TEST(json() == R"({"uid":33,"user":"www-data"})");
  s.protocol = Protocol::tcp;
  s.family = Family::inet;
  sample.context.orphans_have_uid = false;
  BOOST_TEST(json() == R"({"uid":33,"user":"www-data"})");
  s.state = State::syn_recv;  // has the user of its listener
  s.uid = 0;
  BOOST_TEST(json() == kRoot);
}

BOOST_AUTO_TEST_CASE(numbers_that_mean_none_are_absent) {
  test::Sample sample;
  Socket& s = sample.socket;
  s.present |= {Field::cookie, Field::bbr_info, Field::vegas_info};
  sample.inet.bbr.min_rtt = ~std::uint32_t{0};
  sample.inet.vegas = {1, 2, 0x7fffffff, 0x7fffffff};
  const auto json = [&] {
    return json_of(sample, {"cookie", "vegas.enabled", "vegas.rtt_us", "vegas.minrtt_us", "bbr.min_rtt_us",
                            "bbr.pacing_gain", "bbr.cwnd_gain"});
  };
  BOOST_TEST(json() == R"({"vegas":{"enabled":1}})");
  s.cookie = 7;
  sample.inet.bbr = {0, 0, 5, 256, 739};
  sample.inet.vegas = {1, 2, 3, 4};
  BOOST_TEST(
      json() ==
      R"({"cookie":7,"vegas":{"enabled":1,"rtt_us":3,"minrtt_us":4},)"
      R"("bbr":{"min_rtt_us":5,"pacing_gain":1.0,"cwnd_gain":2.88671875}})");
  char digits[kNumberTextMax];
  BOOST_TEST(std::string(digits, format_number(digits, find_column("pacing_gain").column->value(sample.context, s))) ==
             "1.0");
}

BOOST_AUTO_TEST_CASE(rates_beyond_64_bits) {
  test::Sample sample;
  sample.socket.present.add(Field::bbr_info);
  TcpInfo& t = sample.inet.tcp_info.value;
  t.max_pacing_rate = (1ull << 61) - 1;
  t.pacing_rate = 1ull << 61;
  t.delivery_rate = 0xfffffffffffffff0;
  sample.inet.bbr.bw_hi = ~std::uint32_t{0};
  BOOST_TEST(json_of(sample, {"tcp_info.pacing_rate_bps", "tcp_info.max_pacing_rate_bps", "tcp_info.delivery_rate_bps",
                              "bbr.bw_bps"}) ==
             R"({"tcp_info":{"pacing_rate_bps":18446744073709551616.0,"max_pacing_rate_bps":18446744073709551608,)"
             R"("delivery_rate_bps":147573952589676412928.0},"bbr":{"bw_bps":147573952555316674560.0}})");
  t.max_pacing_rate = ~std::uint64_t{0};
  BOOST_TEST(json_of(sample, {"tcp_info.max_pacing_rate_bps"}) == "{}");
}

BOOST_AUTO_TEST_CASE(tcp_info_that_was_not_measured_is_absent) {
  test::Sample sample;
  TcpInfo& t = sample.inet.tcp_info.value;
  const auto json = [&] { return json_of(sample, {"rtt", "rttvar", "rcv_rtt", "ato"}); };
  t.rcv_rtt = 7, t.ato = 40'000, t.rttvar = 0;
  BOOST_TEST(json() == R"({"tcp_info":{"rtt_us":150000,"rttvar_us":0,"rcv_rtt_us":7,"ato_us":40000}})");
  t.rtt = t.rcv_rtt = t.ato = 0;
  BOOST_TEST(json() == "{}");
}

// tcp_get_info() fills four members for a listener, and puts the accept queue and its limit into two others.
BOOST_AUTO_TEST_CASE(tcp_info_of_a_listener_has_what_the_kernel_fills) {
  test::Sample sample;
  TcpInfo& t = sample.inet.tcp_info.value;
  t = {};
  t.unacked = 3, t.sacked = 128, t.reordering = 3, t.snd_cwnd = 10, t.pacing_rate = 1, t.max_pacing_rate = 2;
  sample.socket.state = State::listen;
  std::vector<const Column*> shown;
  for (const Column& column : columns())
    if (column.id.starts_with("tcp_info.")) shown.push_back(&column);
  BOOST_TEST(shown.size() > 60u);
  BOOST_TEST(json_of(sample, shown) ==
             R"({"tcp_info":{"snd_cwnd":10,"reordering":3,"pacing_rate_bps":8,"max_pacing_rate_bps":16}})");
  sample.socket.state = State::established;
  BOOST_TEST(json_of(sample, {"unacked", "sacked"}) == R"({"tcp_info":{"unacked":3,"sacked":128}})");
}

// Linux 3.10 has the bytes of these bits, and no such bits.
BOOST_AUTO_TEST_CASE(bits_that_an_older_kernel_does_not_send_are_absent) {
  test::Sample sample;
  Grown<TcpInfo>& t = sample.inet.tcp_info;
  const auto json = [&] {
    return json_of(sample, {"tcp_info.delivery_rate_app_limited", "tcp_info.fastopen_client_fail", "tcp_info.usec_ts",
                            "tcp_info.sack"});
  };
  t.value.flags = t.value.options = 0;
  t.length = offsetof(TcpInfo, pacing_rate);
  BOOST_TEST(json() == R"({"tcp_info":{"sack":false}})");
  t.length = offsetof(TcpInfo, delivered);
  BOOST_TEST(json() == R"({"tcp_info":{"delivery_rate_app_limited":false,"sack":false}})");
  t.length = offsetof(TcpInfo, rcv_wnd);  // 5.4 has no fastopen_client_fail, 6.1 has it
  BOOST_TEST(json() == R"({"tcp_info":{"delivery_rate_app_limited":false,"sack":false}})");
  t.value.flags = 3 << 1;
  BOOST_TEST(json() == R"({"tcp_info":{"delivery_rate_app_limited":false,"fastopen_client_fail":3,"sack":false}})");
  t.value.flags = 0;
  t.length = offsetof(TcpInfo, received_ce);
  BOOST_TEST(json() == R"({"tcp_info":{"delivery_rate_app_limited":false,"fastopen_client_fail":0,"usec_ts":false,)"
                       R"("sack":false}})");
}

// 48 bytes until Linux 6.4, of which the last four are a gap; 88 until 6.10, with another one.
BOOST_AUTO_TEST_CASE(gaps_of_an_older_mptcp_info_are_absent) {
  test::Sample sample;
  sample.socket.protocol = Protocol::mptcp;
  sample.socket.present.add(Field::mptcp_info);
  Grown<MptcpInfo>& m = sample.inet.mptcp_info;
  m.value = {};
  const auto json = [&](std::uint32_t length) {
    m.length = length;
    return json_of(sample,
                   {"mptcp_info.local_addr_max", "mptcp_info.csum_enabled", "mptcp_info.retransmits",
                    "mptcp_info.endp_laminar_max", "mptcp_info.endp_fullmesh_max", "mptcp_info.last_data_sent_ms"});
  };
  BOOST_TEST(json(40) == "{}");
  BOOST_TEST(json(48) == R"({"mptcp_info":{"local_addr_max":0}})");
  BOOST_TEST(json(88) == R"({"mptcp_info":{"local_addr_max":0,"csum_enabled":0,"retransmits":0}})");
  BOOST_TEST(json(96) ==
             R"({"mptcp_info":{"local_addr_max":0,"csum_enabled":0,"retransmits":0,"last_data_sent_ms":0}})");
  m.value.csum_enabled = m.value.endp_laminar_max = m.value.endp_fullmesh_max = 1;
  BOOST_TEST(json(48) == R"({"mptcp_info":{"local_addr_max":0,"csum_enabled":1}})");
  BOOST_TEST(json(96) == R"({"mptcp_info":{"local_addr_max":0,"csum_enabled":1,"retransmits":0,"endp_laminar_max":1,)"
                         R"("endp_fullmesh_max":1,"last_data_sent_ms":0}})");
}

BOOST_AUTO_TEST_CASE(order_of_values) {
  const Value ordered[] = {Value::signed_of(std::numeric_limits<std::int64_t>::min()),
                           Value::signed_of(-1),
                           Value::boolean_of(false),
                           Value::signed_of(1),
                           Value::of((1ull << 62) + 1),
                           Value::signed_of((1ll << 62) + 2),
                           Value::of(1ull << 63),
                           Value::real_of(1e20),
                           Value::text_of("a"),
                           Value{}};
  for (std::size_t i = 0; i < std::size(ordered); ++i)
    for (std::size_t j = 0; j < std::size(ordered); ++j)
      BOOST_TEST_CONTEXT(i << " " << j) BOOST_TEST((compare(ordered[i], ordered[j]) == (i <=> j)));
}

BOOST_AUTO_TEST_CASE(names_that_users_may_say) {
  const auto id = [](std::string_view word) {
    const ColumnName name = find_column(word);
    return name.column != nullptr ? name.column->id : std::string_view("none");
  };
  BOOST_TEST(id("rtt") == "tcp_info.rtt_us");
  BOOST_TEST(id("rtt_ms") == "tcp_info.rtt_us");
  BOOST_TEST(id("RTT-us") == "tcp_info.rtt_us");
  BOOST_TEST(id("peer-port") == "peer_port");
  BOOST_TEST(id("proc") == "process");
  BOOST_TEST(id("retransmits") == "retransmits");
  BOOST_TEST(id("bytes_acked") == "tcp_info.bytes_acked");
  BOOST_TEST(id("mptcp_info.bytes_acked") == "mptcp_info.bytes_acked");
  BOOST_TEST(id("minrtt_ms") == "tcp_info.min_rtt_us");
  BOOST_TEST(id("rto_ms") == "tcp_info.rto_us");
  BOOST_TEST(id("tcp_text.rto_ms") == "tcp_text.rto_ms");
  BOOST_TEST(id("state_ms") == "none");
  BOOST_TEST(id("") == "none");
  BOOST_TEST((find_column("rtt").unit == Unit::milliseconds));
  BOOST_TEST((find_column("rtt_us").unit == Unit::microseconds));
  BOOST_TEST(find_group("skmem").size() == 9);
  BOOST_TEST(find_group("rtt").empty());
  BOOST_TEST(not_a_column("stat") == "\"stat\" is not a column; did you mean state?");
  // Only a limited part of a word is compared: 30,000,000 letters would take minutes.
  BOOST_TEST(not_a_column(std::string(30'000'000, 'x')).ends_with("--columns=help lists them"));
}

BOOST_AUTO_TEST_CASE(objects_are_opened_and_closed) {
  test::Sample sample;
  BOOST_TEST(json_of(sample, {"state", "rtt", "total_retrans", "snd_ssthresh", "skmem.drops", "mark"}) ==
             R"({"state":"established","tcp_info":{"rtt_us":150000,"total_retrans":3}})");
  BOOST_TEST(json_of(sample, {"skmem.drops", "name", "mark"}) == "{}");
  sample.context.process_fields = {ProcessField::unit};
  BOOST_TEST(json_of(sample, {"owners"}) ==
             R"({"owners":[{"pid":9,"comm":"cat","fd":4},{"pid":7,"comm":"nginx","fd":3,"unit":"nginx.service"}]})");
}

BOOST_AUTO_TEST_CASE(a_table_is_aligned_and_harmless) {
  StringSink sink;
  Output out(sink);
  {
    Table table(out, {{"name", false}, {"n", true}, {"last", false}}, true);
    for (const std::string_view name : {"a\nb", "\xc3\xbc", ""}) {
      table.cell(Value::text_of(name));
      table.cell(Value::of(name.size() * 100));
      table.cell(Value{});
    }
    table.finish();
  }
  out.flush();
  BOOST_TEST(sink.text == "name   n last\na.b  300 -\n\xc3\xbc    200 -\n-      0 -\n");
}

BOOST_AUTO_TEST_SUITE_END()
