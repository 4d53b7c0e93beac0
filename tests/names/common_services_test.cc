// The names that systems without /etc/services have. tests/names/databases.sh repeats these tests on such a system.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/common_services.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "src/base/proc_dir.h"
#include "src/names/lookup.h"
#include "src/names/system_resolver.h"

namespace duostat {
namespace {

bool exists(const char* path) { return access(path, F_OK) == 0; }

BOOST_AUTO_TEST_CASE(common_services_are_in_order_and_agree_with_this_system) {
  BOOST_TEST(std::ranges::is_sorted(common_services(), {}, &CommonService::port));
  for (const CommonService& service : common_services()) {
    const std::string name(service.name);
    BOOST_TEST((service.tcp || service.udp), name);
    for (const char* protocol : {"tcp", "udp"}) {
      if (!(protocol[0] == 't' ? service.tcp : service.udp)) continue;
      const servent* const entry = getservbyname(name.c_str(), protocol);
      if (entry != nullptr && exists("/usr/share/doc/netbase"))
        BOOST_TEST(ntohs(static_cast<std::uint16_t>(entry->s_port)) == service.port, name << "/" << protocol);
    }
  }
}

BOOST_AUTO_TEST_CASE(common_services_by_protocol) {
  BOOST_TEST(common_service_port("http", ServiceProtocol::tcp).value_or(0) == 80);
  BOOST_TEST(!common_service_port("http", ServiceProtocol::udp));
  BOOST_TEST(common_service_port("syslog", ServiceProtocol::any).value_or(0) == 514);
  BOOST_TEST(!common_service_port("no-such-service", ServiceProtocol::any));
  BOOST_TEST(!common_service_port("http", ServiceProtocol::sctp));
}

BOOST_AUTO_TEST_CASE(names_in_filters_without_the_files_of_services_and_hosts) {
  const ProcDir proc("/proc");
  const auto lookup = make_system_lookup(proc, nullptr);
  if (!exists("/etc/services")) {
    BOOST_TEST(lookup->service_port("http", ServiceProtocol::tcp).value_or(0) == 80);
    BOOST_TEST(!lookup->service_port("http", ServiceProtocol::udp));
  }
  BOOST_TEST(!lookup->service_port("no-such-service", ServiceProtocol::tcp));
  if (exists("/etc/hosts")) return;
  std::vector<Address> addresses;
  lookup->host_addresses("localhost", Family::inet, addresses);
  BOOST_TEST_REQUIRE(!addresses.empty());
  BOOST_TEST((addresses[0] == Address{127, 0, 0, 1}));
  addresses.clear();
  lookup->host_addresses("localhost", Family::inet6, addresses);
  BOOST_TEST_REQUIRE(!addresses.empty());
  BOOST_TEST(static_cast<unsigned>(addresses[0][15]) == 1u);
}

BOOST_AUTO_TEST_CASE(services_in_the_output_only_if_the_program_was_configured_so) {
  if (exists("/etc/services")) return;
  BOOST_TEST(make_system_resolver()->service(80, ServiceProtocol::tcp) == "");
  BOOST_TEST(make_system_resolver(true)->service(80, ServiceProtocol::tcp) == "http");
  BOOST_TEST(make_system_resolver(true)->service(514, ServiceProtocol::udp) == "syslog");
}

}  // namespace
}  // namespace duostat
