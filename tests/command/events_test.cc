// duostat events over a copied /proc that changes while it is looked at, and over scripted messages of the kernel.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/events.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>

#include "tests/collect/fake_world.h"
#include "tests/command/changing_proc.h"
#include "tests/diag/wire.h"

using namespace duostat;
using duostat::test::ChangingProc;
using duostat::test::kConnection;
using duostat::test::tcp_row;

namespace {

const std::string kTimeWait = tcp_row("0100007F:1F90", "06", 0), kOther = tcp_row("0100007F:0016", "01", 12);

struct Watching : ChangingProc {
  using ChangingProc::ChangingProc;
  OpenTransport transport{};

  struct Ran {
    int status;
    std::string out, err;
    std::size_t sleeps;
    bool has(std::string_view text) const { return out.find(text) != std::string::npos; }
  };
  Ran run(std::vector<std::string> words) {
    StringSink sink;
    FakeWorld world(sink, ProcDir(tree.path()));
    if (transport) world.env.open_transport = transport;
    follow(world.clock);
    const int status = command::kEvents.run(command::kEvents, world.env, words);
    world.out.flush();
    return {status, sink.text, world.errors.text, world.clock.sleeps.size()};
  }
};

std::size_t lines(std::string_view text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

}  // namespace

BOOST_AUTO_TEST_SUITE(events_command)

BOOST_AUTO_TEST_CASE(a_life) {
  Watching watching;
  watching.at[150] = [&] { watching.set(kConnection); };
  watching.at[350] = [&] { watching.set(kTimeWait); };
  watching.at[550] = [&] { watching.set(""); };
  const auto ran = watching.run({"--source=poll", "--for=1s"});
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(ran.err.empty(), ran.err);
  BOOST_TEST(lines(ran.out) == 5u, ran.out);
  BOOST_TEST(ran.has("# 1970-01-01 UTC, source poll: differences between looks, of this network namespace every "
                     "100.000ms; cannot see: sockets that come and go between two looks, other network namespaces, "
                     "bytes\n"),
             ran.out);
  BOOST_TEST(ran.has("new   tcp  ESTAB                    127.0.0.1:8080        127.0.0.1:8192\n"), ran.out);
  BOOST_TEST(ran.has("state tcp  ESTAB > TIME-WAIT        127.0.0.1:8080        127.0.0.1:8192\n"), ran.out);
  BOOST_TEST(ran.has("gone  tcp  TIME-WAIT                127.0.0.1:8080        127.0.0.1:8192        "
                     "lasted:400.000ms\n"),
             ran.out);
  BOOST_TEST(ran.has("# 3 events; 11 looks: 1 new, 1 gone; sockets that"), ran.out);
}

BOOST_AUTO_TEST_CASE(sockets_of_the_first_look_are_not_new) {
  Watching watching(kConnection);
  watching.at[150] = [&] { watching.set(""); };
  const auto ran = watching.run({"--source=poll", "--for=300ms"});
  BOOST_TEST(!ran.has(" new  "), ran.out);
  BOOST_TEST(ran.has("gone  tcp  ESTAB                    127.0.0.1:8080        127.0.0.1:8192\n"), ran.out);
}

BOOST_AUTO_TEST_CASE(state_filter_and_where) {
  const auto with = [](std::vector<std::string> words) {
    Watching watching(kOther);
    watching.at[150] = [&] { watching.set(kOther + kConnection); };
    watching.at[250] = [&] { watching.set(kOther + kTimeWait); };
    watching.at[350] = [&] { watching.set(kOther); };
    watching.at[450] = [&] { watching.set(""); };
    words.insert(words.end(), {"--source=poll", "--for=600ms"});
    return lines(watching.run(words).out) - 2;
  };
  BOOST_TEST(with({}) == 4u);
  BOOST_TEST(with({"sport = :8080"}) == 3u);
  BOOST_TEST(with({"time-wait"}) == 2u);
  BOOST_TEST(with({"established", "sport = :8080"}) == 2u);
  BOOST_TEST(with({"--where=local_port = 22"}) == 1u);
  BOOST_TEST(with({"--where=state = time_wait"}) == 2u);
  BOOST_TEST(with({"listen"}) == 0u);
}

BOOST_AUTO_TEST_CASE(ends_after_so_many) {
  Watching watching;
  watching.at[150] = [&] { watching.set(kConnection + kOther); };
  const auto ran = watching.run({"--source=poll", "--top=1"});
  BOOST_TEST(lines(ran.out) == 3u, ran.out);
  BOOST_TEST(ran.has("# 1 event;"), ran.out);
}

BOOST_AUTO_TEST_CASE(json_lines) {
  Watching watching;
  watching.at[150] = [&] { watching.set(kConnection); };
  watching.at[250] = [&] { watching.set(""); };
  const auto ran = watching.run({"--source=poll", "--for=400ms", "--json=lines", "--interval=100ms"});
  BOOST_TEST(ran.has(R"({"record":"source","time":"1970-01-01T00:00:00.000000Z","source":"poll","interval_ms":100.0,)"
                     R"("cannot_see":["short-lived","namespaces","bytes"]})"),
             ran.out);
  BOOST_TEST(ran.has(R"("event":"new","protocol":"tcp","family":"inet","state":"established",)"
                     R"("local_address":"127.0.0.1","local_port":8080,"peer_address":"127.0.0.1","peer_port":8192,)"
                     R"("inode":4711,"uid":1000})"),
             ran.out);
  BOOST_TEST(ran.has(R"("event":"gone","protocol":"tcp","family":"inet","previous_state":"established",)"), ran.out);
  BOOST_TEST(ran.has(R"("duration_us":100000})"), ran.out);
  BOOST_TEST(ran.has(R"("record":"end","time":"1970-01-01T00:00:00.000000Z","events":2,"lost":0,"lost_unknown":0,)"
                     R"("out_of_order":0,"complete":true,)"),
             ran.out);
}

BOOST_AUTO_TEST_CASE(an_incomplete_look_says_so_and_nothing_is_gone) {
  Watching watching(kConnection);
  watching.at[150] = [&] { watching.set("   0: broken\n"); };
  watching.at[250] = [&] { watching.set(kConnection); };
  const auto ran = watching.run({"--source=poll", "--for=400ms"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(!ran.has(" gone "), ran.out);
  BOOST_TEST(!ran.has(" new  "), ran.out);
  BOOST_TEST(ran.has("lost  once lost an unknown number of events: tcp: 1 rows lost\n"), ran.out);
  BOOST_TEST(ran.has("# 0 events; once lost an unknown number of events: tcp: 1 rows lost; "), ran.out);
}

BOOST_AUTO_TEST_CASE(destroyed_sockets) {
  using namespace duostat::wire;
  Script script;
  const auto event = [](const Inet& inet) {
    return message(inet.payload(Wire().attribute(10, Wire().u8("protocol", 6))),
                   {.flags = 0, .sequence = 0, .port_id = 0});
  };
  script.datagram(event({.state = 7, .sport = 80, .inode = 0}))
      .error(ENOBUFS)
      .datagram(event({.state = 7, .sport = 81}));
  Watching watching;
  watching.transport = open_script(script);
  const auto ran = watching.run({"--source=destroy", "sport != :81"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.has("gone  tcp  -                        10.0.0.1:80           10.0.0.2:2000\n"), ran.out);
  BOOST_TEST(!ran.has("10.0.0.1:81"), ran.out);
  BOOST_TEST(ran.has("lost an unknown number of events: the kernel's queue was full"), ran.out);
  BOOST_TEST((script.groups == std::vector<std::uint32_t>{1, 3}));
}

BOOST_AUTO_TEST_CASE(no_source) {
  StringSink sink;
  FakeWorld world(sink);  // neither a kernel nor /proc
  const std::vector<std::string> words{"--source=auto"};
  BOOST_TEST(command::kEvents.run(command::kEvents, world.env, words) == 3);
  BOOST_TEST(world.errors.text.find("duostat events: no source: ") == 0u, world.errors.text);
  BOOST_TEST(world.errors.text.find("poll: ") != std::string::npos, world.errors.text);
}

BOOST_AUTO_TEST_CASE(mistakes) {
  struct Case {
    std::vector<std::string> words;
    std::string_view message;
  };
  for (const Case& c :
       {Case{{"lisen"}, "\"lisen\" is not a value of state; did you mean listen?"},
        Case{{"--source=pol"}, "--source: \"pol\" is none of auto, "}, Case{{"--source=pol"}, "did you mean poll?"},
        Case{{"--json"}, "--json: events have no end; write --json=lines"},
        Case{{"--for=soon"}, "--for: \"soon\" is not a time"}, Case{{"--top=0"}, "--top: \"0\" is not a number of 1"},
        Case{{"--interval=0"}, "--interval: must be 1ms or more"},
        Case{{"--source=destroy", "--interval=1"}, "--source=destroy: it does not look at intervals"},
        Case{{"--source=bpf"}, "--source=bpf: it asks the kernel of this host, and another /proc is in use"},
        Case{{"--source=perf", "-u"}, "--source=perf: it does not follow udp"},
        Case{{"--source=tracefs", "-p"}, "--source=tracefs: it does not tell owners"},
        Case{{"--source=destroy", "-p"}, "--source=destroy: it does not tell owners"},
        Case{{"--source=destroy", "established"}, "--source=destroy: it does not tell states"},
        Case{{"--source=destroy", "--where=state = listen"}, "--source=destroy: it does not tell states"},
        Case{{"--source=destroy", "--where=inode = 1"}, "--source=destroy: it does not tell inode"},
        Case{{"--source=destroy", "-x"}, "--source=destroy: it does not follow unix_stream"},
        Case{{"--source=destroy", "--via=procfs"}, "--source=destroy: it has neither --via nor --owners"},
        Case{{"--owners=procfs"}, "--owners: nothing here asks for owners"},
        Case{{"--where=sporrt = 1"}, "--where"}, Case{{"sport ~ 1"}, "expected:"}, Case{{"--form=x"}, "--form"}}) {
    const auto ran = Watching(kConnection).run(c.words);
    BOOST_TEST(ran.status == 2, c.words[0]);
    BOOST_TEST(ran.err.find(c.message) != std::string::npos, ran.err);
    BOOST_TEST(ran.out.empty(), ran.out);
    BOOST_TEST(ran.sleeps == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
