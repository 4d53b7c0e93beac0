// A dry run of a front end: every seam of its environment records into a plan and answers nothing.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/frontend.h"
#include "compat/native/plan.h"
#include "src/base/clock.h"
#include "src/collect/dry_run.h"
#include "src/names/resolver.h"

namespace duostat::native {

/// Runs a front end in an environment like `env` that asks, writes and closes nothing. Returns what the front end would
/// have done; `out` and `err` get what it printed.
Plan record(Environment& env, const FrontEnd& front_end, std::span<const std::string> args, std::string& out,
            std::string& err);

/// A transport that records each request in `taken` and gives every dump the same reply.
class RecordingTransport final : public Transport {
 public:
  enum class Reply : std::uint8_t {
    nothing,      ///< NLMSG_DONE
    a_row,        ///< one made-up socket, for requests of inet_diag
    refusal,      ///< an error
    old_refusal,  ///< an error to the requests of before Linux 3.3
  };
  using Take = std::function<void(PlannedRequest)>;
  using Join = std::function<void(std::uint32_t)>;
  RecordingTransport(int netlink_protocol, Take take, Join join, Reply reply = Reply::nothing)
      : protocol_(netlink_protocol), take_(std::move(take)), join_(std::move(join)), reply_(reply) {}

  int send(Bytes request) noexcept override;
  /// The answer to the request before; ECANCELED if there is none.
  Received receive(std::span<std::byte> buffer) noexcept override;
  std::uint32_t port_id() const noexcept override { return 1; }
  /// As the kernel's transport, so that the same requests are sent. Answers this short start no thread.
  bool concurrent() const noexcept override { return true; }
  int join(std::uint32_t group) noexcept override;

 private:
  void answer_to(Bytes request);
  void put(std::uint16_t type, std::uint32_t sequence, Bytes body);

  int protocol_;
  Take take_;
  Join join_;
  Reply reply_;
  std::vector<std::byte> answer_;
};

class RecordingResolver final : public Resolver {
 public:
  explicit RecordingResolver(std::map<std::string, std::string>& names) : names_(names) {}
  std::string_view service(std::uint16_t port, ServiceProtocol protocol) override;
  std::string_view service_last(std::uint16_t port, ServiceProtocol protocol) override;
  std::string_view ip_protocol(std::uint32_t number) override;
  std::string_view host(Family family, const Address& address) override;
  std::string_view network(const Address& address) override;
  std::string_view user(std::uint32_t uid) override;
  std::string_view interface(std::uint32_t ifindex) override;
  std::uint32_t interface_index(std::string_view name) override;

 private:
  std::map<std::string, std::string>& names_;
};

/// Records what a front end asks, and what it reads of /proc.
class PlanRecorder final : public DryRun, public ProcDryRun {
 public:
  explicit PlanRecorder(Plan& plan) : plan_(plan) {}

  Answer answer(Environment& env, const Query& query, const Choice& choice, Sink sink) override;
  void file(std::string_view path, bool writes, std::string_view what) override;
  void network_namespace(std::string_view path) override;
  int ioctl(unsigned long request, void* argument) override;

  Fd open(std::string_view relative, const std::string& path, int& error) override;
  void walk(std::string_view files) override { plan_.process_files = files; }

  void iterator(bool always) override {
    plan_.owner_program = true;
    plan_.owner_program_first = always;
  }
  void asks(std::string_view what, std::string_view how) override;
  void user_space(std::string_view what, std::string_view why) override {
    if (!over_) plan_.user_space.push_back({std::string(what), std::string(why)});
  }
  void figure(std::string_view title, std::string_view source) override {
    if (!over_) plan_.figures.push_back({std::string(title), std::string(source)});
  }

  OpenTransport transports(RecordingTransport::Reply reply = RecordingTransport::Reply::nothing);
  /// Recording stops at the first sleep: later passes repeat the first.
  void sleep(std::int64_t duration) {
    if (!over_) plan_.period_ns = duration;
    over_ = true;
  }
  const bool& over() const { return over_; }

 private:
  void take(PlannedRequest request);

  Plan& plan_;
  bool over_ = false;
  PlannedTable* table_ = nullptr;                  ///< its backends are being asked
  std::vector<PlannedRequest>* requests_ = nullptr;  ///< of that table: the list that gets its requests
};

/// A clock that stands still. A sleep ends the recording and the output.
class RecordingClock final : public Clock {
 public:
  RecordingClock(PlanRecorder& recorder, Output& out) : recorder_(recorder), out_(out) {}
  std::int64_t now_ns() override { return 0; }
  std::int64_t wall_ns() override { return 0; }
  void sleep_ns(std::int64_t duration) override;

 private:
  PlanRecorder& recorder_;
  Output& out_;
};

}  // namespace duostat::native
