// Service names by port, from the services database, read once.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/names/resolver.h"

namespace duostat {

/// True if getservent(3) lists everything that getservbyport(3) would find, according to the text of nsswitch.conf(5):
/// the only sources of services are "files" and "db". A directory server may answer single lookups and refuse to list
/// all entries.
bool lists_all_services(std::string_view nsswitch);

/// Calls `each` for the lines of services(5), in order. The names live as long as `file`. Skips lines without a port or
/// a protocol, as the C library does.
void each_service(std::string_view file,
                  FunctionRef<void(std::uint16_t port, std::string_view protocol, std::string_view name)> each);

/// Names of ports. Reads nothing before the first lookup; then reads the whole database, which costs no more than one
/// failed getservbyport(3). If the list may be incomplete, ports that it lacks are looked up one by one, once each.
class Services {
 public:
  /// `common`: a system without a list has the names of common_services().
  explicit Services(bool common = false) : common_(common) {}
  /// Returns the first entry for the port, like getservbyport(3).
  std::string_view first(std::uint16_t port, ServiceProtocol protocol);
  /// Returns the last entry of the list. Sources that do not list their entries are ignored, as in net-tools.
  std::string_view last(std::uint16_t port, ServiceProtocol protocol);

 private:
  using Name = std::uint32_t;  ///< index in names_

  /// A name for each of 65536 ports, in pages of 256 that are allocated when something is stored. Before that there is
  /// no list of pages either: ten lists take five pages of memory, which a short run need not touch.
  class Ports {
   public:
    Name get(std::uint16_t port) const {
      if (!pages_) return kUnknown;
      const auto& page = (*pages_)[port >> 8];
      return page ? (*page)[port & 0xff] : kUnknown;
    }
    void set(std::uint16_t port, Name name);

   private:
    using Page = std::array<Name, 256>;
    std::unique_ptr<std::array<std::unique_ptr<Page>, 256>> pages_;
  };

  static constexpr Name kUnknown = 0, kNone = 1;
  static constexpr std::size_t kProtocols = 5;

  void load();
  Name ask(std::uint16_t port, ServiceProtocol protocol);
  Name keep(std::string_view name);
  void enter(std::uint16_t port, ServiceProtocol protocol, Name name);
  void enter(std::uint16_t port, std::string_view protocol, std::string_view service);

  bool common_, loaded_ = false, complete_ = false;
  std::deque<std::string> names_{"", ""};  // kUnknown, kNone; a deque keeps its elements in place
  std::array<Ports, kProtocols> first_, last_;
};

}  // namespace duostat
