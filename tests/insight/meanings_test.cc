// The table of meanings: each word once, rows explained, and the glossaries of the manuals printed from it.
// DUOSTAT_WRITE_MANUALS=1 writes the glossaries anew.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/meanings.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "src/query/state_words.h"

using namespace duostat;

namespace {

Socket socket_in(State state, Protocol protocol = Protocol::tcp) {
  Socket socket;
  socket.protocol = protocol;
  socket.family = Family::inet;
  socket.state = state;
  socket.inode = 77;
  socket.present = kMeaningNeeds;
  return socket;
}

std::string explained(const Socket& socket, const RowWords& words) {
  std::string all, line;
  explain_row(socket, words, line, [&](std::string_view text) { all.append(text).append("\n"); });
  return all;
}
std::string explained(const Socket& socket) {
  return explained(socket, {.state = state_word(socket.state), .queues = true});
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// ---- the glossaries of the manuals ----

struct Heading {
  TermGroup group;
  std::string_view words;
};
constexpr Heading kOfSs[] = {{TermGroup::netid, "Netid"},
                             {TermGroup::state, "State"},
                             {TermGroup::sctp_state, "State of an SCTP association"},
                             {TermGroup::extended, "Words of \\-e, \\-p, \\-\\-tos and \\-\\-cgroup"},
                             {TermGroup::timer, "Timers (\\-o)"},
                             {TermGroup::memory, "Memory (\\-m): skmem"},
                             {TermGroup::tcp_option, "TCP options (\\-i with \\-o)"},
                             {TermGroup::tcp_info, "TCP (\\-i)"},
                             {TermGroup::mptcp_info, "MPTCP (\\-i)"},
                             {TermGroup::sctp_info, "SCTP (\\-i)"},
                             {TermGroup::tls_info, "TLS in the kernel (\\-i)"},
                             {TermGroup::socket_option, "Socket options (\\-\\-inet\\-sockopt)"},
                             {TermGroup::packet_info, "Packet sockets (\\-e)"}};
constexpr Heading kOfNetstat[] = {{TermGroup::netstat_column, "Columns of Internet sockets"},
                                  {TermGroup::netstat_state, "State of Internet sockets"},
                                  {TermGroup::netstat_timer, "Timer"},
                                  {TermGroup::unix_column, "Columns of UNIX sockets"},
                                  {TermGroup::unix_state, "State of UNIX sockets"},
                                  {TermGroup::route_column, "Columns of routes (\\-r)"},
                                  {TermGroup::route_flag, "Flags of routes"},
                                  {TermGroup::route6_flag, "More flags of IPv6 routes"},
                                  {TermGroup::interface_column, "Columns of interfaces (\\-i)"},
                                  {TermGroup::interface_flag, "Flags of interfaces"}};

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-') out += '\\';
    out += c;
  }
  return out;
}

void put_entry(std::string& page, std::string_view word, std::string_view unit, std::string_view meaning) {
  page += ".TP\n.B " + roff(word) + "\n";
  if (!unit.empty()) page += std::string(unit) + ": ";
  page += roff(meaning) + ".\n";
}

template <std::size_t N>
std::string glossary(const Heading (&headings)[N], bool numbers) {
  std::string page;
  for (const Heading& heading : headings) {
    page.append(".SS \"").append(heading.words).append("\"\n");
    for (const Term& term : terms_of(heading.group)) put_entry(page, term.word, term.unit, term.meaning);
  }
  if (!numbers) return page;
  page += ".SS \"Numbers to look at\"\n";
  for (const NumberMeaning& number : number_meanings()) put_entry(page, number.title, "", number.meaning);
  return page;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands between the two marks; writes `text` there if asked to.
std::string part_of(const std::string& path, const std::string& text) {
  const std::string begin = ".\\\" The glossary is that of src/insight/meanings.cc: tests/insight/meanings_test.cc\n";
  const std::string end = ".\\\" End of the glossary\n";
  std::string page = read_file(path);
  const auto from = page.find(begin), to = page.find(end);
  if (from == std::string::npos || to == std::string::npos) return "no marks";
  const auto at = from + begin.size();
  if (std::getenv("DUOSTAT_WRITE_MANUALS") != nullptr) {
    page.replace(at, to - at, text);
    std::ofstream(path) << page;
    return text;
  }
  return page.substr(at, to - at);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(meanings)

BOOST_AUTO_TEST_CASE(every_word_has_one_meaning) {
  std::set<std::pair<TermGroup, std::string_view>> seen;
  for (const Term& term : terms()) {
    BOOST_TEST(seen.emplace(term.group, term.word).second, term.word);
    BOOST_TEST(!term.meaning.empty(), term.word);
    BOOST_TEST(!term.meaning.ends_with('.'), term.word);
    BOOST_TEST(find_term(term.group, term.word) == &term, term.word);
  }
  for (std::size_t group = 0; group < static_cast<std::size_t>(TermGroup::count_); ++group)
    BOOST_TEST(!terms_of(static_cast<TermGroup>(group)).empty());
  BOOST_TEST(find_term(TermGroup::state, "ESTABLISHED") == nullptr);
}

BOOST_AUTO_TEST_CASE(every_state_of_ss_has_a_meaning) {
  for (const StateRow& row : kStateRows)
    BOOST_TEST(find_term(TermGroup::state, row.printed) != nullptr, row.printed);
}

BOOST_AUTO_TEST_CASE(close_wait_says_who_has_read_what) {
  Socket socket = socket_in(State::close_wait);
  BOOST_TEST(has(explained(socket), "CLOSE-WAIT: the peer closed its side; the program here has not closed its own\n"));
  BOOST_TEST(has(explained(socket), "Recv-Q 0: the program has read the peer's end and has not closed the socket\n"));
  socket.rqueue = 1;
  BOOST_TEST(has(explained(socket), "Recv-Q 1: the peer's end, which counts as 1, and which the program has not read"));
  socket.rqueue = 6;
  socket.inode = 0;
  BOOST_TEST(has(explained(socket), "Recv-Q 6: bytes that the program has not read; the peer's end counts as 1"));
  BOOST_TEST(has(explained(socket), "inode 0: no process has it yet: it waits for accept() at its listener"));
}

BOOST_AUTO_TEST_CASE(a_full_queue_of_a_listener_is_named) {
  Socket socket = socket_in(State::listen);
  socket.backlog_limit = 2;
  socket.rqueue = 2;
  BOOST_TEST(!has(explained(socket), "the queue is full"));
  socket.rqueue = 3;
  BOOST_TEST(has(explained(socket), "Recv-Q 3: the queue is full"));
  BOOST_TEST(has(explained(socket), "Send-Q 2: how many connections may wait for accept()"));
  // A text file does not know the limit.
  socket.present.remove(Field::backlog);
  BOOST_TEST(!has(explained(socket), "Send-Q"));
}

BOOST_AUTO_TEST_CASE(timers_are_explained_in_the_words_of_the_program) {
  Socket socket = socket_in(State::established);
  socket.timer = Timer::probe0;
  socket.timer_count = 4;
  BOOST_TEST(has(explained(socket), "asked 4: times in a row, without an answer\n"));
  BOOST_TEST(has(explained(socket), "timer persist: the peer has no room for more data"));
  BOOST_TEST(has(explained(socket, {.timers = TermGroup::netstat_timer}), "timer probe: the peer has no room"));
}

BOOST_AUTO_TEST_CASE(only_what_is_shown_and_known_is_explained) {
  Socket socket = socket_in(State::established, Protocol::udp);
  socket.rqueue = 2304;
  BOOST_TEST(has(explained(socket), "Recv-Q 2304: bytes of memory"));
  BOOST_TEST(!has(explained(socket, {.state = "ESTAB", .queues = false}), "Recv-Q"));
  socket.present = {};
  BOOST_TEST(explained(socket) == "ESTAB: established: the connection is open in both directions\n");
  BOOST_TEST(explained(socket, {}) == "");
}

BOOST_AUTO_TEST_CASE(internals_are_explained_if_they_were_asked_for) {
  Socket socket = socket_in(State::close_wait);
  InetDetail detail{};
  detail.tcp_info.value.last_ack_recv = 5004;
  detail.tcp_info.value.total_retrans = 3;
  socket.inet = &detail;
  BOOST_TEST(!has(explained(socket), "retrans"));
  socket.present.add(Field::tcp_info);
  BOOST_TEST(has(explained(socket), "lastack 5004: ms: the peer closed at least so long ago\n"));
  BOOST_TEST(has(explained(socket), "retrans 3: segments were sent again since the connection was opened\n"));
}

BOOST_AUTO_TEST_CASE(the_manuals_have_this_table) {
  const char* const source = std::getenv("top_srcdir");
  BOOST_REQUIRE_MESSAGE(source != nullptr, "top_srcdir is not set");
  const std::string ss = glossary(kOfSs, true), netstat = glossary(kOfNetstat, false);
  const std::string again = "; write it with DUOSTAT_WRITE_MANUALS=1 top_srcdir=. tests/insight/test_insight";
  BOOST_TEST((part_of(std::string(source) + "/doc/ss.8", ss) == ss), "doc/ss.8 has another glossary" << again);
  BOOST_TEST((part_of(std::string(source) + "/doc/netstat.8", netstat) == netstat),
             "doc/netstat.8 has another glossary" << again);
}

BOOST_AUTO_TEST_SUITE_END()
