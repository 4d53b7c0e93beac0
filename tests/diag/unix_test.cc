// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/unix.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// struct unix_diag_msg
struct Unix {
  std::uint8_t type = 1, state = 1;
  std::uint32_t inode = 100;
  Wire message(const Wire& attributes = {}) const {
    return wire::message(Wire()
                             .u8("udiag_family", 1).u8("udiag_type", type).u8("udiag_state", state).u8("pad", 0)
                             .u32("udiag_ino", inode).u32("udiag_cookie[0]", 2).u32("udiag_cookie[1]", 1)
                             .append(attributes));
  }
};

template <class See>
Coverage see_one(const Wire& message, See see, FieldSet wanted = everything()) {
  Script script;
  script.datagram(message).datagram(done());
  unsigned rows = 0;
  const Coverage c = run(script, query(kUnixProtocols, wanted), [&](const Socket& s) { ++rows, see(s); });
  BOOST_TEST(rows == 1u);
  return c;
}

std::uint32_t show_for(FieldSet wanted) {
  Script script;
  script.datagram(done());
  run(script, query(kUnixProtocols, wanted));
  std::uint32_t show = 0;
  read_at(script.requests.at(0), 16 + 12, show);
  return show;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_domain)

BOOST_AUTO_TEST_CASE(request) {
  Script script;
  script.datagram(done());
  Query q = query({Protocol::unix_dgram}, {Field::unix_name, Field::unix_peer, Field::queues});
  q.states = 0xb37;
  run(script, q);
  const Wire expected = Wire()
                            .u32("nlmsg_len", 40).u16("nlmsg_type", 20).u16("nlmsg_flags", 0x301)
                            .u32("nlmsg_seq", 123456).u32("nlmsg_pid", 0)
                            .u8("sdiag_family", 1).u8("sdiag_protocol", 0).u16("pad", 0).u32("udiag_states", 0xb37)
                            .u32("udiag_ino", 0).u32("udiag_show", 0x15).zeros("udiag_cookie", 8);
  BOOST_TEST(std::ranges::equal(Bytes(script.requests.at(0)), expected.bytes()));
}

BOOST_AUTO_TEST_CASE(what_is_asked) {
  BOOST_TEST(show_for({}) == 0u);
  BOOST_TEST(show_for({Field::unix_vfs}) == 2u);
  BOOST_TEST(show_for({Field::unix_pending}) == 8u);
  BOOST_TEST(show_for({Field::backlog}) == 0x10u);
  BOOST_TEST(show_for({Field::skmem}) == 0x20u);
  BOOST_TEST(show_for({Field::uid}) == 0x40u);
  BOOST_TEST(show_for({Field::shutdown, Field::inode, Field::unix_flags}) == 0u);
}

BOOST_AUTO_TEST_CASE(connected_path_socket) {
  const Wire attributes = Wire()
                              .attribute(0, Wire().text("sun_path", {"/run/x\0", 7}))
                              .attribute(1, Wire().u32("udiag_vfs_ino", 555).u32("udiag_vfs_dev", 0x800003))
                              .attribute(2, Wire().u32("peer", 101))
                              .attribute(4, Wire().u32("udiag_rqueue", 5).u32("udiag_wqueue", 6))
                              .attribute(5, Wire().words("sk_meminfo", {1, 2, 3, 4, 5, 6, 7, 8, 9}))
                              .attribute(6, Wire().u8("shutdown", 2))
                              .attribute(7, Wire().u32("uid", 1000));
  const Coverage c = see_one(Unix{}.message(attributes), [](const Socket& s) {
    BOOST_TEST(
        (s.protocol == Protocol::unix_stream && s.family == Family::unix_domain && s.state == State::established));
    BOOST_TEST(s.type == 1);
    BOOST_TEST(s.inode == 100u);
    BOOST_TEST(s.cookie == 0x100000002u);
    BOOST_TEST(s.unix_domain->name == "/run/x");
    BOOST_TEST(!s.unix_domain->name_is_text);
    BOOST_TEST(s.unix_domain->vfs_inode == 555u);
    BOOST_TEST(s.unix_domain->vfs_device == 0x800003u);
    BOOST_TEST(s.unix_domain->peer_inode == 101u);
    BOOST_TEST(s.rqueue == 5u);
    BOOST_TEST(s.wqueue == 6u);
    BOOST_TEST(s.unix_domain->memory.skmem[8] == 9u);
    BOOST_TEST(s.drops == 9u);
    BOOST_TEST(s.shutdown == 2);
    BOOST_TEST(s.uid == 1000u);
    BOOST_TEST(s.unix_domain->flags == 0u);
    BOOST_TEST(s.unix_domain->socket_state == 3);
    BOOST_TEST((s.present == FieldSet{Field::inode, Field::cookie, Field::queues, Field::uid, Field::skmem,
                                      Field::drops, Field::shutdown, Field::unix_name, Field::unix_peer,
                                      Field::unix_vfs, Field::unix_flags}));
  });
  BOOST_TEST(c.malformed == 0u);
  BOOST_TEST(c.unknown == 0u);
}

BOOST_AUTO_TEST_CASE(names) {
  const auto name = [](std::string_view bytes) {
    std::string seen;
    see_one(Unix{}.message(Wire().attribute(0, Wire().text("sun_path", bytes))),
            [&](const Socket& s) { seen = s.unix_domain->name; });
    return seen;
  };
  const auto is = [&](std::string_view bytes, std::string_view expected) { BOOST_TEST(name(bytes) == expected); };
  is({"/a\0", 3}, "/a");
  is("/not closed", "/not closed");
  is({"\0abstract", 9}, {"\0abstract", 9});
  is({"\0a\0b\0", 5}, {"\0a\0b\0", 5});  // every byte of an abstract name is significant
  is({"\0", 1}, {"\0", 1});
  is({"", 0}, "");
}

BOOST_AUTO_TEST_CASE(nothing_sent_is_an_answer_for_name_and_peer_only) {
  see_one(Unix{}.message(), [](const Socket& s) {
    BOOST_TEST(
        (s.present == FieldSet{Field::inode, Field::cookie, Field::unix_name, Field::unix_peer, Field::unix_flags}));
    BOOST_TEST(s.unix_domain->name.empty());
    BOOST_TEST(s.unix_domain->peer_inode == 0u);
  });
  see_one(Unix{}.message(), [](const Socket& s) {
    BOOST_TEST((s.present == FieldSet{Field::inode, Field::cookie, Field::unix_flags}));
  }, {});
}

BOOST_AUTO_TEST_CASE(listener) {
  const Wire attributes = Wire()
                              .attribute(3, Wire().words("waiting", {7, 8, 9}))
                              .attribute(4, Wire().u32("udiag_rqueue", 3).u32("udiag_wqueue", 4096));
  see_one(Unix{.state = 10}.message(attributes), [](const Socket& s) {
    BOOST_TEST(s.rqueue == 3u);
    BOOST_TEST(s.wqueue == 0u);
    BOOST_TEST(s.backlog_limit == 4096u);
    BOOST_TEST(s.has(Field::backlog));
    BOOST_TEST(s.unix_domain->pending == (std::vector<std::uint32_t>{7, 8, 9}), boost::test_tools::per_element());
    BOOST_TEST(s.unix_domain->flags == 0x10000u);
    BOOST_TEST(s.unix_domain->socket_state == 1);
  });
  see_one(Unix{.state = 10}.message(Wire().attribute(3, Wire())), [](const Socket& s) {
    BOOST_TEST(s.has(Field::unix_pending));
    BOOST_TEST(s.unix_domain->pending.empty());
  });
}

BOOST_AUTO_TEST_CASE(pending_of_every_row_of_a_batch_stays) {
  Wire datagram;
  for (std::uint32_t i = 0; i < 200; ++i)
    datagram.append(Unix{.state = 10, .inode = i + 1}.message(Wire().attribute(3, Wire().words("", {i, i + 1}))));
  Script script;
  script.datagram(datagram).datagram(done());
  DiagBackend backend(open_script(script));
  std::uint32_t at = 0;
  backend.collect(query(kUnixProtocols, {Field::unix_pending}), [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) {
      BOOST_TEST(s.unix_domain->pending[0] == at);
      BOOST_TEST(s.unix_domain->pending[1] == ++at);
    }
    return true;
  });
  BOOST_TEST(at == 200u);
}

BOOST_AUTO_TEST_CASE(socket_states_as_procfs_has_them) {
  const auto state = [](std::uint8_t tcp_state, std::uint32_t inode) {
    int seen = 0;
    see_one(Unix{.state = tcp_state, .inode = inode}.message(),
            [&](const Socket& s) { seen = s.unix_domain->socket_state; });
    return seen;
  };
  BOOST_TEST(state(1, 5) == 3);
  BOOST_TEST(state(7, 5) == 1);
  BOOST_TEST(state(1, 0) == 2);
  BOOST_TEST(state(7, 0) == 4);
}

BOOST_AUTO_TEST_CASE(types_not_asked_for_are_dropped) {
  Script script;
  script.datagram(Wire()
                      .append(Unix{.type = 1}.message()).append(Unix{.type = 2}.message())
                      .append(Unix{.type = 5}.message()).append(Unix{.type = 2}.message()))
      .datagram(done());
  std::vector<Protocol> seen;
  const Coverage c = run(script, query({Protocol::unix_dgram, Protocol::unix_seqpacket}),
                         [&](const Socket& s) { seen.push_back(s.protocol); });
  BOOST_TEST((seen == std::vector<Protocol>{Protocol::unix_dgram, Protocol::unix_seqpacket, Protocol::unix_dgram}));
  BOOST_TEST(c.rows == 3u);
  BOOST_TEST(c.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(short_and_unknown_attributes) {
  const std::pair<std::uint16_t, std::size_t> smallest[] = {{1, 8}, {2, 4}, {4, 8}, {5, 28}, {6, 1}, {7, 4}};
  for (const auto& [type, size] : smallest)
    BOOST_TEST_CONTEXT("attribute " << type) {
      const auto with = [number = type](std::size_t length) {
        return see_one(Unix{}.message(Wire().attribute(number, Wire().zeros("", length))), [](const Socket&) {})
            .malformed;
      };
      BOOST_TEST(with(size - 1) == 1u);
      BOOST_TEST(with(size) == 0u);
      BOOST_TEST(with(size + 50) == 0u);
    }
  BOOST_TEST(see_one(Unix{}.message(Wire().attribute(kAttributeNumbers - 1, Wire())), [](const Socket&) {}).unknown ==
             1u);
  BOOST_TEST(see_one(Unix{}.message(Wire().attribute(3, Wire().zeros("", 7))), [](const Socket&) {}).malformed == 1u);
}

BOOST_AUTO_TEST_CASE(truncation_and_damage) {
  const Wire attributes = Wire()
                              .attribute(0, Wire().text("sun_path", {"\0abs", 4}))
                              .attribute(3, Wire().words("waiting", {7, 8, 9}))
                              .attribute(4, Wire().zeros("", 8));
  const Wire whole = Wire().append(Unix{.state = 10}.message(attributes)).append(Unix{}.message());
  survive(query(kUnixProtocols, everything()), whole, [](const char* why) { BOOST_ERROR(why); });
}

BOOST_AUTO_TEST_SUITE_END()
