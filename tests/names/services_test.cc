// The text of services(5) and rpc(5), parsed by us and compared with the C library.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/services.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/names/rpc_programs.h"

namespace duostat {
namespace {

std::vector<std::string> rows_of(std::string_view file) {
  std::vector<std::string> rows;
  each_service(file, [&](std::uint16_t port, std::string_view protocol, std::string_view name) {
    rows.push_back(std::string(name) + " " + std::to_string(port) + "/" + std::string(protocol));
  });
  return rows;
}

BOOST_AUTO_TEST_CASE(lines_of_services) {
  const std::vector<std::string> expected = {"ssh 22/tcp", "domain 53/udp", "last 65535/sctp"};
  BOOST_TEST(
      rows_of("# comment\nssh\t22/tcp\t\tsecure # shell\n  domain 53/udp alias1 alias2\n\n"
              "noport\nnoslash 23\nnoproto 24/\nword x/tcp\nnegative -1/tcp\n#ftp 21/tcp\nlast 65535/sctp") == expected,
      boost::test_tools::per_element());
  BOOST_TEST(rows_of("").empty());
}

BOOST_AUTO_TEST_CASE(services_as_the_c_library_lists_them) {
  int error = 0;
  const std::string file = ProcDir("/etc").read("services", error);
  std::vector<std::string> listed;
  setservent(1);
  while (const servent* entry = getservent())
    listed.push_back(std::string(entry->s_name) + " " +
                     std::to_string(ntohs(static_cast<std::uint16_t>(entry->s_port))) + "/" + entry->s_proto);
  endservent();
  // No such file; musl, which lists nothing; or other sources.
  if (listed.empty() || file.empty() || !lists_all_services(ProcDir("/etc").read("nsswitch.conf", error))) return;
  BOOST_TEST(rows_of(file) == listed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_of_rpc_programs_and_protocols) {
  constexpr std::string_view kFile =
      "#comment 1\nportmapper\t100000\tportmap sunrpc\nnfs 100003 nfsprog\nbad 12x\nlast 7\n tcp 6 TCP\nother 6";
  BOOST_TEST(name_of_number(kFile, 100000) == "portmapper");
  BOOST_TEST(name_of_number(kFile, 100003) == "nfs");
  BOOST_TEST(name_of_number(kFile, 7) == "last");
  BOOST_TEST(name_of_number(kFile, 6) == "tcp");
  BOOST_TEST(name_of_number(kFile, 1) == "");
  BOOST_TEST(name_of_number(kFile, 12) == "");
  BOOST_TEST(name_of_number("", 1) == "");
}

}  // namespace
}  // namespace duostat
