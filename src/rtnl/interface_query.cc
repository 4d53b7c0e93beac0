// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/interface_query.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "src/base/fd.h"

namespace duostat::rtnl {
namespace {

/// The interface has no such property, or the kernel does not support it.
bool has_none(int error) noexcept {
  constexpr int kNone[] = {EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOTTY, EOPNOTSUPP};
  return std::ranges::find(kNone, error) != std::end(kNone);
}

class InterfaceIoctls final : public InterfaceQuery {
 public:
  InterfaceIoctls(Fd socket, Ioctl ioctl) : socket_(std::move(socket)), ioctl_(std::move(ioctl)) {}

  int names(std::vector<std::string>& names) override {
    // The kernel fills the available room and does not report how much it left out: ask again with more room.
    for (std::size_t room = 32;; room *= 2) {
      std::vector<ifreq> requests(room);
      ifconf conf{};
      conf.ifc_len = static_cast<int>(room * sizeof(ifreq));
      conf.ifc_req = requests.data();
      if (const int error = call(SIOCGIFCONF, &conf)) return error;
      const std::size_t count = static_cast<std::size_t>(conf.ifc_len) / sizeof(ifreq);
      if (count >= room) continue;
      for (std::size_t i = 0; i < count; ++i)
        names.emplace_back(requests[i].ifr_name, ::strnlen(requests[i].ifr_name, IFNAMSIZ));
      return 0;
    }
  }

  int describe(Interface& i, UnreadPart unread) override {
    ifreq request;
    if (const int error = ask(SIOCGIFFLAGS, i.name, request); error != 0) return error;
    i.flags = static_cast<std::uint16_t>(request.ifr_flags);
    const auto read = [&](unsigned long what, std::string_view word) {
      const int error = ask(what, i.name, request);
      if (error != 0 && !has_none(error)) unread(word, error);
      return error == 0;
    };
    if (read(SIOCGIFHWADDR, "SIOCGIFHWADDR")) {
      i.hardware_type = request.ifr_hwaddr.sa_family;
      i.hardware_length = sizeof request.ifr_hwaddr.sa_data;
      std::memcpy(i.hardware_address.data(), request.ifr_hwaddr.sa_data, i.hardware_length);
    }
    if (read(SIOCGIFMTU, "SIOCGIFMTU")) i.mtu = static_cast<std::uint32_t>(request.ifr_mtu);
    if (read(SIOCGIFMAP, "SIOCGIFMAP")) {
      const ifmap& map = request.ifr_map;
      i.map = {map.mem_start, map.mem_end, map.base_addr, map.irq, map.dma, map.port};
    }
    if (read(SIOCGIFTXQLEN, "SIOCGIFTXQLEN")) i.queue_length = static_cast<std::uint32_t>(request.ifr_qlen);
    if (!read(SIOCGIFADDR, "SIOCGIFADDR") || request.ifr_addr.sa_family != AF_INET) return 0;
    InterfaceInet& inet = i.inet.emplace();
    inet.address = address_of(request);
    if (read(SIOCGIFDSTADDR, "SIOCGIFDSTADDR")) inet.destination = address_of(request);
    if (read(SIOCGIFBRDADDR, "SIOCGIFBRDADDR")) inet.broadcast = address_of(request);
    if (read(SIOCGIFNETMASK, "SIOCGIFNETMASK")) inet.mask = address_of(request);
    return 0;
  }

 private:
  int ask(unsigned long what, const std::string& name, ifreq& request) noexcept {
    request = ifreq{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    return call(what, &request);
  }
  int call(unsigned long what, void* argument) noexcept {
    if (ioctl_) return ioctl_(what, argument);
    return ::ioctl(socket_.get(), what, argument) == 0 ? 0 : errno;
  }
  static Address address_of(const ifreq& request) noexcept {
    Address address{};
    sockaddr_in inet;
    std::memcpy(&inet, &request.ifr_addr, sizeof inet);
    std::memcpy(address.data(), &inet.sin_addr, sizeof inet.sin_addr);
    return address;
  }

  Fd socket_;
  Ioctl ioctl_;
};

}  // namespace

std::unique_ptr<InterfaceQuery> open_interface_ioctls(int& error, Ioctl instead) {
  if (instead) return std::make_unique<InterfaceIoctls>(Fd(), std::move(instead));
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  error = fd ? 0 : errno;
  if (!fd) return nullptr;
  return std::make_unique<InterfaceIoctls>(std::move(fd), Ioctl());
}

}  // namespace duostat::rtnl
