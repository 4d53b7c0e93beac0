// The system resolver compared with the C library's own functions.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/system_resolver.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "src/names/services.h"
#include "src/names/users.h"

using namespace duostat;

namespace {

Address address_of(int family, const char* text) {
  Address address{};
  BOOST_REQUIRE(inet_pton(family, text, address.data()) == 1);
  return address;
}

/// The ports to look up: those in the services database, and every 61st of the others. getservbyport(3) reads the whole
/// database for each, so all ports take seconds: only with DUOSTAT_TEST_EFFORT=full.
std::vector<std::uint16_t> sampled_ports() {
  const char* const effort = std::getenv("DUOSTAT_TEST_EFFORT");
  const bool all = effort != nullptr && std::strcmp(effort, "full") == 0;
  std::vector<bool> chosen(0x10000, all);
  for (std::size_t port = 0; port < chosen.size(); port += 61) chosen[port] = true;
  chosen.back() = true;
  setservent(1);
  while (const servent* entry = getservent()) chosen[ntohs(static_cast<std::uint16_t>(entry->s_port))] = true;
  endservent();
  std::vector<std::uint16_t> ports;
  for (std::size_t port = 0; port < chosen.size(); ++port)
    if (chosen[port]) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

/// The number of `ports` whose name differs from that of getservbyport(3).
unsigned differences(Resolver& names, ServiceProtocol protocol, const char* word,
                     const std::vector<std::uint16_t>& ports, unsigned& named) {
  unsigned differ = 0;
  setservent(1);
  for (const std::uint16_t port : ports) {
    const servent* entry = getservbyport(htons(port), word);
    const std::string wanted = entry == nullptr ? "" : entry->s_name;
    const auto got = names.service(port, protocol);
    named += !wanted.empty();
    if (got != wanted && ++differ < 5) BOOST_TEST_MESSAGE(port << ": " << got << " instead of " << wanted);
  }
  endservent();
  return differ;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(system_resolver)

// musl's functions list no services and never read /etc/protocols: there services_test.cc and databases.sh have the
// cases of files.
#ifdef __GLIBC__
constexpr bool kListsFiles = true;
#else
constexpr bool kListsFiles = false;
#endif

BOOST_AUTO_TEST_CASE(services_are_those_of_getservbyport) {
  struct {
    ServiceProtocol protocol;
    const char* word;
  } const kCases[] = {{ServiceProtocol::any, nullptr},
                      {ServiceProtocol::tcp, "tcp"},
                      {ServiceProtocol::udp, "udp"},
                      {ServiceProtocol::dccp, "dccp"},
                      {ServiceProtocol::sctp, "sctp"}};
  const std::vector<std::uint16_t> ports = sampled_ports();
  const auto names = make_system_resolver();
  unsigned named = 0;
  for (const auto& c : kCases) BOOST_TEST(differences(*names, c.protocol, c.word, ports, named) == 0u);
  BOOST_TEST_MESSAGE(named << " ports have names");
}

BOOST_AUTO_TEST_CASE(the_last_service_wins_where_asked, *boost::unit_test::enable_if<kListsFiles>()) {
  std::vector<std::string> last(0x10000);
  setservent(1);
  while (const servent* entry = getservent())
    if (std::strcmp(entry->s_proto, "udp") == 0) last[ntohs(static_cast<std::uint16_t>(entry->s_port))] = entry->s_name;
  endservent();
  const auto names = make_system_resolver();
  unsigned differ = 0;
  for (unsigned port = 0; port <= 0xffff; ++port)
    differ += names->service_last(static_cast<std::uint16_t>(port), ServiceProtocol::udp) != last[port];
  BOOST_TEST(differ == 0u);
}

BOOST_AUTO_TEST_CASE(a_view_outlives_later_questions) {
  const auto names = make_system_resolver();
  const std::string_view root = names->user(0), ssh = names->service(22, ServiceProtocol::tcp);
  const std::string root_copy(root), ssh_copy(ssh);
  for (std::uint32_t i = 0; i < 300; ++i) {
    names->user(2'000'000'000 + i);
    names->service(static_cast<std::uint16_t>(i), ServiceProtocol::any);
  }
  BOOST_TEST(root == root_copy);
  BOOST_TEST(ssh == ssh_copy);
  BOOST_TEST(static_cast<const void*>(names->user(0).data()) == root.data());  // cached
}

BOOST_AUTO_TEST_CASE(users) {
  const auto names = make_system_resolver();
  const passwd* root = getpwuid(0);
  BOOST_TEST(names->user(0) == (root == nullptr ? "" : root->pw_name));
  BOOST_TEST(names->user(4'000'000'001) == "");
}

BOOST_AUTO_TEST_CASE(ip_protocols, *boost::unit_test::enable_if<kListsFiles>()) {
  const auto names = make_system_resolver();
  for (std::uint32_t number = 0; number < 256; ++number) {
    const protoent* entry = getprotobynumber(static_cast<int>(number));
    BOOST_TEST(names->ip_protocol(number) == (entry == nullptr ? "" : entry->p_name));
  }
  BOOST_TEST(names->ip_protocol(0x12345678) == "");
}

BOOST_AUTO_TEST_CASE(interfaces_both_ways) {
  const auto names = make_system_resolver();
  const std::uint32_t lo = names->interface_index("lo");
  BOOST_TEST(lo == if_nametoindex("lo"));
  BOOST_TEST(lo != 0u);
  BOOST_TEST(names->interface(lo) == "lo");
  BOOST_TEST(names->interface(0) == "");
  BOOST_TEST(names->interface(0x7fffffff) == "");
  BOOST_TEST(names->interface_index("a-name-too-long-for-any-interface") == 0u);
  BOOST_TEST(names->interface_index("") == 0u);
}

BOOST_AUTO_TEST_CASE(hosts_of_the_hosts_file) {
  // Only the loopback address: a lookup of others could query a name server.
  const auto names = make_system_resolver();
  const Address v4 = address_of(AF_INET, "127.0.0.1");
  const hostent* entry = gethostbyaddr(v4.data(), 4, AF_INET);
  BOOST_TEST(names->host(Family::inet, v4) == (entry == nullptr ? "" : entry->h_name));
  BOOST_TEST(names->host(Family::inet6, Address{}) == "");  // glibc never looks up "::"
  BOOST_TEST(names->host(Family::unix_domain, v4) == "");
}

BOOST_AUTO_TEST_CASE(networks) {
  const auto names = make_system_resolver();
  for (const char* text : {"127.0.0.0", "169.254.0.0", "203.0.113.0"}) {
    const netent* entry = getnetbyaddr(inet_network(text), AF_INET);
    BOOST_TEST(names->network(address_of(AF_INET, text)) == (entry == nullptr ? "" : entry->n_name));
  }
}

BOOST_AUTO_TEST_CASE(which_databases_can_be_listed) {
  struct {
    const char* text;
    bool wanted;
  } const kCases[] = {
      {"services: files\n", true},
      {"# services: ldap\npasswd: files systemd\n  services:\tdb files # both local\nrpc: ldap\n", true},
      {"services:db files", true},
      {"services: files sss\n", false},
      {"services: nis [NOTFOUND=return] files\n", false},
      {"services:\n", false},
      {"passwd: files\n", false},
      {"", false},
  };
  for (const auto& c : kCases) BOOST_TEST(lists_all_services(c.text) == c.wanted, c.text);
}

BOOST_AUTO_TEST_CASE(users_of_a_passwd_file) {
  const auto names = names_in_passwd(
      "root:x:0:0:root:/root:/bin/sh\n  blanks:x:1:1::/:\n#comment:x:2:2::/:\n+nis:x:3:3::/:\n-nis:x:4:4::/:\n\n"
      "second:x:0:0::/:\n:x:5:5::/:\nno number:x:a:6::/:\nno "
      "group:x:7::::\nlarge:x:4294967296:1::/:\nmost:x:4294967295:1\ncut:x");
  BOOST_TEST(names.size() == 3u);
  BOOST_TEST(names.at(0) == "root");
  BOOST_TEST(names.at(1) == "blanks");
  BOOST_TEST(names.at(4294967295u) == "most");
}

BOOST_AUTO_TEST_CASE(where_users_come_from) {
  BOOST_TEST(passwd_file_first(""));
  BOOST_TEST(passwd_file_first("group: compat\n passwd:\tfiles systemd # sss\n"));
  BOOST_TEST(!passwd_file_first("passwd: sss files\n"));
  BOOST_TEST(!passwd_file_first("#passwd: files\npasswd: compat\n"));
  BOOST_TEST(!passwd_file_first("passwd:\n"));
}

BOOST_AUTO_TEST_CASE(users_are_those_of_the_c_library) {
  const auto names = make_system_resolver();
  setpwent();
  for (const passwd* entry = getpwent(); entry != nullptr; entry = getpwent()) {
    const std::uint32_t uid = entry->pw_uid;
    passwd found{};
    passwd* result = nullptr;
    char buffer[16384];
    BOOST_REQUIRE(getpwuid_r(uid, &found, buffer, sizeof buffer, &result) == 0);
    BOOST_TEST(names->user(uid) == (result == nullptr ? "" : result->pw_name));
  }
  endpwent();
}

BOOST_AUTO_TEST_SUITE_END()
