// -i: both forms, from requests that are made up.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/interfaces.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <map>

#include "compat/netstat/hardware.h"
#include "tests/base/scratch.h"
#include "tests/compat/netstat/fakes.h"

namespace duostat::netstat {
namespace {

class FakeRequests final : public DeviceRequests {
 public:
  std::map<std::string, Interface> known;
  std::vector<std::string> labels;
  std::vector<std::string> with_address() override { return labels; }
  int fill(Interface& interface) override {
    const auto at = known.find(interface.name);
    if (at == known.end()) return ENODEV;
    Interface filled = at->second;
    filled.name = interface.name;
    filled.has_counters = interface.has_counters;
    filled.counters = interface.counters;
    interface = filled;
    return 0;
  }
};

Interface loopback() {
  Interface i;
  i.flags = 0x49;
  i.mtu = 65536;
  i.hardware_type = 772;
  i.has_queue_length = true;
  i.queue_length = 1000;
  i.has_address = true;
  i.address = {127, 0, 0, 1};
  i.netmask = {255};
  return i;
}

constexpr char kHeading[] = "Inter-|   Receive\n face |bytes    packets errs drop fifo frame compressed multicast|\n";

struct Listed {
  int status;
  std::string out, err;
};

Listed list(const std::string& dev, FakeRequests& requests, Request request, const std::string& addresses = "") {
  test::Scratch scratch;
  if (!dev.empty()) scratch.write("net/dev", kHeading + dev);
  scratch.write("net/if_inet6", addresses);
  StringSink sink;
  FakeWorld world(sink, ProcDir(scratch.path()));
  const int status = list_interfaces(world.env, request, requests, true);
  world.out.flush();
  return {status, sink.text, world.errors.text};
}

constexpr char kShortHeader[] =
    "Kernel Interface table\n"
    "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

BOOST_AUTO_TEST_SUITE(netstat_interfaces)

BOOST_AUTO_TEST_CASE(short_form) {
  FakeRequests requests;
  requests.known["lo"] = loopback();
  requests.known["down0"] = Interface{};
  requests.known["lo:1"] = loopback();
  requests.labels = {"lo", "lo:1"};
  const std::string dev =
      "    lo: 1 99999999999 1234567 8 9 10 11 12 13 55 66 77 88 99 110 121\n down0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  const std::string rows =
      "lo              65536 99999999999 1234567      8 9            55     66     77     88 LRU\n"
      "lo:1            65536      - no statistics available -                        LRU\n";
  BOOST_TEST(list(dev, requests, {}).out == kShortHeader + rows);
  Request all;
  all.all = true;
  BOOST_TEST(list(dev, requests, all).out ==
             std::string(kShortHeader) +
                 "down0               0        0      0      0 0             0      0      0      0 [NO FLAGS]\n" + rows);
}

BOOST_AUTO_TEST_CASE(long_form) {
  FakeRequests requests;
  requests.known["lo"] = loopback();
  Request request;
  request.extend = 1;
  BOOST_TEST(list("lo: 1024 1 2 3 4 5 6 7 1048577 9 10 11 12 13 14 15\n", requests, request,
                  "00000000000000000000000000000001 01 80 10 80       lo\n")
                 .out ==
             "Kernel Interface table\n"
             "lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n"
             "        inet 127.0.0.1  netmask 255.0.0.0\n"
             "        inet6 ::1  prefixlen 128  scopeid 0x10<host>\n"
             "        loop  txqueuelen 1000  (Local Loopback)\n"
             "        RX packets 1  bytes 1024 (1024.0 B)\n"
             "        RX errors 2  dropped 3  overruns 4  frame 5\n"
             "        TX packets 9  bytes 1048577 (1.0 MiB)\n"
             "        TX errors 10  dropped 11 overruns 12  carrier 14  collisions 13\n"
             "\n");
}

BOOST_AUTO_TEST_CASE(an_interface_that_vanished_does_not_hide_the_others) {
  FakeRequests requests;
  requests.known["z0"] = loopback();
  const Listed listed = list("  a0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n  z0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", requests, {});
  BOOST_TEST(listed.status == 1);
  BOOST_TEST(listed.err == "a0: error fetching interface information: Device not found\n");
  BOOST_TEST(listed.out.find("\nz0 ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_the_file_labels_are_listed) {
  FakeRequests requests;
  requests.known["lo"] = loopback();
  requests.labels = {"lo"};
  const Listed listed = list("", requests, {});
  BOOST_TEST(listed.status == 0);
  BOOST_TEST(listed.err.starts_with("Warning: cannot open "));
  BOOST_TEST(listed.err.ends_with("/net/dev (No such file or directory). Limited output.\n"));
  BOOST_TEST(listed.out.find("no statistics available") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(natural_order) {
  const std::vector<std::string> sorted = {"eth0", "eth0:1", "eth0:10", "eth2", "eth10", "lo", "veth0", "veth0a"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t k = 0; k < sorted.size(); ++k)
      BOOST_TEST(interface_name_less(sorted[i], sorted[k]) == (i < k), sorted[i] << " " << sorted[k]);
}

BOOST_AUTO_TEST_CASE(hardware_addresses) {
  const std::array<std::uint8_t, 8> bytes = {0x8c, 0x9e, 0x8a, 0xa4, 0x82, 0x66, 0x62, 0};
  BOOST_TEST(hardware_of(1).address(bytes) == "8c:9e:8a:a4:82:66");
  BOOST_TEST(hardware_of(3).address(bytes) == "FOERA3-1");
  BOOST_TEST(hardware_of(774).address(bytes) == "8C-9E-8A-A4-82-66");
  BOOST_TEST(hardware_of(999).name == "unspec");
  BOOST_TEST(hardware_of(999).address(bytes) == "8C-9E-8A-A4-82-66-62-00-00-00-00-00-00-00-00-00");
  BOOST_TEST((hardware_of(772).address == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
