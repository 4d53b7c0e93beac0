// Runs a listing once in each network namespace: --all-netns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/each_place.h"
#include "src/collect/environment.h"

namespace duostat {

/// Names of interfaces by the namespace that is shown; all other names are those of another resolver.
class NamespaceNames final : public Resolver {
 public:
  explicit NamespaceNames(Resolver& names) : names_(names) {}

  using Interfaces = std::map<std::uint32_t, std::string>;
  /// `interfaces` must live until the next call. Null: those of the other resolver.
  void show(const Interfaces* interfaces) { interfaces_ = interfaces; }

  std::string_view service(std::uint16_t port, ServiceProtocol p) override { return names_.service(port, p); }
  std::string_view service_last(std::uint16_t port, ServiceProtocol p) override { return names_.service_last(port, p); }
  std::string_view ip_protocol(std::uint32_t number) override { return names_.ip_protocol(number); }
  std::string_view host(Family family, const Address& address) override { return names_.host(family, address); }
  std::string_view network(const Address& address) override { return names_.network(address); }
  std::string_view user(std::uint32_t uid) override { return names_.user(uid); }
  std::string_view interface(std::uint32_t ifindex) override;
  std::uint32_t interface_index(std::string_view name) override;

 private:
  Resolver& names_;
  const Interfaces* interfaces_ = nullptr;
};

class EachNamespace final : public EachPlace {
 public:
  /// Finds the namespaces of this host and names them, the caller's first. Throws UsageError with status 2 in secure
  /// execution, and for a host whose files are not those of this kernel (--from, PROC_ROOT, PROC_NET_*, TCPDIAG_FILE).
  /// `env` must outlive the object.
  explicit EachNamespace(Environment& env);

  PlaceKind kind() const override { return PlaceKind::network_namespace; }
  Environment& env() override { return shown_; }
  void show(std::size_t place) override;
  std::string files_text(ProtocolSet protocols, bool& lacks) const override;

 private:
  enum class Outcome : std::uint8_t { none, listed, by_files, ended, lost };

  void run_each(Via via, Pass pass, bool files_suffice) override;
  void look(std::size_t place, Via via, Pass pass, bool files_suffice);
  void lose_this(std::string error);

  NamespaceNames names_;
  Environment shown_, inside_;
  std::vector<Outcome> outcomes_;
  std::vector<NamespaceNames::Interfaces> interfaces_;
};

}  // namespace duostat
