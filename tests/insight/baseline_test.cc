// Baselines of listeners: the file, and what counts as new, gone or changed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/baseline.h"

#include <utility>

#include <boost/test/unit_test.hpp>

#include "src/base/error.h"

namespace duostat {
namespace {

BaselineEntry entry(std::string protocol, std::string address, std::uint32_t port, std::string process,
                    std::string unit = {}, std::uint32_t uid = 0) {
  BaselineEntry e;
  e.protocol = std::move(protocol);
  e.address = std::move(address);
  e.port = port;
  e.known = process != "?";
  if (e.known) e.process = std::move(process);
  e.uid = uid;
  e.unit = std::move(unit);
  return e;
}

constexpr PortRange kRange{32768, 60999};

/// "new 1, gone 0": the differences with their indices; "+N" for owners that could not be compared.
std::string differences(std::vector<BaselineEntry> before, std::vector<BaselineEntry> now) {
  const BaselineComparison found = compare({std::move(before), {}}, {std::move(now), kRange});
  std::string text;
  for (const BaselineDifference& d : found.differences)
    text.append(text.empty() ? "" : ", ")
        .append(word_of(d.change))
        .append(" ")
        .append(std::to_string(d.change == ListenerChange::gone ? d.before : d.now));
  if (found.not_compared != 0) text += "+" + std::to_string(found.not_compared);
  return text;
}

BOOST_AUTO_TEST_CASE(the_file) {
  Baseline written{{entry("tcp", "0.0.0.0", 22, "sshd", "ssh.service"),
                    entry("udp", "::1", 53, "?"),
                    entry("tcp", "::", 2049, ""),
                    entry("unix_stream", "/run/a b\tc\n\xe2\x80\xae", 0, "-", "\\"),
                    entry("unix_stream", "@?", 0, "?\x1b[m", "?")},
                   kRange};
  written.entries[0].device = "eth0";
  written.entries[1].uid.reset();
  const std::string text = text_of(written, "host a\nb");
  BOOST_TEST(text ==
             "duostat baseline 1\n# host a.b\nrange\t32768\t60999\n"
             "listener\ttcp\t0.0.0.0\t22\teth0\tsshd\t0\tssh.service\n"
             "listener\tudp\t::1\t53\t-\t?\t-\t-\n"
             "listener\ttcp\t::\t2049\t-\t-\t0\t-\n"
             "listener\tunix_stream\t/run/a b\\x09c\\x0a\\xe2\\x80\\xae\t-\t-\t\\x2d\t0\t\\x5c\n"
             "listener\tunix_stream\t@?\t-\t-\t?\\x1b[m\t0\t\\x3f\n");
  const Baseline read = parse_baseline(text, "file");
  BOOST_TEST((read.entries == written.entries));
  BOOST_TEST(read.range.first == kRange.first);
  BOOST_TEST(read.range.last == kRange.last);
  BOOST_TEST(parse_baseline("duostat baseline 1\n\n# x\n", "file").entries.empty());
}

BOOST_AUTO_TEST_CASE(files_that_are_none) {
  const auto error = [](std::string text) -> std::string {
    try {
      parse_baseline(text, "f");
    } catch (const FormatError& e) {
      return e.what();
    }
    return "none";
  };
  const std::string head = "duostat baseline 1\n";
  BOOST_TEST(error("") == "f: not a baseline of this program: its first line is not \"duostat baseline 1\"");
  BOOST_TEST(error("{}\n") == "f:1: not a baseline of this program: its first line is not \"duostat baseline 1\"");
  BOOST_TEST(error(head + "other\tx\n") == "f:2: a line begins with \"range\", \"listener\" or '#'");
  BOOST_TEST(error(head + "listener\ttcp\t::\n") == "f:2: fields are missing");
  BOOST_TEST(error(head + "listener\tfoo\t::\t1\t-\ta\t0\t-\n") == "f:2: \"foo\" is not a protocol");
  BOOST_TEST(error(head + "listener\ttcp\tx\t1\t-\ta\t0\t-\n") == "f:2: the address is not an IP address");
  BOOST_TEST(error(head + "listener\ttcp\t::\t65536\t-\ta\t0\t-\n") == "f:2: not a number up to 65535");
  BOOST_TEST(error(head + "listener\ttcp\t::\t1x\t-\ta\t0\t-\n") == "f:2: not a number up to 65535");
  BOOST_TEST(error(head + "listener\ttcp\t::\t1\t-\ta\t0\t-\tmore\n") == "f:2: too many fields");
  BOOST_TEST(error(head + "listener\ttcp\t::\t1\t-\ta\\x4\t0\t-\n") == "f:2: a backslash begins \\xHH");
  BOOST_TEST(error(head + "#\nrange\t1\n") == "f:3: fields are missing");
}

BOOST_AUTO_TEST_CASE(new_gone_changed) {
  const BaselineEntry ssh = entry("tcp", "0.0.0.0", 22, "sshd", "ssh.service");
  const BaselineEntry web = entry("tcp", "0.0.0.0", 80, "nginx", "nginx.service");
  BOOST_TEST(differences({ssh, web}, {web, ssh}) == "");
  BOOST_TEST(differences({ssh}, {ssh, web}) == "new 1");
  BOOST_TEST(differences({ssh, web}, {web}) == "gone 0");
  BOOST_TEST(differences({web}, {ssh}) == "new 0, gone 0");
  for (const BaselineEntry& other :
       {entry("tcp", "0.0.0.0", 22, "dropbear", "ssh.service"), entry("tcp", "0.0.0.0", 22, "sshd", "evil.service"),
        entry("tcp", "0.0.0.0", 22, "sshd", "ssh.service", 1000), entry("tcp", "0.0.0.0", 22, "")})
    BOOST_TEST(differences({ssh, web}, {other, web}) == "changed 0");
  BOOST_TEST(differences({ssh}, {entry("tcp", "::", 22, "sshd", "ssh.service")}) == "new 0, gone 0");
  BOOST_TEST(differences({ssh}, {entry("udp", "0.0.0.0", 22, "sshd", "ssh.service")}) == "new 0, gone 0");
  BaselineEntry bound = ssh;
  bound.device = "eth0";
  BOOST_TEST(differences({ssh}, {bound}) == "new 0, gone 0");
  // A second program on the port is new; the first stays what it is.
  BOOST_TEST(differences({ssh}, {entry("tcp", "0.0.0.0", 22, "a"), ssh}) == "new 0");
  // A unit that could not be read on one side decides nothing.
  BOOST_TEST(differences({ssh}, {entry("tcp", "0.0.0.0", 22, "sshd")}) == "");
}

BOOST_AUTO_TEST_CASE(chosen_ports_count_by_owner) {
  const BaselineEntry old = entry("tcp", "0.0.0.0", 40001, "rpc.statd", "a.service");
  const BaselineEntry now = entry("tcp", "0.0.0.0", 50002, "rpc.statd", "a.service");
  BOOST_TEST(differences({old}, {now}) == "");
  BOOST_TEST(differences({old}, {now, old}) == "new 0");  // one more than there was
  BOOST_TEST(differences({old, now}, {now}) == "gone 0");
  BOOST_TEST(differences({old}, {entry("tcp", "0.0.0.0", 50002, "nc")}) == "new 0, gone 0");
  // The same port by chance: not the listener that changed its owner.
  BOOST_TEST(differences({old}, {entry("tcp", "0.0.0.0", 40001, "nc")}) == "new 0, gone 0");
  BOOST_TEST(differences({old}, {entry("tcp", "0.0.0.0", 80, "rpc.statd", "a.service")}) == "new 0, gone 0");
  BOOST_TEST(differences({entry("unix_stream", "@0001f", 0, "x")}, {entry("unix_stream", "@00abc", 0, "x")}) == "");
  BOOST_TEST(differences({entry("unix_stream", "@name", 0, "x")}, {entry("unix_stream", "@other", 0, "x")}) ==
             "new 0, gone 0");
  // The baseline's range counts too.
  const Baseline before{{entry("tcp", "::", 1050, "a")}, {1024, 1100}};
  const Baseline after{{entry("tcp", "::", 1051, "a")}, kRange};
  BOOST_TEST(compare(before, after).differences.empty());
}

BOOST_AUTO_TEST_CASE(owners_that_are_not_visible) {
  const BaselineEntry ssh = entry("tcp", "0.0.0.0", 22, "sshd"), hidden = entry("tcp", "0.0.0.0", 22, "?");
  BOOST_TEST(differences({ssh}, {hidden}) == "+1");
  BOOST_TEST(differences({hidden}, {ssh}) == "+1");
  BOOST_TEST(differences({hidden}, {hidden}) == "");
  // Two programs on the port are one listener where they are not visible.
  BOOST_TEST(differences({ssh, entry("tcp", "0.0.0.0", 22, "a")}, {hidden}) == "+2");
  BOOST_TEST(differences({hidden}, {ssh, entry("tcp", "0.0.0.0", 22, "a")}) == "+2");
  BOOST_TEST(differences({ssh}, {entry("tcp", "0.0.0.0", 22, "?", "", 1000)}) == "changed 0");
  BOOST_TEST(differences({entry("tcp", "::", 40001, "a")}, {entry("tcp", "::", 50001, "?")}) == "+1");
  BOOST_TEST(differences({ssh}, {entry("tcp", "0.0.0.0", 23, "?")}) == "new 0, gone 0");
}

BOOST_AUTO_TEST_CASE(socket_activation) {
  const BaselineEntry idle = entry("tcp", "::", 22, "systemd (activated)");
  BaselineEntry started = entry("tcp", "::", 22, "sshd", "ssh.service");
  BOOST_TEST(differences({started}, {idle}) == "");
  BOOST_TEST(differences({idle}, {started}) == "changed 0");  // systemd does not hold it any more
  started.managed = true;
  BOOST_TEST(differences({idle}, {started}) == "");
}

BOOST_AUTO_TEST_CASE(units_that_a_restart_keeps) {
  const auto unit = [](Workload w) { return stable_unit(w); };
  Workload docker;
  docker.runtime = Runtime::docker;
  docker.container = std::string(64, 'a');
  BOOST_TEST(unit(docker) == "docker");
  docker.pod = "uid";
  BOOST_TEST(unit(docker) == "docker");
  Workload quadlet{.unit = "web.service", .runtime = Runtime::podman, .container = std::string(64, 'b')};
  BOOST_TEST(unit(quadlet) == "podman web.service");
  Workload rootless{.unit = "user@1000.service", .user = 1000, .runtime = Runtime::podman, .container = "x"};
  BOOST_TEST(unit(rootless) == "podman");
  Workload lxc{.unit = "nginx.service", .runtime = Runtime::lxc, .container = "web", .inside = true};
  BOOST_TEST(unit(lxc) == "lxc web nginx.service");
  BOOST_TEST(unit(Workload{.unit = "session-3.scope"}) == "session.scope");
  BOOST_TEST(unit(Workload{.unit = "run-r1a2.scope"}) == "run.scope");
  BOOST_TEST(unit(Workload{.unit = "user@1000.service", .user_unit = "app.service", .user = 1000}) == "app.service");
  BOOST_TEST(unit(Workload{.unit = "ssh.service"}) == "ssh.service");
}

BOOST_AUTO_TEST_CASE(entries_of_listeners) {
  Listener l;
  l.protocol = Protocol::mptcp;
  l.family = Family::inet6;
  l.local.port = 443;
  l.ifindex = 3;
  l.pid = 7;
  l.process = "server";
  BaselineEntry e = entry_of(l);
  BOOST_TEST(e.protocol == "tcp");
  BOOST_TEST(e.address == "::");
  BOOST_TEST(e.device == "if3");
  BOOST_TEST(e.known);
  BOOST_TEST(owner_text(e) == "server");
  l.activated = true;
  BOOST_TEST(entry_of(l).process == "systemd (activated)");
  l.pid.reset();
  BOOST_TEST(owner_text(entry_of(l)) == "not visible");
  l.kernel = true;
  l.process.clear();
  l.activated = false;
  l.uid = 5;
  BOOST_TEST(owner_text(entry_of(l)) == "kernel, user 5");

  const Listener back = listener_of(entry("tcp", "10.0.0.1", 80, "nginx", "a.service", 33));
  BOOST_TEST((back.family == Family::inet));
  BOOST_TEST(back.local.address[0] == 10);
  BOOST_TEST(back.local.port == 80u);
  BOOST_TEST(back.process == "nginx");
  BOOST_TEST(back.workload->unit == "a.service");
  BOOST_TEST((listener_of(entry("unix_stream", "/x", 0, "a")).family == Family::unix_domain));
}

BOOST_AUTO_TEST_CASE(what_a_listener_is_bound_to) {
  const auto bound = [](Family family, std::initializer_list<std::uint8_t> bytes) {
    Listener l;
    l.family = family;
    std::ranges::copy(bytes, l.local.address.begin());
    return word_of(binding_of(l));
  };
  BOOST_TEST(bound(Family::inet, {}) == "all");
  BOOST_TEST(bound(Family::inet, {127, 0, 0, 53}) == "loopback");
  BOOST_TEST(bound(Family::inet, {10, 0, 0, 1}) == "address");
  BOOST_TEST(bound(Family::inet6, {}) == "all");
  BOOST_TEST(bound(Family::inet6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == "loopback");
  BOOST_TEST(bound(Family::inet6, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == "address");
  BOOST_TEST(bound(Family::inet6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}) == "all");
  BOOST_TEST(bound(Family::inet6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}) == "loopback");
  BOOST_TEST(bound(Family::inet6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}) == "address");
  BOOST_TEST(bound(Family::unix_domain, {}) == "");
}

}  // namespace
}  // namespace duostat
