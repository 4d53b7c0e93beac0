// The services database by port, read once.
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

/// True if getservent(3) tells all that getservbyport(3) would find, going by the text of nsswitch.conf(5): the services
/// come from "files" and "db" only. A directory server may answer single questions and yet refuse to list all it has.
bool lists_all_services(std::string_view nsswitch);

/// Calls `each` for the lines of services(5), in order. The names live as long as `file`. Lines without a port or a protocol
/// are passed over, as the C library does.
void each_service(std::string_view file,
                  FunctionRef<void(std::uint16_t port, std::string_view protocol, std::string_view name)> each);

/// Names of ports. Nothing is read before the first question; then the database is read whole, which costs no more than one
/// getservbyport(3) that fails. Where that list may not be all, ports that it lacks are asked for one by one, once each.
class Services {
 public:
  /// The first entry for the port, as getservbyport(3) finds it.
  std::string_view first(std::uint16_t port, ServiceProtocol protocol);
  /// The last entry of the list; sources that do not list what they have count for nothing, as in net-tools.
  std::string_view last(std::uint16_t port, ServiceProtocol protocol);

 private:
  using Name = std::uint32_t;  ///< index in names_

  /// A name for each of 65536 ports in pages of 256, made when something is stored. Until then there is not even the list
  /// of pages: ten of them are five pages of memory that a short run need not touch.
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

  bool loaded_ = false, complete_ = false;
  std::deque<std::string> names_{"", ""};  // kUnknown, kNone; a deque keeps its elements in place
  std::array<Ports, kProtocols> first_, last_;
};

}  // namespace duostat
