// A plan is what the command does: its requests are those that a transport receives when the command runs.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/explain.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

#include "compat/native/plan_recorder.h"
#include "compat/native/request_terms.h"
#include "tests/collect/fake_world.h"

namespace duostat::native {
namespace {

using Words = std::vector<std::string>;

/// The requests that a command really sends, to a kernel whose tables are all empty.
std::vector<PlannedRequest> sent_by(const FrontEnd& front_end, const Words& words) {
  std::vector<PlannedRequest> sent;
  StringSink sink;
  FakeWorld world(sink, ProcDir());
  world.env.open_transport = [&](int protocol, OpenError& error) -> std::unique_ptr<Transport> {
    error = 0;
    return std::make_unique<RecordingTransport>(
        protocol, [&](PlannedRequest request) { sent.push_back(std::move(request)); }, [](std::uint32_t) {});
  };
  run_guarded(front_end, world.env, words);
  return sent;
}

Plan plan_of(const FrontEnd& front_end, const Words& words, Variables variables = {}) {
  StringSink sink;
  FakeWorld world(sink, ProcDir());
  world.variables = std::move(variables);
  world.env.open_transport = [](int, OpenError& error) -> std::unique_ptr<Transport> {
    BOOST_ERROR("a transport was opened");
    return error = EPERM, nullptr;
  };
  std::string out, err;
  Plan plan = record(world.env, front_end, words, out, err);
  world.out.flush();
  BOOST_TEST(sink.text == "");
  BOOST_TEST(world.errors.text == "");
  return plan;
}

std::vector<PlannedRequest> planned(const Plan& plan) {
  std::vector<PlannedRequest> requests;
  for (const PlannedTable& table : plan.tables)
    if (table.choice.first == Via::netlink)
      requests.insert(requests.end(), table.requests.begin(), table.requests.end());
  requests.insert(requests.end(), plan.requests.begin(), plan.requests.end());
  return requests;
}

const Part* part_named(const DecodedRequest& decoded, std::string_view name) {
  for (const Part& part : decoded.parts)
    if (part.structure == name) return &part;
  return nullptr;
}

const Term& term_named(const DecodedRequest& decoded, std::string_view structure, std::string_view name) {
  static const Term kNone{};
  const Part* part = part_named(decoded, structure);
  BOOST_REQUIRE(part != nullptr);
  for (const Term& term : part->terms)
    if (term.name == name) return term;
  BOOST_ERROR("no member " << name);
  return kNone;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(explain_plan)

BOOST_AUTO_TEST_CASE(requests_are_those_that_are_sent) {
  const Words ss_commands[] = {
      {},
      {"-tan"},
      {"-tuln"},
      {"-tmei"},
      {"-a", "-A", "all"},
      {"-x"},
      {"-0", "-a"},
      {"--tipc", "-a"},
      {"--vsock", "-a"},
      {"--xdp", "-a"},
      {"-tn", "sport", "=", ":22"},
      {"-4t"},
      {"-tn", "src", "10.0.0.0/8"},
      {"-M"},
      {"-w", "--tos"},
      {"-t", "dev", "lo"},
      {"-f", "netlink", "-a", "-m"},
      {"-tn", "--via=netlink"},
      {"-tn", "--via=procfs"},
      {"-B"},
  };
  for (const Words& words : ss_commands) BOOST_TEST_CONTEXT("ss " << (words.empty() ? "" : words[0]))
  BOOST_TEST((planned(plan_of(kSs, words)) == sent_by(kSs, words)));
  const Words netstat_commands[] = {{"-tuln"},
                                    {"-x"},
                                    {"-tuwoe"},
                                    {"-rn", "--via=netlink", "-4", "-6"},
                                    {"-i", "--via=netlink"},
                                    {"-g", "--via=netlink"},
                                    {"-tU"},
                                    {"-t", "-6", "-a"}};
  for (const Words& words : netstat_commands) BOOST_TEST_CONTEXT("netstat " << words[0])
  BOOST_TEST((planned(plan_of(kNetstat, words)) == sent_by(kNetstat, words)));
}

/// The plan has each of our options that no backend evaluates, as typed; a legacy command has none.
BOOST_AUTO_TEST_CASE(numbers_with_their_sources) {
  const std::vector<PlannedFigure> figures = plan_of(kSs, {"-s"}).figures;
  const auto closed = std::ranges::find(figures, "closed", &PlannedFigure::title);
  BOOST_REQUIRE((closed != figures.end()));
  BOOST_TEST(closed->source.starts_with("alloc - (inuse4 + inuse6 - tw)"));
  BOOST_TEST(plan_of(kSs, {"-tn"}).figures.empty());
}

BOOST_AUTO_TEST_CASE(options_of_ours_are_left_to_user_space) {
  const auto left = [](const FrontEnd& front_end, const Words& words) {
    std::vector<std::string> what;
    for (const UserSpaceWork& work : plan_of(front_end, words).user_space) what.push_back(work.what);
    return what;
  };
  for (const FrontEnd* front_end : {&kSs, &kNetstat}) BOOST_TEST_CONTEXT(front_end->name) {
    BOOST_TEST(left(*front_end, {"-tan"}).empty());
    BOOST_TEST(left(*front_end, {"-tan", "--json", "--columns=state"}).empty());
    BOOST_TEST((left(*front_end, {"-tan", "--where=uid = 0", "--sort=-rqueue", "--top=3"}) ==
                Words{"--where=uid = 0", "--sort=-rqueue", "--top=3"}));
    BOOST_TEST((left(*front_end, {"-tan", "--by=state", "--sum=queues"}) == Words{"--by=state", "--sum=queues"}));
    BOOST_TEST((left(*front_end, {"-tan", "--count"}) == Words{"--count"}));
  }
  BOOST_TEST((left(kNetstat, {"-rn", "--where=metric > 5"}) == Words{"--where=metric > 5"}));
  const std::vector<Leftover> all = left_to_user_space(plan_of(kSs, {"-tan", "--where=uid = 0"}));
  BOOST_TEST(std::ranges::count(all, "--where=uid = 0", &Leftover::what) == 1);
}

BOOST_AUTO_TEST_CASE(only_who_is_asked_is_named) {
  const auto table_of = [](const Words& words) { return plan_of(kSs, words).tables.at(0); };
  const PlannedTable procfs = table_of({"-tan", "--via=procfs"}), netlink = table_of({"-tan", "--via=netlink"}),
                     both = table_of({"-tan"});
  BOOST_TEST(procfs.requests.empty());
  BOOST_TEST(procfs.otherwise.empty());
  BOOST_TEST(!procfs.files.empty());
  BOOST_TEST(!netlink.requests.empty());
  BOOST_TEST(netlink.files.empty());
  BOOST_TEST((!both.requests.empty() && !both.files.empty()));
}

BOOST_AUTO_TEST_CASE(tables_without_a_text_file) {
  for (const char* option : {"-d", "-S", "-M", "--vsock", "--tipc", "--xdp"}) BOOST_TEST_CONTEXT("ss " << option) {
    const Plan plan = plan_of(kSs, {option, "-an"});
    BOOST_REQUIRE(plan.tables.size() == 1u);
    BOOST_TEST(reason_of(plan.tables[0]) == "no file of /proc lists them as this command shows them");
  }
  BOOST_TEST(reason_of(plan_of(kSs, {"-d", "-an", "--via=netlink"}).tables.at(0)) ==
             "selected by --via or DUOSTAT_VIA");
}

BOOST_AUTO_TEST_CASE(what_a_refusal_causes) {
  const auto types = [](const std::vector<PlannedRequest>& requests) {
    Words words;
    for (const PlannedRequest& request : requests)
      words.push_back(term_named(decode(request), "nlmsghdr", "nlmsg_type").words.at(0));
    return words;
  };
  const PlannedTable dccp = plan_of(kSs, {"-dan"}).tables.at(0);
  BOOST_TEST(types(dccp.otherwise) == Words{"DCCPDIAG_GETSOCK"}, boost::test_tools::per_element());
  const Words tcp = types(plan_of(kSs, {"-tan"}).tables.at(0).otherwise);
  BOOST_TEST(std::ranges::count(tcp, "SOCK_DIAG_BY_FAMILY") == 2);  // two families
  BOOST_TEST(std::ranges::count(tcp, "TCPDIAG_GETSOCK") == 1);
  BOOST_TEST(plan_of(kSs, {"-uan"}).tables.at(0).otherwise.empty());
}

BOOST_AUTO_TEST_CASE(what_a_row_causes) {
  for (const Words& words : {Words{"-Man"}, Words{"-MK"}}) {
    const PlannedTable mptcp = plan_of(kSs, words).tables.at(0);
    BOOST_REQUIRE(mptcp.at_a_row.size() == 1u);  // the probe whether the kernel reads INET_DIAG_REQ_PROTOCOL
    BOOST_TEST(part_named(decode(mptcp.at_a_row[0]), "INET_DIAG_REQ_PROTOCOL") != nullptr);
  }
  for (const char* option : {"-tan", "-uan", "-wan", "-San", "-xan"})
    BOOST_TEST(plan_of(kSs, {option}).tables.at(0).at_a_row.empty());
}

BOOST_AUTO_TEST_CASE(control_groups) {
  const auto reads = [](const Plan& plan, std::string_view path) {
    return std::ranges::find(plan.configuration, path, &PlannedFile::path) != plan.configuration.end();
  };
  BOOST_TEST(reads(plan_of(kSs, {"-tane"}), "/proc/mounts"));
  BOOST_TEST(!reads(plan_of(kSs, {"-tan"}), "/proc/mounts"));
}

BOOST_AUTO_TEST_CASE(words_of_a_filter_are_looked_up) {
  BOOST_TEST(plan_of(kSs, {"-tn", "dport", "=", ":ssh"}).names.contains("ports of services in the filter"));
  BOOST_TEST(plan_of(kSs, {"-tn", "dev", "lo"}).names.contains("indices of interfaces in the filter"));
  BOOST_TEST(!plan_of(kSs, {"-tn", "dport", "=", ":22"}).names.contains("ports of services in the filter"));
}

BOOST_AUTO_TEST_CASE(nothing_is_killed_and_no_file_written) {
  const Plan plan = plan_of(kSs, {"-tuK", "dport", "=", "22"});
  BOOST_TEST(plan.per_row.size() == 4u);  // a made-up row of each table and family
  for (const PlannedRequest& request : plan.per_row) {
    const DecodedRequest decoded = decode(request);
    BOOST_TEST(term_named(decoded, "nlmsghdr", "nlmsg_type").words.at(0) == "SOCK_DESTROY");
    BOOST_TEST(term_named(decoded, "inet_diag_sockid", "idiag_sport").value == 22u);
  }
  const Plan dump = plan_of(kSs, {"-t", "-D", "/nonexistent/dump"});
  BOOST_REQUIRE(dump.others.size() == 1u);
  BOOST_TEST(dump.others[0].writes);
  BOOST_TEST(dump.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_recorded_answer_is_named_and_not_read) {
  const Plan plan = plan_of(
      kSs, {"-t"}, Variables(std::map<std::string, std::string, std::less<>>{{"TCPDIAG_FILE", "/nonexistent/answer"}}));
  BOOST_REQUIRE(plan.others.size() == 1u);
  BOOST_TEST(plan.others[0].path == "/nonexistent/answer");
  BOOST_TEST(!plan.others[0].writes);
  BOOST_TEST(planned(plan).empty());
}

BOOST_AUTO_TEST_CASE(what_repeats_itself_is_planned_once) {
  const Plan plan = plan_of(kNetstat, {"-c", "-tn"});
  BOOST_TEST(plan.tables.size() == 1u);
  BOOST_TEST(plan.period_ns == 1'000'000'000);
  const Plan events = plan_of(kSs, {"-E", "-u"});
  BOOST_TEST(events.groups == (std::vector<std::uint32_t>{2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_and_processes) {
  BOOST_TEST(plan_of(kSs, {"-tn"}).process_files == "");
  BOOST_TEST(plan_of(kSs, {"-tnpT"}).process_files == "PID/fd/* PID/task/TID/fd/* PID/stat");
  BOOST_TEST(plan_of(kNetstat, {"-tnp"}).process_files == "PID/fd/* PID/cmdline");
  BOOST_TEST(plan_of(kSs, {"-t"}).names.contains("service names of ports"));
  BOOST_TEST(!plan_of(kSs, {"-tn"}).names.contains("service names of ports"));
  BOOST_TEST(plan_of(kSs, {"-tnr"}).names.contains("host names of addresses"));
  BOOST_TEST(plan_of(kNetstat, {"-te"}).names.contains("user names"));
  BOOST_TEST(!plan_of(kNetstat, {"-ten"}).names.contains("user names"));
  // A filter that rejects every made-up row hides nothing of the plan.
  BOOST_TEST(plan_of(kSs, {"-t", "sport", "=", "1"}).names.contains("service names of ports"));
}

BOOST_AUTO_TEST_CASE(members_are_decoded) {
  const Plan plan = plan_of(kSs, {"-4tmi", "state", "listening", "sport", "=", "22"});
  BOOST_REQUIRE(plan.tables.size() == 1u);
  const DecodedRequest decoded = decode(plan.tables[0].requests.at(0));
  BOOST_TEST(decoded.protocol == "NETLINK_SOCK_DIAG");
  BOOST_TEST(term_named(decoded, "inet_diag_req_v2", "sdiag_family").words.at(0) == "AF_INET");
  BOOST_TEST(term_named(decoded, "inet_diag_req_v2", "sdiag_protocol").words.at(0) == "IPPROTO_TCP");
  const Term& states = term_named(decoded, "inet_diag_req_v2", "idiag_states");
  BOOST_TEST(states.value == 0x400u);
  BOOST_TEST(states.words == Words{"TCP_LISTEN"}, boost::test_tools::per_element());
  const Term& extensions = term_named(decoded, "inet_diag_req_v2", "idiag_ext");
  BOOST_TEST(std::ranges::count(extensions.words, "INET_DIAG_INFO") == 1);
  BOOST_TEST(std::ranges::count(extensions.words, "INET_DIAG_SKMEMINFO") == 1);
  BOOST_TEST(part_named(decoded, "INET_DIAG_REQ_BYTECODE") != nullptr);
  BOOST_TEST(decoded.bytecode.size() == 16u);
  std::size_t length = 0;
  for (const Part& part : decoded.parts) length = std::max(length, part.offset + part.size);
  BOOST_TEST(length == plan.tables[0].requests[0].bytes.size());
}

// Both byte orders on every machine: the bytes are those that a kernel of that order sends.
BOOST_AUTO_TEST_CASE(numbers_of_both_byte_orders) {
  const auto number = [](std::initializer_list<int> bytes, std::endian order) {
    std::vector<std::byte> member;
    for (const int byte : bytes) member.push_back(static_cast<std::byte>(byte));
    return wire_number(member, order);
  };
  BOOST_TEST(number({6}, std::endian::big) == 6u);
  BOOST_TEST(number({0x01, 0x02}, std::endian::big) == 0x102u);
  BOOST_TEST(number({0x01, 0x02}, std::endian::little) == 0x201u);
  BOOST_TEST(number({0, 0, 0x04, 0x0a}, std::endian::big) == 0x40au);
  BOOST_TEST(number({0x0a, 0x04, 0, 0}, std::endian::little) == 0x40au);
  // A cookie: the low word first, in both byte orders.
  BOOST_TEST(number({0, 0, 0, 5, 0, 0, 0, 1}, std::endian::big) == 0x100000005u);
  BOOST_TEST(number({5, 0, 0, 0, 1, 0, 0, 0}, std::endian::little) == 0x100000005u);
}

BOOST_AUTO_TEST_CASE(both_families_are_asked_for_by_the_old_request) {
  const Plan plan = plan_of(kSs, {"-tan"});
  BOOST_REQUIRE(plan.tables.size() == 1u);
  BOOST_REQUIRE(plan.tables[0].requests.size() == 1u);
  const DecodedRequest decoded = decode(plan.tables[0].requests[0]);
  BOOST_TEST(decoded.title == "TCPDIAG_GETSOCK AF_UNSPEC");
  const auto& states = term_named(decoded, "inet_diag_req", "idiag_states").words;
  for (const std::string_view state : {"TCP_ESTABLISHED", "TCP_LISTEN", "TCP_BOUND_INACTIVE"})
    BOOST_TEST(std::ranges::count(states, state) == 1, state);
  BOOST_TEST(part_named(decoded, "inet_diag_req")->note.starts_with("AF_INET and AF_INET6 in one walk"));
}

BOOST_AUTO_TEST_CASE(a_short_or_unknown_request_is_no_accident) {
  PlannedRequest request = plan_of(kSs, {"-4tn"}).tables.at(0).requests.at(0);
  for (std::size_t size = 0; size < request.bytes.size(); ++size) {
    PlannedRequest cut{request.netlink_protocol,
                       {request.bytes.begin(), request.bytes.begin() + static_cast<std::ptrdiff_t>(size)}};
    BOOST_TEST(decode(cut).bytecode.empty());
  }
  request.bytes[16] = std::byte{99};  // an unknown family
  BOOST_TEST(decode(request).parts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_user_space_has_to_do) {
  const auto has = [](const Plan& plan, std::string_view what, std::string_view why) {
    for (const Leftover& left : left_to_user_space(plan))
      if (left.what.find(what) != std::string::npos && left.why.find(why) != std::string::npos) return true;
    return false;
  };
  BOOST_TEST(has(plan_of(kSs, {"-t", "sport", "=", "22"}), "evaluated again", "narrow"));
  BOOST_TEST(has(plan_of(kSs, {"-t", "dev", "lo"}), "whole filter", "INET_DIAG_BC_DEV_COND"));
  BOOST_TEST(has(plan_of(kSs, {"-x", "src", "unix:/x"}), "whole filter", "INET_DIAG_REQ_BYTECODE"));
  BOOST_TEST(has(plan_of(kSs, {"-tn", "--via=procfs", "sport", "=", "22"}), "whole filter", "text file"));
  BOOST_TEST(has(plan_of(kSs, {"-A", "unix_stream"}), "type of socket", "family"));
  BOOST_TEST(has(plan_of(kNetstat, {"-un"}), "states", "row by row"));
  BOOST_TEST(has(plan_of(kSs, {"-tnp"}), "process", "socket:[INODE]"));
  BOOST_TEST(left_to_user_space(plan_of(kSs, {"-tn", "--via=netlink"})).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::native
