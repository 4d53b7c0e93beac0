// Common service names, for systems without /etc/services: minimal containers, static binaries, rescue shells.
// Source: the IANA registry of service names and port numbers.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/names/resolver.h"

namespace duostat {

struct CommonService {
  std::string_view name;
  std::uint16_t port;
  bool tcp, udp;
};

/// In the order of the ports. A port may have several names; the first is the usual one.
std::span<const CommonService> common_services();

/// The port of a name; nullopt for an unknown name, and if the service is not one of `protocol`.
std::optional<std::uint16_t> common_service_port(std::string_view name, ServiceProtocol protocol);

}  // namespace duostat
