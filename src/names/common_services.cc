// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/common_services.h"

namespace duostat {
namespace {

constexpr CommonService kServices[] = {
    {"echo", 7, true, true},
    {"discard", 9, true, true},
    {"daytime", 13, true, true},
    {"chargen", 19, true, true},
    {"ftp-data", 20, true, false},
    {"ftp", 21, true, false},
    {"ssh", 22, true, false},
    {"telnet", 23, true, false},
    {"smtp", 25, true, false},
    {"time", 37, true, true},
    {"whois", 43, true, false},
    {"domain", 53, true, true},
    {"bootps", 67, false, true},
    {"bootpc", 68, false, true},
    {"tftp", 69, false, true},
    {"gopher", 70, true, false},
    {"finger", 79, true, false},
    {"http", 80, true, false},
    {"www", 80, true, false},
    {"kerberos", 88, true, true},
    {"pop3", 110, true, false},
    {"sunrpc", 111, true, true},
    {"auth", 113, true, false},
    {"nntp", 119, true, false},
    {"ntp", 123, false, true},
    {"netbios-ns", 137, false, true},
    {"netbios-dgm", 138, false, true},
    {"netbios-ssn", 139, true, false},
    {"imap", 143, true, false},
    {"imap2", 143, true, false},
    {"snmp", 161, true, true},
    {"snmp-trap", 162, true, true},
    {"bgp", 179, true, false},
    {"irc", 194, true, true},
    {"ldap", 389, true, true},
    {"https", 443, true, true},
    {"microsoft-ds", 445, true, true},
    {"kpasswd", 464, true, true},
    {"submissions", 465, true, false},
    {"isakmp", 500, false, true},
    {"exec", 512, true, false},
    {"login", 513, true, false},
    {"shell", 514, true, false},
    {"syslog", 514, false, true},
    {"printer", 515, true, false},
    {"dhcpv6-client", 546, false, true},
    {"dhcpv6-server", 547, false, true},
    {"rtsp", 554, true, true},
    {"submission", 587, true, false},
    {"ipp", 631, true, true},
    {"ldaps", 636, true, true},
    {"domain-s", 853, true, true},
    {"rsync", 873, true, false},
    {"ftps", 990, true, false},
    {"imaps", 993, true, false},
    {"pop3s", 995, true, false},
    {"socks", 1080, true, false},
    {"openvpn", 1194, true, true},
    {"ms-sql-s", 1433, true, false},
    {"ms-sql-m", 1434, false, true},
    {"radius", 1812, true, true},
    {"radius-acct", 1813, true, true},
    {"mqtt", 1883, true, false},
    {"nfs", 2049, true, true},
    {"docker", 2375, true, false},
    {"docker-s", 2376, true, false},
    {"etcd-client", 2379, true, false},
    {"etcd-server", 2380, true, false},
    {"iscsi-target", 3260, true, false},
    {"mysql", 3306, true, false},
    {"ms-wbt-server", 3389, true, true},
    {"stun", 3478, true, true},
    {"svn", 3690, true, false},
    {"epmd", 4369, true, false},
    {"ipsec-nat-t", 4500, false, true},
    {"vxlan", 4789, false, true},
    {"sip", 5060, true, true},
    {"sips", 5061, true, false},
    {"xmpp-client", 5222, true, false},
    {"xmpp-server", 5269, true, false},
    {"mdns", 5353, false, true},
    {"llmnr", 5355, true, true},
    {"postgresql", 5432, true, false},
    {"amqps", 5671, true, false},
    {"amqp", 5672, true, false},
    {"rfb", 5900, true, false},
    {"couchdb", 5984, true, false},
    {"x11", 6000, true, false},
    {"redis", 6379, true, false},
    {"ircd", 6667, true, false},
    {"http-alt", 8080, true, false},
    {"secure-mqtt", 8883, true, false},
    {"git", 9418, true, false},
    {"zabbix-agent", 10050, true, false},
    {"zabbix-trapper", 10051, true, false},
    {"memcache", 11211, true, true},
};

bool is_of(const CommonService& service, ServiceProtocol protocol) {
  switch (protocol) {
    case ServiceProtocol::any: return true;
    case ServiceProtocol::tcp: return service.tcp;
    case ServiceProtocol::udp: return service.udp;
    default: return false;
  }
}

}  // namespace

std::span<const CommonService> common_services() { return kServices; }

std::optional<std::uint16_t> common_service_port(std::string_view name, ServiceProtocol protocol) {
  for (const CommonService& service : kServices)
    if (service.name == name && is_of(service, protocol)) return service.port;
  return std::nullopt;
}

}  // namespace duostat
