// -K: what is selected, closed and shown, and what is reported about the rest. A scripted kernel in, text out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "src/base/error.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"
#include "tests/diag/wire.h"

namespace duostat::ss {
namespace {

using namespace wire;
using Words = std::vector<std::string>;

struct ScriptedRun : Ran {
  std::vector<std::uint16_t> closed;  ///< source ports of SOCK_DESTROY requests, in their order
};

ScriptedRun run_script(Script& script, const Words& args) {
  StringSink sink;
  FakeWorld world(sink);
  world.env.open_transport = open_script(script);
  ScriptedRun result{};
  result.status = run_guarded(kSs, world.env, args);
  world.out.flush();
  result.out = sink.text;
  result.err = world.errors.text;
  for (const Bytes request : script.requests) {
    uapi::MessageHeader header;
    uapi::InetRequest body;
    if (read_at(request, 0, header) && header.type == uapi::kSockDestroy && read_at(request, sizeof header, body))
      result.closed.push_back(ntohs(body.id.source_port_be));
  }
  return result;
}

Wire destroyed(std::uint32_t sequence, int error = 0) {
  return message(Wire().u32("error", static_cast<std::uint32_t>(-error)).zeros("the request's header", 16),
                 {.type = kError, .sequence = sequence});
}

/// Connections from these ports, followed by the replies to closing them, in turn.
Script connections(const std::vector<std::uint16_t>& ports, const std::vector<int>& answers = {}) {
  Script script;
  Wire rows;
  std::uint32_t cookie = 1;
  for (const std::uint16_t port : ports) rows.append(Inet{.sport = port, .cookie_low = cookie++}.message());
  script.datagram(rows).datagram(done());
  std::uint32_t sequence = 0;
  for (const int error : answers) script.datagram(destroyed(++sequence, error));
  return script;
}

/// The same if each socket is closed before the end of the dump is read.
Script at_once(const std::vector<std::uint16_t>& ports, const std::vector<int>& answers) {
  Script script = connections(ports, answers);
  std::rotate(script.items.begin() + 1, script.items.begin() + 2, script.items.end());
  return script;
}

const Words kPorts{"-ntK4", "--via=netlink", "--columns=local_port", "-H"};
Words with(Words words, const Words& more) { return words.insert(words.end(), more.begin(), more.end()), words; }

using Ports = std::vector<std::uint16_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(kill)

BOOST_AUTO_TEST_CASE(only_the_first_is_closed_with_top) {
  Script script = at_once({10, 20, 30}, {0});
  const ScriptedRun r = run_script(script, with(kPorts, {"--top=1"}));
  BOOST_TEST((r.closed == Ports{10}));
  BOOST_TEST(r.out == "10\n");
  BOOST_TEST(r.status == 0);
}

BOOST_AUTO_TEST_CASE(in_order_after_sorting_and_only_those_that_are_shown) {
  Script script = connections({10, 30, 20}, {0, 0});
  const ScriptedRun r = run_script(script, with(kPorts, {"--sort=-local_port", "--top=2"}));
  BOOST_TEST((r.closed == Ports{30, 20}));
  BOOST_TEST(r.out == "30\n20\n");
  Script text = connections({10, 30, 20}, {0});
  const ScriptedRun t = run_script(text, {"-ntKH4", "--via=netlink", "--sort=-local_port", "--top=1"});
  BOOST_TEST((t.closed == Ports{30}));
  BOOST_TEST(t.out.find("10.0.0.1:30 ") != std::string::npos, t.out);
  BOOST_TEST(t.out.find("10.0.0.1:20 ") == std::string::npos, t.out);
}

BOOST_AUTO_TEST_CASE(where_chooses_what_is_closed) {
  Script script = at_once({10, 20, 30}, {0});
  const ScriptedRun r = run_script(script, with(kPorts, {"--where=sport = 20"}));
  BOOST_TEST((r.closed == Ports{20}));
  BOOST_TEST(r.out == "20\n");
}

BOOST_AUTO_TEST_CASE(what_is_gone_takes_its_place_of_top_with_it) {
  Script script = connections({10, 20, 30}, {ENOENT, 0});
  const ScriptedRun r = run_script(script, with(kPorts, {"--sort=local_port", "--top=2", "--strict"}));
  BOOST_TEST((r.closed == Ports{10, 20}));
  BOOST_TEST(r.out == "20\n");
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.err == "ss: -K: 1 socket matched and was not closed: 1 already gone\n");
}

BOOST_AUTO_TEST_CASE(strict_says_why_by_reason) {
  Script script = at_once({10, 20, 30, 40}, {0, ENOENT, EOPNOTSUPP, EPERM});
  const ScriptedRun r = run_script(script, {"-ntKH4", "--via=netlink", "--strict"});
  BOOST_TEST(r.status == 1);
  BOOST_TEST(
      r.err ==
      "SOCK_DESTROY answers: Operation not permitted\n"
      "ss: -K: 3 sockets matched and were not closed: 1 already gone, 1 of a kind that cannot be closed, 1 refused "
      "(Operation not permitted); the rest of the table was not tried\n");
  Script sorted = connections({10, 20, 30}, {EPERM});
  const ScriptedRun s = run_script(sorted, {"-ntKH4", "--via=netlink", "--strict", "--sort=sport"});
  BOOST_TEST(s.status == 1);
  BOOST_TEST((s.closed == Ports{10}));
  BOOST_TEST(
      s.err ==
      "SOCK_DESTROY answers: Operation not permitted\n"
      "ss: -K: 3 sockets matched and were not closed: 1 refused (Operation not permitted), 2 not tried after that\n");
  Script all = at_once({10, 20}, {0, 0});
  const ScriptedRun a = run_script(all, {"-ntKH4", "--via=netlink", "--strict"});
  BOOST_TEST(a.status == 0);
  BOOST_TEST(a.err.empty());
}

BOOST_AUTO_TEST_CASE(refusal_makes_a_form_of_ours_incomplete) {
  Script script = at_once({10, 20}, {EPERM});
  const ScriptedRun r = run_script(script, {"-ntK4", "--via=netlink", "-j"});
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.out.find("\"sockets\":[]") != std::string::npos, r.out);
  BOOST_TEST(r.out.find("\"complete\":false") != std::string::npos, r.out);
  BOOST_TEST(r.out.find("\"SOCK_DESTROY\"") != std::string::npos, r.out);
  BOOST_TEST(r.err == "SOCK_DESTROY answers: Operation not permitted\nss: tcp: incomplete, 0 rows shown\n");
  Script sorted = connections({10, 20}, {EPERM});
  const ScriptedRun s = run_script(sorted, {"-ntK4", "--via=netlink", "-j", "--sort=sport"});
  BOOST_TEST(s.status == 1);
  BOOST_TEST(s.out.find("\"complete\":false") != std::string::npos, s.out);
}

BOOST_AUTO_TEST_CASE(dry_run_closes_nothing) {
  for (const Words& more : {Words{"--dry-run"}, Words{"--dry-run", "--sort=sport"}}) {
    Script script = connections({10, 20});
    const ScriptedRun r = run_script(script, with(kPorts, more));
    BOOST_TEST(r.closed.empty());
    BOOST_TEST(r.out == "10\n20\n");
    BOOST_TEST(r.status == 0);
  }
  Script counted = connections({10, 20});
  BOOST_TEST(run_script(counted, {"-ntK4", "--via=netlink", "--dry-run", "--count"}).out == "2\n");
}

BOOST_AUTO_TEST_CASE(rows_of_a_file_are_neither_closed_nor_passed_over_in_silence) {
  for (const Words& more : {Words{"-j"}, Words{"-j", "--sort=sport"}, Words{"-j", "--dry-run"}}) {
    const test::Scratch proc;
    proc.write("net/tcp",
               "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
               "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 0 "
               "100 0 0 10 0\n");
    StringSink sink;
    FakeWorld world(sink, ProcDir(proc.path()));
    const int status = run_guarded(kSs, world.env, with({"-ntaK4"}, more));
    world.out.flush();
    BOOST_TEST(status == 1);
    BOOST_TEST(sink.text.find("\"sockets\":[]") != std::string::npos, sink.text);
    BOOST_TEST(world.errors.text.find("cannot be closed") != std::string::npos, world.errors.text);
  }
}

BOOST_AUTO_TEST_CASE(dry_run_leaves_out_what_cannot_be_closed) {
  Script script = connections({10});
  const ScriptedRun r = run_script(script, {"-nKH4", "-A", "dccp", "--via=netlink", "--dry-run", "--strict"});
  BOOST_TEST(r.out.empty());
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.err == "ss: -K: 1 socket matched and would not be closed: 1 of a kind that cannot be closed\n");
}

BOOST_AUTO_TEST_CASE(kernel_that_answers_mptcp_with_tcp_loses_no_connection) {
  Script script;
  script.datagram(Inet{.sport = 10}.message()).datagram(wide_protocol(0)).datagram(done()).datagram(destroyed(1));
  const ScriptedRun r = run_script(script, {"-nMKH4", "--via=netlink"});
  BOOST_TEST(r.closed.empty());
  BOOST_TEST(r.out.empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_do_as_it_says_is_refused_by_name) {
  const struct {
    Words words;
    std::string_view name;
  } kCases[] = {{{"-K", "--via=procfs"}, "procfs cannot close"},
                {{"-K", "--count"}, "--count"},
                {{"-K", "--by=state"}, "--by"},
                {{"--dry-run"}, "--dry-run needs -K"},
                {{"--strict"}, "--strict needs -K"},
                {{"-K", "-E", "--dry-run"}, "-E"},
                {{"-K", "-E", "--strict"}, "-E"},
                {{"-K", "-E", "-j"}, "-E"},
                {{"-K", "-s", "--dry-run"}, "-s"},
                {{"-K", "-D", "-", "--strict"}, "-D"}};
  for (const auto& c : kCases) {
    Script script = connections({10}, {0});
    const ScriptedRun r = run_script(script, c.words);
    BOOST_TEST(r.status == 2);
    BOOST_TEST(r.out.empty());
    BOOST_TEST(r.err.starts_with("ss: "), r.err);
    BOOST_TEST(r.err.find(c.name) != std::string::npos, r.err);
    BOOST_TEST(script.requests.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(completeness)

BOOST_AUTO_TEST_CASE(forms_of_ours_say_that_rows_are_missing) {
  const auto interrupted = [] {
    Script script;
    script.datagram(message(Inet{.sport = 10}.payload(), {.flags = 2 | kDumpIntr})).datagram(done());
    return script;
  };
  const auto cut = [] {
    Script script;
    script.truncated(Inet{.sport = 10}.message()).datagram(done());
    return script;
  };
  const auto damaged = [] {
    Script script;
    script
        .datagram(Wire().append(Inet{.sport = 10}.message()).append(message(Wire().zeros("half an inet_diag_msg", 30))))
        .datagram(done());
    return script;
  };
  for (const std::string form : {"--count", "--by=state", "--columns=sport", "-j", "--json=lines", "--sort=sport"})
    for (Script script : {interrupted(), cut(), damaged()}) {
      const bool ours = form != "--sort=sport";  // which is the original's listing, in another order
      const ScriptedRun r = run_script(script, {"-tan4", "--via=netlink", form});
      BOOST_TEST_CONTEXT(form << ": " << r.err) {
        BOOST_TEST(r.status == (ours ? 1 : 0));
        if (ours) BOOST_TEST(r.err.find("ss: tcp: incomplete, 1 row shown\n") != std::string::npos);
        if (form == "-j") BOOST_TEST(r.out.find("\"complete\":false,\"problems\":[{") != std::string::npos, r.out);
      }
    }
}

BOOST_AUTO_TEST_CASE(whole_answers_are_complete) {
  for (const std::string form : {"--count", "--by=state", "--columns=sport", "-j", "--json=lines"}) {
    Script script = connections({10, 20});
    const ScriptedRun r = run_script(script, {"-tan4", "--via=netlink", form});
    BOOST_TEST(r.status == 0);
    BOOST_TEST(r.err.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
