// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/services.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <utility>

#include "src/base/cursor.h"
#include "src/base/proc_dir.h"

namespace duostat {
namespace {

/// The database's word for a protocol; null for any.
constexpr const char* kProtocolWords[] = {nullptr, "tcp", "udp", "dccp", "sctp"};

constexpr std::size_t index_of(ServiceProtocol protocol) { return static_cast<std::size_t>(protocol); }

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line;
}

}  // namespace

bool lists_all_services(std::string_view nsswitch) {
  constexpr std::string_view kDatabase = "services:";
  while (!nsswitch.empty()) {
    std::string_view line = next_line(nsswitch);
    line = line.substr(0, line.find('#'));
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || !line.substr(start).starts_with(kDatabase)) continue;
    Cursor cursor(line.substr(start + kDatabase.size()));
    bool any = false;
    for (std::string_view source; cursor.word(source); any = true)
      if (source != "files" && source != "db") return false;
    return any;
  }
  return false;
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

void Services::load() {
  if (std::exchange(loaded_, true)) return;
  setservent(1);
  while (const servent* entry = getservent()) {
    const auto port = ntohs(static_cast<std::uint16_t>(entry->s_port));
    const std::string_view word = entry->s_proto;
    const Name name = keep(entry->s_name);
    enter(port, ServiceProtocol::any, name);
    for (std::size_t i = 1; i < kProtocols; ++i)
      if (word == kProtocolWords[i]) enter(port, static_cast<ServiceProtocol>(i), name);
  }
  endservent();
  int error = 0;
  complete_ = names_.size() > kNone + 1 && lists_all_services(ProcDir("/etc").read("nsswitch.conf", error));
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
