// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/interfaces.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/procfs/dev.h"

namespace duostat {
namespace {

class SystemDeviceRequests final : public DeviceRequests {
 public:
  SystemDeviceRequests() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!socket_) throw SystemError("socket", "AF_INET", errno);
  }

  std::vector<std::string> with_address() override {
    std::vector<ifreq> requests(64);
    ifconf list{};
    for (;;) {
      list.ifc_len = static_cast<int>(requests.size() * sizeof(ifreq));
      list.ifc_req = requests.data();
      if (::ioctl(socket_.get(), SIOCGIFCONF, &list) != 0) return {};
      if (static_cast<std::size_t>(list.ifc_len) + sizeof(ifreq) <= requests.size() * sizeof(ifreq)) break;
      requests.resize(requests.size() * 2);  // full: there may be more
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq); ++i)
      names.emplace_back(requests[i].ifr_name, ::strnlen(requests[i].ifr_name, IFNAMSIZ));
    return names;
  }

  int fill(Interface& interface) override {
    ifreq request{};
    if (!ask(interface, SIOCGIFFLAGS, request)) return errno;
    interface.flags = static_cast<std::uint16_t>(request.ifr_flags);
    if (ask(interface, SIOCGIFHWADDR, request)) {
      interface.hardware_type = request.ifr_hwaddr.sa_family;
      std::memcpy(interface.hardware_address.data(), request.ifr_hwaddr.sa_data, interface.hardware_address.size());
    }
    if (ask(interface, SIOCGIFMTU, request)) interface.mtu = request.ifr_mtu;
    if (ask(interface, SIOCGIFMAP, request)) {
      const ifmap& map = request.ifr_map;
      interface.map = {map.mem_start, map.mem_end, map.base_addr, map.irq, map.dma, map.port};
    }
    if ((interface.has_queue_length = ask(interface, SIOCGIFTXQLEN, request)))
      interface.queue_length = request.ifr_qlen;
    if ((interface.has_address = address(interface, SIOCGIFADDR, interface.address))) {
      address(interface, SIOCGIFDSTADDR, interface.destination);
      address(interface, SIOCGIFBRDADDR, interface.broadcast);
      address(interface, SIOCGIFNETMASK, interface.netmask);
    }
    return 0;
  }

 private:
  bool ask(const Interface& interface, unsigned long what, ifreq& request) {
    request = {};
    interface.name.copy(request.ifr_name, IFNAMSIZ - 1);
    return ::ioctl(socket_.get(), what, &request) == 0;
  }
  bool address(const Interface& interface, unsigned long what, Address& address) {
    ifreq request;
    if (!ask(interface, what, request) || request.ifr_addr.sa_family != AF_INET) return false;
    sockaddr_in in;
    std::memcpy(&in, &request.ifr_addr, sizeof in);
    std::memcpy(address.data(), &in.sin_addr, sizeof in.sin_addr);
    return true;
  }

  Fd socket_;
};

/// "eth12:3" in three parts.
struct Parts {
  std::string_view letters;
  unsigned long number = 0;
  long label = -1;  ///< none
};

unsigned long number_of(std::string_view digits) {
  unsigned long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Parts parts_of(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789";
  Parts parts;
  if (const auto colon = name.rfind(':'); colon != std::string_view::npos) {
    const std::string_view label = name.substr(colon + 1);
    if (!label.empty() && label.find_first_not_of(kDigits) == std::string_view::npos) {
      parts.label = static_cast<long>(number_of(label));
      name = name.substr(0, colon);
    }
  }
  const auto last = name.find_last_not_of(kDigits);
  const std::size_t letters = last == std::string_view::npos ? 0 : last + 1;
  parts.letters = name.substr(0, letters);
  parts.number = number_of(name.substr(letters));
  return parts;
}

}  // namespace

std::unique_ptr<DeviceRequests> open_device_requests() { return std::make_unique<SystemDeviceRequests>(); }

bool interface_name_less(std::string_view a, std::string_view b) {
  const Parts x = parts_of(a), y = parts_of(b);
  if (x.letters != y.letters) return x.letters < y.letters;
  if (x.number != y.number) return x.number < y.number;
  if (x.label == y.label) return a < b;
  const std::string_view base_a = a.substr(0, x.label < 0 ? a.size() : a.rfind(':')),
                         base_b = b.substr(0, y.label < 0 ? b.size() : b.rfind(':'));
  return base_a != base_b ? base_a < base_b : x.label < y.label;
}

std::vector<Interface> list_interfaces(const ProcDir& proc, DeviceRequests& requests, Coverage& coverage) {
  std::vector<Interface> list;
  coverage = read_dev(proc, [&](std::string_view name, const InterfaceCounters& counters) {
    Interface interface;
    interface.name = name;
    interface.has_counters = true;
    interface.counters = counters;
    list.push_back(std::move(interface));
  });
  const auto by_name = [](const Interface& x, const Interface& y) { return interface_name_less(x.name, y.name); };
  std::ranges::sort(list, by_name);
  const std::size_t known = list.size();
  for (std::string& name : requests.with_address()) {
    const auto same = [&](const Interface& i) { return i.name == name; };
    if (std::any_of(list.begin() + static_cast<std::ptrdiff_t>(known), list.end(), same)) continue;
    Interface label;
    label.name = std::move(name);
    if (!std::binary_search(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(known), label, by_name))
      list.push_back(std::move(label));
  }
  std::ranges::sort(list, by_name);
  return list;
}

}  // namespace duostat
