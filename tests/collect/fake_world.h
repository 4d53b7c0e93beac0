// An Environment for tests: names from a map, a clock that stands still, output as text.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/collect/environment.h"

namespace duostat {

class FakeResolver final : public Resolver {
 public:
  std::map<std::uint32_t, std::string> services, protocols, users;
  std::map<Address, std::string> hosts;
  int host_lookups = 0;

  std::string_view service(std::uint16_t port, ServiceProtocol p) override { return service_last(port, p); }
  std::string_view service_last(std::uint16_t port, ServiceProtocol) override { return find(services, port); }
  std::string_view ip_protocol(std::uint32_t number) override { return find(protocols, number); }
  std::string_view host(Family, const Address& address) override {
    ++host_lookups;
    const auto at = hosts.find(address);
    return at == hosts.end() ? std::string_view{} : at->second;
  }
  std::string_view network(const Address&) override { return "a-network"; }
  std::string_view user(std::uint32_t uid) override { return find(users, uid); }
  std::string_view interface(std::uint32_t) override { return {}; }
  std::uint32_t interface_index(std::string_view) override { return 0; }

 private:
  static std::string_view find(const std::map<std::uint32_t, std::string>& names, std::uint32_t number) {
    const auto at = names.find(number);
    return at == names.end() ? std::string_view{} : at->second;
  }
};

class FakeClock final : public Clock {
 public:
  std::vector<std::int64_t> sleeps;
  bool passes = false;  ///< time passes during sleeps
  std::int64_t now = 0;
  std::function<void(std::int64_t)> during_sleep{};  ///< called with the time at its end
  std::int64_t now_ns() override { return now; }
  std::int64_t wall_ns() override { return 0; }
  std::int64_t processor_ns() override { return 0; }
  void sleep_ns(std::int64_t duration) override {
    sleeps.push_back(duration);
    if (passes) now += duration;
    if (during_sleep) during_sleep(now);
  }
};

/// Accepts `writes` writes, then fails with ENOSPC.
class FullSink final : public ByteSink {
 public:
  explicit FullSink(int writes) : left_(writes) {}
  std::vector<std::string> written;
  int write(std::string_view bytes) noexcept override {
    if (left_-- <= 0) return ENOSPC;
    written.emplace_back(bytes);
    return 0;
  }

 private:
  int left_;
};

/// An environment and what it refers to. The default `proc` is a directory without files.
struct FakeWorld {
  explicit FakeWorld(ByteSink& sink, ProcDir directory = ProcDir("/nonexistent"))
      : proc(std::move(directory)), out(sink) {}

  Variables variables;
  ProcDir proc;
  FakeClock clock;
  FakeResolver names;
  Output out;
  StringSink errors;
  Diagnostics err{errors, nullptr, false};
  Environment env{"netstat", variables, proc,
                  [](int, OpenError& error) { return error = EPROTONOSUPPORT, std::unique_ptr<Transport>(); },
                  clock, names, out, err, {}};
};

}  // namespace duostat
