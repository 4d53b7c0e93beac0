// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/inet.h"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <map>
#include <memory>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// Decodes a single message from a block of memory that ends where the message ends.
struct Decoded {
  std::unique_ptr<std::byte[]> memory;
  Socket socket;
  InetDetail detail{};
  Coverage coverage;
  bool decoded;

  Decoded(const Wire& payload, Protocol protocol, FieldSet wanted = everything())
      : memory(std::make_unique<std::byte[]>(payload.size())) {
    std::memcpy(memory.get(), payload.bytes().data(), payload.size());
    decoded = decode_inet({memory.get(), payload.size()}, protocol, inet_attributes(wanted, protocol, false), socket,
                          detail, coverage);
  }
  Decoded(std::uint16_t type, const Wire& value, Protocol protocol = Protocol::tcp, FieldSet wanted = everything())
      : Decoded(Inet{}.payload(Wire().attribute(type, value)), protocol, wanted) {}
};

Wire request_of(const Script& script, std::size_t index) { return Wire().append(script.requests.at(index)); }

Wire expected_request(std::uint8_t family, std::uint8_t protocol, std::uint8_t extensions, std::uint32_t states,
                      const Wire& attributes = {}) {
  return Wire()
      .u32("nlmsg_len", static_cast<std::uint32_t>(72 + attributes.size())).u16("nlmsg_type", 20)
      .u16("nlmsg_flags", 0x301).u32("nlmsg_seq", 123456).u32("nlmsg_pid", 0)
      .u8("sdiag_family", family).u8("sdiag_protocol", protocol).u8("idiag_ext", extensions).u8("pad", 0)
      .u32("idiag_states", states).zeros("id", 48)
      .append(attributes);
}

std::uint8_t extensions_for(FieldSet wanted, Protocol protocol = Protocol::tcp) {
  Script script;
  script.datagram(done());
  run(script, query({protocol}, wanted));
  return std::to_integer<std::uint8_t>(script.requests.at(0).at(18));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inet)

BOOST_AUTO_TEST_CASE(fixed_part) {
  const Decoded one(Inet{.family = 10, .state = 4, .timer = 1, .retrans = 2, .sport = 0x1234, .dport = 443,
                     .src = std::string_view("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16), .ifindex = 3,
                     .cookie_low = 0x89abcdef, .cookie_high = 0x01234567, .expires = 1500, .rqueue = 5, .wqueue = 6,
                     .uid = 1001, .inode = 0xfffffff0}.payload(),
                Protocol::tcp, {});
  const Socket& s = one.socket;
  BOOST_REQUIRE(one.decoded);
  BOOST_TEST((s.protocol == Protocol::tcp && s.family == Family::inet6 && s.state == State::fin_wait1));
  BOOST_TEST((s.timer == Timer::retransmit));
  BOOST_TEST(s.timer_count == 2u);
  BOOST_TEST(s.timer_ms == 1500u);
  BOOST_TEST(s.local.port == 0x1234u);
  BOOST_TEST(s.remote.port == 443u);
  BOOST_TEST((s.local.address == Address{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  BOOST_TEST((s.remote.address == Address{10, 0, 0, 2}));
  BOOST_TEST(s.ifindex == 3u);
  BOOST_TEST(s.cookie == 0x0123456789abcdefu);
  BOOST_TEST(s.rqueue == 5u);
  BOOST_TEST(s.wqueue == 6u);
  BOOST_TEST(s.uid == 1001u);
  BOOST_TEST(s.inode == 0xfffffff0u);
  BOOST_TEST(s.inet == nullptr);
  BOOST_TEST((s.present == FieldSet{Field::queues, Field::inode, Field::cookie, Field::timer, Field::timer_count,
                                    Field::interface, Field::uid}));
}

BOOST_AUTO_TEST_CASE(listener_queues_are_its_backlog) {
  const Inet listener{.state = 10, .rqueue = 1, .wqueue = 128};
  for (const Protocol p : {Protocol::tcp, Protocol::mptcp, Protocol::sctp}) {
    const Decoded one(listener.payload(), p);
    BOOST_TEST(one.socket.rqueue == 1u);
    BOOST_TEST(one.socket.wqueue == 0u);
    BOOST_TEST(one.socket.backlog_limit == 128u);
    BOOST_TEST(one.socket.has(Field::backlog));
  }
  const Decoded dccp(listener.payload(), Protocol::dccp);
  BOOST_TEST(!dccp.socket.has(Field::backlog));
  const Decoded established(Inet{.wqueue = 128}.payload(), Protocol::tcp);
  BOOST_TEST(established.socket.wqueue == 128u);
  BOOST_TEST(!established.socket.has(Field::backlog));
}

BOOST_AUTO_TEST_CASE(retransmits_are_known_with_tcp_info_only) {
  Wire info;
  info.u8("tcpi_state", 1).u8("tcpi_ca_state", 0).u8("tcpi_retransmits", 3).u8("tcpi_probes", 2).zeros("…", 100);
  const Decoded with(uapi::kInetInfo, info);
  BOOST_TEST(with.socket.has(Field::retransmits));
  BOOST_TEST(with.socket.retransmits == 3u);
  BOOST_TEST(with.socket.probes == 2u);
  BOOST_TEST(!Decoded(Inet{}.payload(), Protocol::tcp).socket.has(Field::retransmits));
  BOOST_TEST(!Decoded(Inet{.state = 3}.payload(), Protocol::tcp).socket.has(Field::retransmits));
  BOOST_TEST(Decoded(Inet{.state = 6}.payload(), Protocol::tcp).socket.has(Field::retransmits));
  BOOST_TEST(Decoded(Inet{.state = 7}.payload(), Protocol::udp).socket.has(Field::retransmits));
}

BOOST_AUTO_TEST_CASE(attributes_with_numbers) {
  const Wire word = Wire().u32("value", 0xab);
  BOOST_TEST(Decoded(uapi::kInetMark, word).socket.mark == 0xabu);
  BOOST_TEST(Decoded(uapi::kInetShutdown, Wire().u8("value", 3)).socket.shutdown == 3);
  BOOST_TEST(Decoded(uapi::kInetV6only, Wire().u8("value", 1)).socket.v6only == 1);
  BOOST_TEST(Decoded(uapi::kInetProtocol, Wire().u8("value", 58), Protocol::raw).socket.ip_protocol == 58);
  BOOST_TEST(Decoded(uapi::kInetCgroup, Wire().u64("value", 0x123456789)).socket.cgroup_id == 0x123456789u);
  BOOST_TEST(Decoded(uapi::kInetTos, Wire().u8("value", 0x10)).detail.tos == 0x10);
  BOOST_TEST(Decoded(uapi::kInetTclass, Wire().u8("value", 0x20)).detail.tclass == 0x20);
  BOOST_TEST(Decoded(uapi::kInetClassId, Wire().u32("value", 0x10001)).detail.class_id == 0x10001u);
  constexpr std::uint8_t kFirstThree = std::endian::native == std::endian::little ? 0x07 : 0xe0;
  const Decoded sockopt(uapi::kInetSockopt, Wire().u8("byte 0", 0xff).u8("byte 1", kFirstThree));
  BOOST_TEST(sockopt.detail.sockopt[0] == 0xff);
  BOOST_TEST(sockopt.detail.sockopt[1] == 7);
  const Decoded vegas(uapi::kInetVegasInfo, Wire().words("tcpvegas_info", {1, 2, 500, 400}));
  BOOST_TEST(vegas.detail.vegas.rtt == 500u);
  BOOST_TEST(vegas.detail.vegas.minrtt == 400u);
  const Decoded dctcp(uapi::kInetDctcpInfo, Wire().u16("enabled", 1).u16("ce_state", 2).words("rest", {1023, 5, 6}));
  BOOST_TEST(dctcp.detail.dctcp.ce_state == 2);
  BOOST_TEST(dctcp.detail.dctcp.ab_tot == 6u);
  const Decoded bbr(uapi::kInetBbrInfo, Wire().words("tcp_bbr_info", {1000, 1, 1234, 739, 512}));
  BOOST_TEST(bbr.detail.bbr.bw_hi == 1u);
  BOOST_TEST(bbr.detail.bbr.cwnd_gain == 512u);
  const Decoded mem(uapi::kInetMeminfo, Wire().words("inet_diag_meminfo", {1, 2, 3, 4}));
  BOOST_TEST(mem.detail.memory.meminfo[3] == 4u);
  BOOST_TEST(mem.socket.has(Field::meminfo));
  BOOST_TEST(mem.socket.inet == &mem.detail);
}

BOOST_AUTO_TEST_CASE(skmem_grew_twice) {
  const Decoded nine(uapi::kInetSkMeminfo, Wire().words("", {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  BOOST_TEST(nine.detail.memory.skmem_words == 9u);
  BOOST_TEST(nine.detail.memory.skmem[8] == 9u);
  BOOST_TEST(nine.socket.has(Field::drops));
  BOOST_TEST(nine.socket.drops == 9u);
  const Decoded seven(uapi::kInetSkMeminfo, Wire().words("", {1, 2, 3, 4, 5, 6, 7}));
  BOOST_TEST(seven.detail.memory.skmem_words == 7u);
  BOOST_TEST(!seven.socket.has(Field::drops));
  const Decoded ten(uapi::kInetSkMeminfo, Wire().words("", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  BOOST_TEST(ten.detail.memory.skmem_words == 9u);
}

BOOST_AUTO_TEST_CASE(congestion_name_with_and_without_nul) {
  BOOST_TEST(Decoded(uapi::kInetCongestion, Wire().text("", {"cubic\0", 6})).detail.congestion == "cubic");
  BOOST_TEST(Decoded(uapi::kInetCongestion, Wire().text("", "reno")).detail.congestion == "reno");
  BOOST_TEST(Decoded(uapi::kInetCongestion, Wire()).detail.congestion == "");
}

BOOST_AUTO_TEST_CASE(structures_that_grow) {
  // 104 bytes: Linux 2.6.
  const Decoded older(uapi::kInetInfo, Wire().zeros("…", 68).u32("tcpi_rtt", 12345).zeros("…", 32));
  BOOST_TEST(older.detail.tcp_info.value.rtt == 12345u);
  BOOST_TEST(older.detail.tcp_info.has(&TcpInfo::total_retrans));
  BOOST_TEST(!older.detail.tcp_info.has(&TcpInfo::pacing_rate));
  const Decoded newer(uapi::kInetInfo, Wire().zeros("…", 236).u32("tcpi_rehash", 4).zeros("…", 100));
  BOOST_TEST(newer.detail.tcp_info.value.rehash == 4u);
  BOOST_TEST(newer.detail.tcp_info.length == 340u);
  const Decoded mptcp(uapi::kInetInfo, Wire().zeros("…", 12).u32("mptcpi_token", 0xabc).zeros("…", 24),
                      Protocol::mptcp);
  BOOST_TEST(mptcp.detail.mptcp_info.value.token == 0xabcu);
  BOOST_TEST(!mptcp.socket.has(Field::tcp_info));
}

BOOST_AUTO_TEST_CASE(raw_groups_point_into_the_message) {
  const Decoded md5(uapi::kInetMd5, Wire().zeros("tcp_diag_md5sig", 200));
  BOOST_TEST(md5.detail.md5_keys.size() == 200u);
  const Decoded ulp(uapi::kInetUlp, Wire().attribute(1, Wire().text("name", {"tls\0", 4})));
  BOOST_TEST(ulp.detail.ulp.size() == 8u);
  const Decoded sctp(Inet{}.payload(Wire()
                                    .attribute(uapi::kInetInfo, Wire().zeros("sctp_info", 216))
                                    .attribute(uapi::kInetLocals, Wire().zeros("sockaddr_storage", 256))
                                    .attribute(uapi::kInetPeers, Wire().zeros("sockaddr_storage", 128))),
                 Protocol::sctp);
  BOOST_TEST(sctp.detail.sctp_info.size() == 216u);
  BOOST_TEST(sctp.detail.local_addresses.size() == 256u);
  BOOST_TEST(sctp.detail.peer_addresses.size() == 128u);
  BOOST_TEST(sctp.socket.has(Field::sctp_info));
}

// An endpoint's row must not inherit the peers of an association that was in the same slot.
BOOST_AUTO_TEST_CASE(sctp_rows_do_not_leak_into_each_other) {
  Script script;
  const Wire full =
      Wire().attribute(uapi::kInetInfo, Wire().zeros("", 216)).attribute(uapi::kInetPeers, Wire().zeros("", 128));
  for (unsigned i = 0; i < 2; ++i)
    script.datagram(Inet{}.message(i == 0 ? full : Wire().attribute(uapi::kInetLocals, Wire().zeros("", 128))));
  script.datagram(done());
  std::vector<std::size_t> peers;
  run(script, query({Protocol::sctp}, {Field::sctp_info}),
      [&](const Socket& s) { peers.push_back(s.inet->peer_addresses.size()); });
  BOOST_TEST(peers == (std::vector<std::size_t>{128, 0}), boost::test_tools::per_element());
}

// Every attribute with a minimum size: one byte less is malformed and leaves the field absent; that size and more are
// decoded alike.
BOOST_AUTO_TEST_CASE(short_exact_and_long_values) {
  const std::map<std::uint16_t, std::pair<std::size_t, Field>> smallest = {
      {uapi::kInetMeminfo, {16, Field::meminfo}},   {uapi::kInetVegasInfo, {16, Field::vegas_info}},
      {uapi::kInetTos, {1, Field::tos}},            {uapi::kInetTclass, {1, Field::tclass}},
      {uapi::kInetSkMeminfo, {28, Field::skmem}},   {uapi::kInetShutdown, {1, Field::shutdown}},
      {uapi::kInetDctcpInfo, {16, Field::dctcp_info}}, {uapi::kInetProtocol, {1, Field::ip_protocol}},
      {uapi::kInetV6only, {1, Field::v6only}},      {uapi::kInetMark, {4, Field::mark}},
      {uapi::kInetBbrInfo, {20, Field::bbr_info}},  {uapi::kInetClassId, {4, Field::class_id}},
      {uapi::kInetCgroup, {8, Field::cgroup}},      {uapi::kInetSockopt, {2, Field::sockopt}},
  };
  for (const auto& [type, row] : smallest) {
    const auto& [size, field] = row;
    BOOST_TEST_CONTEXT("attribute " << type) {
      const Decoded cut(type, Wire().zeros("", size - 1));
      BOOST_TEST(!cut.socket.has(field));
      BOOST_TEST(cut.coverage.malformed == 1u);
      for (const std::size_t more : {0, 1, 100}) {
        const Decoded whole(type, Wire().zeros("", size + more));
        BOOST_TEST(whole.socket.has(field));
        BOOST_TEST(whole.coverage.malformed == 0u);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_attributes_are_skipped_and_counted) {
  const Decoded one(Inet{}.payload(Wire()
                                       .attribute(0, Wire().u32("", 1))
                                       .attribute(kAttributeNumbers - 1,
                                                  Wire().u32("", 1))  // not the kernel's next: that one gets a row
                                       .attribute(4000, Wire().zeros("", 300))
                                       .attribute(uapi::kInetPad, Wire())
                                       .attribute(uapi::kInetMark, Wire().u32("", 5))),
                    Protocol::tcp);
  BOOST_TEST(one.coverage.unknown == 3u);
  BOOST_TEST(one.coverage.malformed == 0u);
  BOOST_TEST(one.socket.mark == 5u);
}

BOOST_AUTO_TEST_CASE(broken_attribute_area_keeps_what_came_before) {
  const Decoded one(
      Inet{}.payload(
          Wire().attribute(uapi::kInetMark, Wire().u32("", 5)).u16("nla_len", 200).u16("nla_type", uapi::kInetTos)),
      Protocol::tcp);
  BOOST_TEST(one.decoded);
  BOOST_TEST(one.socket.mark == 5u);
  BOOST_TEST(one.coverage.malformed == 1u);
}

BOOST_AUTO_TEST_CASE(rare_members_are_read_only_if_wanted) {
  const Decoded one(uapi::kInetSockopt, Wire().u8("", 1).u8("", 1), Protocol::tcp, {Field::uid});
  BOOST_TEST(one.socket.inet == nullptr);
  BOOST_TEST(!one.socket.has(Field::sockopt));
  BOOST_TEST(one.coverage.unknown == 0u);
}

// Without the lists, an endpoint of the other family has no address.
BOOST_AUTO_TEST_CASE(address_lists_of_sctp_are_read_unasked) {
  const Decoded one(uapi::kInetPeers, Wire().zeros("sockaddr_storage", 128), Protocol::sctp, {Field::uid});
  BOOST_TEST(one.detail.peer_addresses.size() == 128u);
  BOOST_TEST(extensions_for({Field::uid}, Protocol::sctp) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_asked) {
  BOOST_TEST(extensions_for({}) == 0);
  BOOST_TEST(extensions_for({Field::meminfo, Field::skmem}) == 0x41);
  BOOST_TEST(extensions_for({Field::drops}) == 0x40);
  BOOST_TEST(extensions_for({Field::tcp_info, Field::vegas_info, Field::congestion}) == 0x0e);
  BOOST_TEST(extensions_for({Field::bbr_info}) == 0x04);
  BOOST_TEST(extensions_for({Field::dctcp_info}) == 0x04);
  BOOST_TEST(extensions_for({Field::tos, Field::tclass}) == 0x30);
  BOOST_TEST(extensions_for({Field::class_id}) == 0x20);
  BOOST_TEST(extensions_for({Field::retransmits}) == 0x02);
  BOOST_TEST(extensions_for({Field::sctp_info}, Protocol::sctp) == 0x02);
  BOOST_TEST(extensions_for({Field::sctp_info}, Protocol::tcp) == 0);
  BOOST_TEST(extensions_for({Field::mptcp_info}, Protocol::mptcp) == 0x02);
  BOOST_TEST(extensions_for({Field::uid, Field::shutdown, Field::cgroup, Field::ulp, Field::md5_keys}) == 0);
}

// LISTEN together with CLOSE costs a walk over every connection, and the table never has a TCP socket in CLOSE.
BOOST_AUTO_TEST_CASE(close_is_not_asked_of_tcp_beside_listen) {
  const struct { Protocol protocol; std::uint8_t number; StateMask asked, sent; } rows[] = {
      {Protocol::tcp, 6, 0x480, 0x400},
      {Protocol::tcp, 6, 0x080, 0x080},
      {Protocol::tcp, 6, 0x482, 0x482},
      {Protocol::tcp, 6, 0x3fff, 0x3fff},
      {Protocol::udp, 17, 0x480, 0x480},
  };
  for (const auto& row : rows) {
    Script script;
    script.datagram(done());
    Query q = query({row.protocol}, {}, {Family::inet});
    q.states = row.asked;
    run(script, q);
    BOOST_REQUIRE(script.requests.size() == 1u);
    BOOST_TEST(std::ranges::equal(request_of(script, 0).bytes(), expected_request(2, row.number, 0, row.sent).bytes()));
  }
}

BOOST_AUTO_TEST_CASE(both_families_in_order_with_the_states_as_given) {
  Script script;
  script.datagram(done()).datagram(done());
  Query q = query({Protocol::udp}, {Field::skmem}, {Family::inet6, Family::inet});
  q.states = 0x3b37;
  run(script, q);
  BOOST_REQUIRE(script.requests.size() == 2u);
  BOOST_TEST(std::ranges::equal(request_of(script, 0).bytes(), expected_request(2, 17, 0x40, 0x3b37).bytes()));
  const Wire ipv6 = expected_request(10, 17, 0x40, 0x3b37);
  std::vector<std::byte> second(ipv6.bytes().begin(), ipv6.bytes().end());
  answer(second, 123457);  // the rest of the first reply must not be taken for the second
  BOOST_TEST(std::ranges::equal(request_of(script, 1).bytes(), second));
}

BOOST_AUTO_TEST_CASE(mptcp_and_storages_are_asked_for_by_attributes) {
  Script script;
  script.datagram(done());
  run(script, query({Protocol::mptcp}, {Field::bpf_storage}, {Family::inet6}));
  const Wire attributes = Wire().attribute(3, Wire().u32("INET_DIAG_REQ_PROTOCOL", 262)).attribute(2 | 0x8000, Wire());
  BOOST_TEST(std::ranges::equal(request_of(script, 0).bytes(), expected_request(10, 6, 0, 0x3fff, attributes).bytes()));
}

BOOST_AUTO_TEST_CASE(chosen_maps_are_asked_for_by_descriptor) {
  Script script;
  script.datagram(done());
  Query q = query({Protocol::udp}, {Field::bpf_storage}, {Family::inet});
  const int fds[] = {7, 300};
  q.storage_maps = fds;
  run(script, q);
  const Wire maps =
      Wire().attribute(1, Wire().u32("SK_DIAG_BPF_STORAGE_REQ_MAP_FD", 7)).attribute(1, Wire().u32("", 300));
  const Wire attributes = Wire().attribute(2 | 0x8000, maps);
  BOOST_TEST(std::ranges::equal(request_of(script, 0).bytes(), expected_request(2, 17, 0, 0x3fff, attributes).bytes()));
}

// Without CAP_BPF the kernel refuses the whole dump, not only the storages. UDP has no other request to fall back on.
BOOST_AUTO_TEST_CASE(forbidden_storages_cost_the_dump) {
  Script script;
  script.datagram(refused(EPERM));
  const Coverage c = run(script, query({Protocol::udp}, {Field::bpf_storage}, {Family::inet, Family::inet6}));
  BOOST_TEST(c.rows == 0u);
  BOOST_TEST(c.error == EPERM);
  BOOST_TEST(script.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(forbidden_storages_are_not_in_the_old_request) {
  Script script;
  script.datagram(refused(EPERM)).datagram(Inet{}.message()).datagram(done());
  const Coverage c = run(script, query({Protocol::tcp}, {Field::bpf_storage}, {Family::inet, Family::inet6}));
  BOOST_TEST(c.rows == 1u);
  BOOST_TEST(c.error == 0);
  BOOST_REQUIRE(script.requests.size() == 2u);
  BOOST_TEST(script.requests[1].size() == 76u);  // header and fixed part
}

BOOST_AUTO_TEST_CASE(filter_bytecode_is_appended) {
  Script script;
  script.datagram(done());
  ScriptedTransport transport(script);
  ReceiveBuffer buffer;
  Coverage coverage;
  Dump dump(transport, buffer, [](std::span<const Socket>) { return true; }, coverage);
  const Wire program = Wire().words("inet_diag_bc_op", {0x00080401});
  dump_inet(dump, query({Protocol::tcp}), Protocol::tcp, program.bytes());
  BOOST_TEST(std::ranges::equal(request_of(script, 0).bytes(),
                                expected_request(2, 6, 0, 0x3fff, Wire().attribute(1, program)).bytes()));
}

BOOST_AUTO_TEST_CASE(old_kernel_is_asked_the_old_way_once_and_tells_both_families) {
  Script script;
  script.datagram(refused(EINVAL))
      .datagram(Wire().append(Inet{.family = 2}.message()).append(Inet{.family = 10}.message()))
      .datagram(done());
  Query q = query({Protocol::tcp}, {}, {Family::inet, Family::inet6});
  const Coverage c = run(script, q);
  BOOST_TEST(c.rows == 2u);
  BOOST_TEST(c.error == 0);
  BOOST_REQUIRE(script.requests.size() == 2u);
  const Wire expected = Wire()
                            .u32("nlmsg_len", 76).u16("nlmsg_type", 18).u16("nlmsg_flags", 0x301)
                            .u32("nlmsg_seq", 123457).u32("nlmsg_pid", 0)
                            .u8("idiag_family", 2).u8("src_len", 0).u8("dst_len", 0).u8("ext", 0).zeros("id", 48)
                            .u32("idiag_states", 0x3fff).u32("idiag_dbs", 0);
  BOOST_TEST(std::ranges::equal(request_of(script, 1).bytes(), expected.bytes()));
}

BOOST_AUTO_TEST_CASE(old_way_for_the_second_family_repeats_nothing) {
  Script script;
  script.datagram(Inet{.family = 2}.message()).datagram(done())
      .datagram(refused(EINVAL))
      .datagram(Wire().append(Inet{.family = 2}.message()).append(Inet{.family = 10}.message())).datagram(done());
  std::vector<Family> seen;
  run(script, query({Protocol::tcp}, {}, {Family::inet, Family::inet6}),
      [&](const Socket& s) { seen.push_back(s.family); });
  BOOST_TEST((seen == std::vector<Family>{Family::inet, Family::inet6}));
}

BOOST_AUTO_TEST_CASE(old_way_refused_too_tells_the_first_reason) {
  Script script;
  script.datagram(refused(ENOENT)).datagram(refused(EINVAL));
  const Coverage c = run(script, query({Protocol::dccp}));
  BOOST_TEST(c.error == ENOENT);
  BOOST_TEST((c.operation == Operation::diag_dump));
  BOOST_TEST(c.object == "dccp");
  BOOST_TEST(script.requests.size() == 2u);
  uapi::MessageHeader second{};
  BOOST_TEST(read_at(script.requests.at(1), 0, second));
  BOOST_TEST(second.type == 19);
}

BOOST_AUTO_TEST_CASE(truncation_and_damage) {
  const Wire attributes = Wire()
                              .attribute(uapi::kInetSkMeminfo, Wire().words("", {1, 2, 3, 4, 5, 6, 7, 8, 9}))
                              .attribute(uapi::kInetCongestion, Wire().text("", {"bbr\0", 4}))
                              .attribute(uapi::kInetInfo, Wire().zeros("", 40))
                              .attribute(uapi::kInetShutdown, Wire().u8("", 1))
                              .attribute(uapi::kInetUlp, Wire().attribute(1, Wire().text("", "tls")));
  const Wire whole = Wire().append(Inet{}.message(attributes)).append(Inet{.state = 10}.message());
  for (const Protocol p : {Protocol::tcp, Protocol::sctp, Protocol::mptcp})
    survive(query({p}, everything()), whole, [](const char* why) { BOOST_ERROR(why); });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(listener_uids)

namespace {
/// The uid of a request from 10.0.0.1 to port 80, in a table with `listeners` before it; -1: absent.
long uid_of_request(std::initializer_list<Inet> listeners,
                    Inet request = {.state = 3, .sport = 80, .uid = 0, .inode = 0}, FieldSet wanted = {Field::uid},
                    StateMask states = kAllStates, const Wire& attributes = {}) {
  Script script;
  for (const Inet& listener : listeners) script.datagram(listener.message());
  script.datagram(request.message(attributes)).datagram(done());
  Query q = query({Protocol::tcp}, wanted);
  q.states = states;
  long uid = -2;
  run(script, q, [&](const Socket& s) {
    if (s.state == State::syn_recv) uid = s.has(Field::uid) ? static_cast<long>(s.uid) : -1;
  });
  return uid;
}
constexpr std::string_view kAny{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16},
    kOther{"\x0a\0\0\x63\0\0\0\0\0\0\0\0\0\0\0\0", 16};
}  // namespace

BOOST_AUTO_TEST_CASE(a_request_has_its_listeners_uid) {
  BOOST_TEST(uid_of_request({}) == -1);
  BOOST_TEST(uid_of_request({Inet{.state = 10, .sport = 80, .uid = 33}}) == 33);
  BOOST_TEST(uid_of_request({Inet{.state = 10, .sport = 80, .src = kAny, .uid = 34}}) == 34);
  BOOST_TEST(uid_of_request({Inet{.state = 10, .sport = 81, .uid = 33}}) == -1);
  BOOST_TEST(uid_of_request({Inet{.state = 10, .sport = 80, .src = kOther, .uid = 33}}) == -1);
  BOOST_TEST(uid_of_request({Inet{.family = 10, .state = 10, .sport = 80, .src = kAny, .uid = 33}}) == -1);
  BOOST_TEST(uid_of_request({Inet{.state = 1, .sport = 80, .uid = 33}}) == -1);
}

// TCP Fast Open: a full socket in SYN-RECV. It has its inode once it is accepted; before that, an attribute that no
// request has.
BOOST_AUTO_TEST_CASE(a_full_socket_in_syn_recv_has_its_own_uid) {
  const Inet listener{.state = 10, .sport = 80, .uid = 1000};
  BOOST_TEST(uid_of_request({listener}, Inet{.state = 3, .sport = 80, .uid = 0, .inode = 77}) == 0);
  BOOST_TEST(uid_of_request({}, Inet{.state = 3, .sport = 80, .uid = 33, .inode = 77}) == 33);
  const Wire full = Wire().attribute(uapi::kInetShutdown, Wire().u8("shutdown", 0));
  const Wire request = Wire().attribute(uapi::kInetMark, Wire().u32("mark", 7));
  BOOST_TEST(uid_of_request({listener}, Inet{.state = 3, .sport = 80, .uid = 0, .inode = 0}, {Field::uid}, kAllStates,
                            full) == 0);
  BOOST_TEST(uid_of_request({listener}, Inet{.state = 3, .sport = 80, .uid = 0, .inode = 0}, {Field::uid}, kAllStates,
                            request) == 1000);
}

BOOST_AUTO_TEST_CASE(the_best_match_decides) {
  const Inet exact{.state = 10, .sport = 80, .uid = 33}, any{.state = 10, .sport = 80, .src = kAny, .uid = 34};
  const Inet device{.state = 10, .sport = 80, .src = kAny, .ifindex = 2, .uid = 35};
  BOOST_TEST(uid_of_request({any, exact}) == 33);
  BOOST_TEST(uid_of_request({exact, any}) == 33);
  BOOST_TEST(uid_of_request({any, device}) == 34);
  const Inet by_device{.state = 3, .sport = 80, .ifindex = 2, .uid = 0, .inode = 0};
  BOOST_TEST(uid_of_request({any, device}, by_device) == 35);
  BOOST_TEST(uid_of_request({any, Inet{.state = 10, .sport = 80, .src = kAny, .uid = 36}}) == -1);
  BOOST_TEST(uid_of_request({any, any}) == 34);
}

BOOST_AUTO_TEST_CASE(only_if_wanted_and_possible) {
  const Inet listener{.state = 10, .sport = 80, .uid = 33}, request{.state = 3, .sport = 80, .uid = 0, .inode = 0};
  BOOST_TEST(uid_of_request({listener}, request, {}) == -1);
  BOOST_TEST(uid_of_request({listener}, request, {Field::uid}, mask_of(State::syn_recv)) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
