// The effect of options and state words: tables, families, states, columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/options.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "compat/ss/details.h"
#include "compat/ss/listing.h"
#include "compat/ss/operands.h"

namespace duostat::ss {
namespace {

Request read(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> args, operands;
  for (std::string word; stream >> word;) args.push_back(word);
  Request request = read_options(args, "ss", false, operands);
  if (request.ending) return request;
  std::span<const std::string> words = operands;
  take_state_words(words, request);
  if (!request.ending) complete_choice(request);
  return request;
}

bool shows(const Request& request, LayoutColumn c) { return (columns_of(request) & mask_of(c)) != 0; }

constexpr ProtocolSet kTcp{Protocol::tcp}, kUdp{Protocol::udp};
constexpr FamilySet kInet{Family::inet, Family::inet6};

}  // namespace

BOOST_AUTO_TEST_SUITE(ss_options)

BOOST_AUTO_TEST_CASE(choices) {
  struct Row {
    const char* line;
    ProtocolSet tables;
    StateMask states;
    bool netid, state;
  };
  const StateMask listening = mask_of(State::listen, State::close);
  const Row rows[] = {
      {"", kAllTables, kConnected, true, true},
      {"-a", kAllTables, kAllStates, true, true},
      {"-l", kAllTables, listening, true, true},
      {"-t", kTcp, kConnected, false, true},
      {"-u", kUdp, kEstablishedOnly, false, false},
      {"-A udp", kUdp, kConnected, false, true},
      {"-4", kInetTables, kConnected, true, true},
      {"-u -4", kUdp, kConnected, false, true},
      {"-x", kUnixProtocols, kConnected, true, true},
      {"-0", kPacketProtocols, kCloseOnly, true, false},
      {"-f netlink", kNetlinkTable, kCloseOnly, false, false},
      {"-t -x", kTcp | kUnixProtocols, kConnected, true, true},
      {"-0 -t", kPacketProtocols | kTcp, kConnected | kCloseOnly, true, true},
      {"-f inet -A unix_stream", kInetTables | ProtocolSet{Protocol::unix_stream}, kConnected, true, true},
      {"--tipc", kTipcTable, kTipcStates, false, true},
      {"-t -A udp", kUdp, kConnected, false, true},
      {"-A udp -t", kUdp | kTcp, kConnected, true, true},
      {"-A all,!tcp", kAllTables - kTcp, kConnected, true, true},
      {"-a -l", kAllTables, listening, true, true},
      {"-l -a", kAllTables, kAllStates, true, true},
      {"-B", kAllTables, mask_of(State::bound_inactive), true, false},
      {"-tl state established", kTcp, kEstablishedOnly, false, false},
      {"-t state Established state closed", kTcp, kEstablishedOnly | kCloseOnly, false, true},
      {"-t exclude listening excl closed", kTcp, kAllStates & ~listening, false, true},
      {"-t exclude all", kTcp, kConnected, false, true},
  };
  for (const Row& row : rows) {
    const Request r = read(row.line);
    BOOST_TEST(!r.ending.has_value(), row.line);
    BOOST_TEST((r.tables == row.tables), row.line);
    BOOST_TEST(r.states() == row.states, row.line);
    BOOST_TEST(shows(r, LayoutColumn::netid) == row.netid, row.line);
    BOOST_TEST(shows(r, LayoutColumn::state) == row.state, row.line);
  }
}

BOOST_AUTO_TEST_CASE(the_default_mask_is_that_of_the_original) { BOOST_TEST(kConnected == 0x3b37u); }

BOOST_AUTO_TEST_CASE(families_follow_tables_and_the_reverse) {
  BOOST_TEST((read("-t").families == kInet));
  BOOST_TEST((read("-t -4").families == FamilySet{Family::inet}));
  BOOST_TEST((read("-t -x").families == (kInet | FamilySet{Family::unix_domain})));
  BOOST_TEST((read("-4 -6").preferred == Family::inet6));
  BOOST_TEST((read("-6 -4").preferred == Family::inet));
}

BOOST_AUTO_TEST_CASE(columns_follow_options) {
  BOOST_TEST(!shows(read("-t"), LayoutColumn::process));
  BOOST_TEST(shows(read("-tp"), LayoutColumn::process));
  BOOST_TEST(!shows(read("-tT"), LayoutColumn::process));
  BOOST_TEST(!shows(read("-tQ"), LayoutColumn::recv_q));
  BOOST_TEST(!shows(read("-tQ"), LayoutColumn::send_q));
  BOOST_TEST(shows(read("-t"), LayoutColumn::extra));
}

BOOST_AUTO_TEST_CASE(endings) {
  struct Row {
    const char* line;
    int status;
    const char* message;
  };
  const Row rows[] = {
      {"-V --nonsense", 0, ""},
      {"-h", 0, ""},
      {"-f help", 0, ""},
      {"-f foo", 255, "ss: \"foo\" is invalid family"},
      {"-A tcp,", 255, "ss: \"\" is illegal socket table id"},
      {"-A !tcp", 0, "ss: no socket tables to show with such filter."},
      {"--nonsense -V", 255, "ss: unrecognized option '--nonsense'"},
      {"state", 255, "Command line is not complete. Try option \"help\""},
      {"state listen", 255, "ss: wrong state name: listen"},
      {"-F /nonexistent/file -F /nonexistent/other", 255, "More than one filter file"},
      {"--bpf-map-id x", 1, "ss: invalid BPF map ID x"},
  };
  for (const Row& row : rows) {
    const Request r = read(row.line);
    BOOST_REQUIRE_MESSAGE(r.ending.has_value(), row.line);
    BOOST_TEST(r.ending->status == row.status, row.line);
    BOOST_TEST(r.ending->message == row.message, row.line);
  }
}

// The files and names in these options are used when the command runs, not while options are parsed.
BOOST_AUTO_TEST_CASE(options_that_act_are_steps) {
  for (const char* line : {"-F /nonexistent/file", "-N /nonexistent", "-Z", "-z", "--bpf-map-id 4294967294"}) {
    const Request request = read(line);
    BOOST_TEST(!request.ending.has_value(), line);
    BOOST_TEST(request.steps.size() == 1u, line);
  }
  const Request several = read("-N one -t -F two -V -N three");
  BOOST_REQUIRE(several.steps.size() == 2u);
  BOOST_TEST(several.steps[0].word == "one");
  BOOST_TEST(several.steps[1].word == "two");
  BOOST_TEST(several.ending.has_value());
}

BOOST_AUTO_TEST_CASE(usage_names_every_option) {
  const std::string text = usage();
  for (const auto& option : ss::options()) {
    if (option.letter != 0)
      BOOST_TEST(text.find(std::string("  -") + option.letter) != std::string::npos, option.letter);
    const auto name = option.names.substr(0, option.names.find(','));
    if (!name.empty()) BOOST_TEST(text.find("--" + std::string(name)) != std::string::npos, name);
  }
}

BOOST_AUTO_TEST_CASE(durations) {
  const std::pair<std::uint64_t, const char*> rows[] = {
      {0, ""},           {5, "005ms"},      {200, "200ms"},   {1000, "1sec"},      {1500, "1.500sec"},
      {9999, "9.999sec"}, {10001, "10sec"}, {60500, "1min"},  {61000, "1min1sec"}, {600000, "10min"},
      {7199000, "119min"}};
  for (const auto& [ms, expected] : rows) {
    StringSink sink;
    Output out(sink);
    Layout layout(out, mask_of(LayoutColumn::netid), 0);
    {
      Piece piece(layout);
      print_duration(piece, ms);
      piece.text('.');
    }
    layout.finish();
    out.flush();
    BOOST_TEST(sink.text == std::string(expected) + ".\n", ms);
  }
}

BOOST_AUTO_TEST_CASE(rates) {
  const std::pair<double, const char*> rows[] = {{999.5, "999.5"},      {125000, "125k"},      {999700000, "1e+03M"},
                                                 {2.5e9, "2.5G"},       {1e12, "1T"}};
  for (const auto& [rate, expected] : rows) {
    StringSink sink;
    Output out(sink);
    Layout layout(out, mask_of(LayoutColumn::netid), 0);
    {
      Piece piece(layout);
      print_rate(piece, Request{}, rate);
    }
    layout.finish();
    out.flush();
    BOOST_TEST(sink.text == std::string(expected) + "\n");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
