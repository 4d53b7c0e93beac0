// Runs a listing once for each of several recorded hosts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "src/collect/each_place.h"
#include "src/collect/recorded_host.h"
#include "src/collect/recorded_hosts.h"

namespace duostat {

/// Names as those of the host that is shown.
class HostNames final : public Resolver {
 public:
  explicit HostNames(Resolver& names) : names_(&names) {}

  /// `names` must live until the next call.
  void show(Resolver& names) { names_ = &names; }

  std::string_view service(std::uint16_t port, ServiceProtocol p) override { return names_->service(port, p); }
  std::string_view service_last(std::uint16_t port, ServiceProtocol p) override {
    return names_->service_last(port, p);
  }
  std::string_view ip_protocol(std::uint32_t number) override { return names_->ip_protocol(number); }
  std::string_view host(Family family, const Address& address) override { return names_->host(family, address); }
  std::string_view network(const Address& address) override { return names_->network(address); }
  std::string_view user(std::uint32_t uid) override { return names_->user(uid); }
  std::string_view interface(std::uint32_t ifindex) override { return names_->interface(ifindex); }
  std::uint32_t interface_index(std::string_view name) override { return names_->interface_index(name); }

 private:
  Resolver* names_;
};

/// A capture is read when its turn comes and, unless keep() was called, freed before the next.
class EachHost final : public EachPlace {
 public:
  /// The hosts are env.hosts. `env` must outlive the object.
  explicit EachHost(Environment& env);

  PlaceKind kind() const override { return PlaceKind::host; }
  Environment& env() override { return shown_; }
  void show(std::size_t place) override;
  void keep() override { keeps_ = true; }
  std::string times_text() const override { return duostat::times_text(hosts_); }

 private:
  void run_each(Via via, Pass pass, bool files_suffice) override;
  void look(std::size_t place, Via via, Pass pass);

  const RecordedHosts& hosts_;
  HostNames names_;
  Environment shown_;
  bool keeps_ = false;
  std::vector<std::unique_ptr<RecordedEnvironment>> open_;  ///< by place; null: not read, or freed
  std::vector<bool> damaged_;                               ///< by place
};

}  // namespace duostat
