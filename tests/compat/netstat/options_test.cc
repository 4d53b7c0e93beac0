// Folding options into requests, and requests into the tables they select.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/options.h"

#include <boost/test/unit_test.hpp>

namespace duostat::netstat {
namespace {

Request request_of(std::vector<std::string> words) {
  const ParsedOptions parsed = parse_options(rows_of(options()), words);
  BOOST_TEST(parsed.error == "");
  return fold(parsed.events);
}
Listing listing_for(std::vector<std::string> words) { return listing_of(request_of(std::move(words))); }

BOOST_AUTO_TEST_SUITE(netstat_options)

BOOST_AUTO_TEST_CASE(every_option_stands_in_the_usage_text) {
  const std::string text = usage_text();
  for (const auto& option : options()) {
    BOOST_TEST_CONTEXT(option.letter << " " << option.names) {
      if (!option.names.empty()) BOOST_TEST(text.find("--" + std::string(option.names)) != std::string::npos);
      if (option.letter != 0) BOOST_TEST(text.find(std::string("-") + option.letter) != std::string::npos);
      BOOST_TEST(!option.help.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_selected_is_the_default_listing) {
  for (const auto& words : {std::vector<std::string>{}, {"-anep"}, {"--ddp"}, {"-A", "ash,econet"}}) {
    const Listing listing = listing_for(words);
    BOOST_TEST(listing.everything);
    BOOST_TEST(listing.unix_domain);
    BOOST_TEST(listing.protocols.size() == 5);
    BOOST_TEST((listing.inet && listing.inet6));
    BOOST_TEST(!listing.groups);
  }
}

BOOST_AUTO_TEST_CASE(a_family_alone_selects_all_protocols_quietly) {
  const Listing listing = listing_for({"-4", "-x"});
  BOOST_TEST(listing.quiet);
  BOOST_TEST(!listing.everything);
  BOOST_TEST(listing.protocols.size() == 5);
  BOOST_TEST((listing.inet && !listing.inet6 && listing.unix_domain));
}

BOOST_AUTO_TEST_CASE(protocols_alone_select_both_families) {
  const Listing listing = listing_for({"-tS"});
  BOOST_TEST((listing.protocols == ProtocolSet{Protocol::tcp, Protocol::sctp}));
  BOOST_TEST((listing.inet && listing.inet6));
  BOOST_TEST(!listing.quiet);
  BOOST_TEST(!listing.unix_domain);
}

BOOST_AUTO_TEST_CASE(groups_do_not_select_protocols_unless_a_family_does) {
  const Listing alone = listing_for({"-g"});
  BOOST_TEST((alone.groups && alone.protocols.empty() && alone.inet && alone.inet6));
  const Listing with_family = listing_for({"-g", "-4"});
  BOOST_TEST((with_family.groups && with_family.protocols.size() == 5 && with_family.inet && !with_family.inet6));
}

BOOST_AUTO_TEST_CASE(tcpip_is_inet) {
  const Listing listing = listing_for({"--tcpip", "-t"});
  BOOST_TEST((listing.inet && !listing.inet6));
}

BOOST_AUTO_TEST_CASE(unix_has_two_rows_and_one_meaning) {
  BOOST_TEST(listing_for({"--unix"}).unix_domain);
  BOOST_TEST(listing_for({"-x"}).unix_domain);
  BOOST_TEST(parse_options(rows_of(options()), std::vector<std::string>{"--un"}).error ==
             "option '--un' is ambiguous; possibilities: '--unix' '--unix'");
}

BOOST_AUTO_TEST_CASE(abbreviations_of_the_original_work) {
  for (const char* word : {"--program", "--timer", "--interface", "--listen", "--group", "--stat", "--ine", "--sy",
                           "--f", "--b", "--i", "--mas", "--wi"}) {
    const auto parsed = parse_options(rows_of(options()), std::vector<std::string>{word});
    // "--i" alone could be --interfaces.
    BOOST_TEST((parsed.error.empty() != (std::string_view(word) == "--i")), word << ": " << parsed.error);
  }
}

BOOST_AUTO_TEST_CASE(via_does_not_disturb_version_and_verbose) {
  BOOST_TEST(request_of({"--via=procfs"}).via.value() == "procfs");
  BOOST_TEST(parse_options(rows_of(options()), std::vector<std::string>{"--v"}).error ==
             "option '--v' is ambiguous; possibilities: '--version' '--verbose'");
}

BOOST_AUTO_TEST_CASE(numeric_is_three_options) {
  const Request all = request_of({"-n"});
  BOOST_TEST((all.numeric_hosts && all.numeric_ports && all.numeric_users && !all.symbolic));
  const Request one = request_of({"--numeric-ports"});
  BOOST_TEST((!one.numeric_hosts && one.numeric_ports && !one.numeric_users));
}

BOOST_AUTO_TEST_CASE(modes_and_extend_are_counted) {
  BOOST_TEST(request_of({"-rr"}).modes == 2);
  BOOST_TEST(request_of({"-r", "-i", "-s", "-M", "-g"}).modes == 4);
  BOOST_TEST(request_of({"-eee"}).extend == 3);
}

BOOST_AUTO_TEST_CASE(the_first_ending_wins) {
  BOOST_TEST((request_of({"-V", "-h"}).ending == Ending::version));
  BOOST_TEST((request_of({"-h", "-A", "foo"}).ending == Ending::help));
  const Request unknown = request_of({"-A", "inet,,inet6", "-V"});
  BOOST_TEST((unknown.ending == Ending::failure));
  BOOST_TEST(unknown.notes.at(0) == "Unknown address family `'.");
}

BOOST_AUTO_TEST_CASE(families_accumulate_up_to_a_length) {
  std::string fifty = "inet";
  for (int i = 1; i < 50; ++i) fifty += ",inet";  // 249 bytes of names
  const Request fits = request_of({"-A", fifty, "-A", "inet6"});
  BOOST_TEST(fits.family_list.size() == 51);
  BOOST_TEST(fits.notes.empty());
  const Request full = request_of({"-A", fifty, "-A", "netrom,foo"});
  BOOST_TEST(full.family_list.size() == 50);
  BOOST_TEST((full.ending == Ending::none));
  BOOST_TEST(full.notes.at(0) == "Too much address family arguments.");
  BOOST_TEST(!full.families.has(AddressFamily::netrom));
}

BOOST_AUTO_TEST_CASE(an_argument_of_A_is_cut) {
  // 51 names and their commas are 255 bytes; after truncation an empty name follows the last comma.
  std::string list = "unix";
  while (list.size() < 300) list += ",unix";
  const Request request = request_of({"-A", list});
  BOOST_TEST(request.family_list.size() == 51);
  BOOST_TEST((request.ending == Ending::failure));
  BOOST_TEST(request.notes.at(0) == "Unknown address family `'.");
}

/// busybox netstat has -r -a -l -t -u -w -x -e -n and, depending on its build, -W and -p: all of them work here.
BOOST_AUTO_TEST_CASE(the_options_of_busybox) {
  for (const char letter : std::string_view("ralntuwxeWp")) {
    const Request request = request_of({std::string("-") + letter});
    BOOST_TEST_CONTEXT(letter) {
      BOOST_TEST((request.ending == Ending::none));
      BOOST_TEST(request.notes.empty());
      BOOST_TEST(request.modes == (letter == 'r' ? 1 : 0));
    }
  }
  const Request together = request_of({"-ralntuwxeWp"});
  BOOST_TEST((together.route && together.all && together.listening && together.numeric_hosts && together.wide));
  BOOST_TEST((together.programs && together.extend == 1 && together.families.has(AddressFamily::unix_domain)));
  BOOST_TEST((together.protocols == ProtocolSet{Protocol::tcp, Protocol::udp, Protocol::raw}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
