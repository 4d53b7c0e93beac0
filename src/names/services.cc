// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/services.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <utility>

#include "src/base/cursor.h"
#include "src/base/lines.h"
#include "src/base/proc_dir.h"
#include "src/names/common_services.h"

namespace duostat {
namespace {

/// The database's name of a protocol; null for any.
constexpr const char* kProtocolWords[] = {nullptr, "tcp", "udp", "dccp", "sctp"};

constexpr std::size_t index_of(ServiceProtocol protocol) { return static_cast<std::size_t>(protocol); }

/// True if nsswitch.conf(5) lists sources of services and `accepts` is true for all of them.
template <class Accepts>
bool every_source(std::string_view nsswitch, Accepts accepts) {
  constexpr std::string_view kDatabase = "services:";
  std::string_view line;
  while (next_line(nsswitch, line)) {
    line = line.substr(0, line.find('#'));
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || !line.substr(start).starts_with(kDatabase)) continue;
    Cursor cursor(line.substr(start + kDatabase.size()));
    bool any = false;
    for (std::string_view source; cursor.word(source); any = true)
      if (!accepts(source)) return false;
    return any;
  }
  return false;
}

bool only_files_list_services(std::string_view nsswitch) {
  return every_source(nsswitch, [](std::string_view source) { return source == "files"; });
}

}  // namespace

bool lists_all_services(std::string_view nsswitch) {
  return every_source(nsswitch, [](std::string_view source) { return source == "files" || source == "db"; });
}

void each_service(std::string_view file,
                  FunctionRef<void(std::uint16_t port, std::string_view protocol, std::string_view name)> each) {
  std::string_view line;
  while (next_line(file, line)) {
    line = line.substr(0, line.find('#'));
    Cursor cursor(line);
    std::string_view name;
    std::uint64_t port = 0;
    if (!cursor.word(name)) continue;
    cursor.skip_blanks();
    std::string_view protocol;
    if (cursor.rest().starts_with('-') || !cursor.dec(port) || !cursor.expect('/')) continue;
    while (cursor.expect('/')) {
    }
    const std::string_view rest = cursor.rest();
    protocol = rest.substr(0, rest.find_first_of(" \t\r\f\v"));
    if (!protocol.empty()) each(static_cast<std::uint16_t>(port), protocol, name);
  }
}

void Services::Ports::set(std::uint16_t port, Name name) {
  if (!pages_) pages_ = std::make_unique<std::array<std::unique_ptr<Page>, 256>>();
  auto& page = (*pages_)[port >> 8];
  if (!page) page = std::make_unique<Page>();
  (*page)[port & 0xff] = name;
}

Services::Name Services::keep(std::string_view name) {
  names_.emplace_back(name);
  return static_cast<Name>(names_.size() - 1);
}

void Services::enter(std::uint16_t port, ServiceProtocol protocol, Name name) {
  Ports& first = first_[index_of(protocol)];
  if (first.get(port) == kUnknown) first.set(port, name);
  last_[index_of(protocol)].set(port, name);
}

void Services::enter(std::uint16_t port, std::string_view protocol, std::string_view service) {
  const Name name = keep(service);
  enter(port, ServiceProtocol::any, name);
  for (std::size_t i = 1; i < kProtocols; ++i)
    if (protocol == kProtocolWords[i]) enter(port, static_cast<ServiceProtocol>(i), name);
}

void Services::load() {
  if (std::exchange(loaded_, true)) return;
  const ProcDir etc("/etc");
  int error = 0;
  const std::string nsswitch = etc.read("nsswitch.conf", error);
  const auto read_file = [&] {
    const std::string file = etc.read("services", error);
    each_service(file, [this](std::uint16_t port, std::string_view protocol, std::string_view name) {
      enter(port, protocol, name);
    });
  };
  if (only_files_list_services(nsswitch)) read_file();
  if (names_.size() == kNone + 1) {
    setservent(1);
    while (const servent* entry = getservent())
      enter(ntohs(static_cast<std::uint16_t>(entry->s_port)), entry->s_proto, entry->s_name);
    endservent();
  }
  // musl's getservent(3) returns nothing, whatever nsswitch.conf says.
  if (names_.size() == kNone + 1) read_file();
  complete_ = names_.size() > kNone + 1 && lists_all_services(nsswitch);
  // quirk: common-services
  if (!common_ || names_.size() > kNone + 1) return;
  for (const CommonService& service : common_services()) {
    if (service.tcp) enter(service.port, "tcp", service.name);
    if (service.udp) enter(service.port, "udp", service.name);
  }
}

Services::Name Services::ask(std::uint16_t port, ServiceProtocol protocol) {
  const servent* entry = getservbyport(htons(port), kProtocolWords[index_of(protocol)]);
  return entry == nullptr ? kNone : keep(entry->s_name);
}

std::string_view Services::first(std::uint16_t port, ServiceProtocol protocol) {
  load();
  Ports& ports = first_[index_of(protocol)];
  Name name = ports.get(port);
  if (name == kUnknown && !complete_) ports.set(port, name = ask(port, protocol));
  return names_[name];
}

std::string_view Services::last(std::uint16_t port, ServiceProtocol protocol) {
  load();
  return names_[last_[index_of(protocol)].get(port)];
}

}  // namespace duostat
