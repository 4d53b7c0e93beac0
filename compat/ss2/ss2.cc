// The ss2 front end: the JSON documents of pyroute2 0.7's ss2, from either backend.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include "compat/frontend.h"
#include "compat/ss2/options.h"
#include "compat/ss2/tcp_info.h"
#include "compat/ss2/user_contexts.h"
#include "src/base/error.h"
#include "src/collect/collect.h"
#include "src/collect/owners.h"
#include "src/collect/recorded_host.h"
#include "src/procfs/procfs_backend.h"
#include "src/render/address.h"

namespace duostat::ss2 {
namespace {

constexpr FieldSet kTcpNeeds{Field::inode,   Field::interface, Field::timer_count,
                             Field::meminfo, Field::tcp_info,  Field::congestion};
constexpr FieldSet kUnixNeeds{Field::inode, Field::unix_name, Field::unix_vfs, Field::unix_peer, Field::shutdown};

/// Without -a and -l: the sockets that have a peer or are connecting to one.
StateMask states_of(const Request& request) {
  constexpr StateMask kAll = kAllStates & ~mask_of(State::bound_inactive);
  if (request.all) return kAll;
  if (request.listen) return mask_of(State::listen);
  return kAll & ~mask_of(State::listen, State::close, State::time_wait, State::syn_recv);
}

/// Writes the sockets of one table.
class Flows {
 public:
  Flows(Environment& env, const Request& request, Document& document, UserContexts* holders)
      : env_(env), document_(document), holders_(holders), resolve_(request.resolve) {}

  void tcp(const Socket& socket);
  void unix_domain(const Socket& socket);

 private:
  void address(std::string_view key, const Endpoint& end);
  void host(std::string_view key, const Endpoint& end);
  void memory(const std::uint32_t (&words)[4]);

  Environment& env_;
  Document& document_;
  UserContexts* holders_;
  bool resolve_;
};

void Flows::address(std::string_view key, const Endpoint& end) {
  char text[kAddressTextMax];
  document_.key(key);
  document_.raw(quoted({text, static_cast<std::size_t>(format_address(text, end.family, end.address) - text)}));
}

void Flows::host(std::string_view key, const Endpoint& end) {
  const std::string_view name = env_.names.host(end.family, end.address);
  if (name.empty()) return;
  document_.key(key);
  document_.raw(quoted(name));
}

void Flows::memory(const std::uint32_t (&words)[4]) {
  constexpr std::string_view kKeys[] = {"r", "w", "f", "t"};
  document_.key("meminfo");
  document_.begin_object();
  for (std::size_t i = 0; i < 4; ++i) document_.member(kKeys[i], words[i]);
  document_.end_object();
}

void Flows::tcp(const Socket& s) {
  document_.element();
  document_.begin_object();
  address("src", s.local);
  address("dst", s.remote);
  document_.member("src_port", s.local.port);
  document_.member("dst_port", s.remote.port);
  document_.member("inode", s.inode);
  if (s.has(Field::interface)) document_.member("iface_idx", s.ifindex);
  if (s.has(Field::timer_count)) document_.member("retrans", s.timer_count);
  if (s.has(Field::meminfo)) memory(s.inet->memory.meminfo);
  if (s.has(Field::tcp_info)) {
    document_.key("tcp_info");
    put_tcp_info(document_, s.inet->tcp_info);
  }
  if (s.has(Field::congestion)) {
    document_.key("cong_algo");
    document_.raw(quoted(s.inet->congestion));
  }
  // quirk: ss2-one-holder
  if (holders_ != nullptr) holders_->put(document_, s.inode, true);
  if (resolve_) {
    host("src_host", s.local);
    host("dst_host", s.remote);
  }
  document_.end_object();
}

/// The name without leading NULs (of an abstract name) and trailing ones. /proc writes the leading NUL as '@'.
std::string_view shown_name(const UnixDetail& detail) {
  std::string_view name = detail.name;
  if (detail.name_is_text && name.starts_with('@')) name.remove_prefix(1);
  while (name.starts_with('\0')) name.remove_prefix(1);
  while (name.ends_with('\0')) name.remove_suffix(1);
  return name;
}

void Flows::unix_domain(const Socket& s) {
  const UnixDetail& detail = *s.unix_domain;
  document_.element();
  document_.begin_object();
  document_.member("inode", s.inode);
  if (!detail.name.empty()) {
    document_.key("path_name");
    document_.raw(quoted(shown_name(detail)));  // quirk: ss2-name-bytes
  }
  if (s.has(Field::unix_vfs)) {
    document_.key("vfs");
    document_.begin_object();
    document_.member("inode", detail.vfs_inode);
    document_.member("dev", detail.vfs_device);
    document_.end_object();
  }
  if (detail.has_peer) document_.member("peer_inode", detail.peer_inode);
  if (s.has(Field::shutdown)) document_.member("shutdown", s.shutdown);
  if (holders_ != nullptr) holders_->put(document_, s.inode, false);
  document_.end_object();
}

struct Table {
  bool Request::*chosen;
  std::string_view key, name;
  ProtocolSet protocols;
  FieldSet needs;
  void (Flows::*put)(const Socket&);
};
// quirk: ss2-no-inet6
constexpr Table kTables[] = {
    {&Request::tcp, "TCP", "tcp", {Protocol::tcp}, kTcpNeeds, &Flows::tcp},
    {&Request::unix_domain, "UNIX", "unix", kUnixProtocols, kUnixNeeds, &Flows::unix_domain},
};

/// quirk: ss2-falls-back
/// Reports that procfs answered instead of netlink, and which fields it lacks.
void report_fall_back(Environment& env, const Answer& answer, const Table& table) {
  const Coverage& refused = answer.refused;
  FieldSet known;
  for (const ProtocolRow& row : kProtocols)
    if (table.protocols.has(row.protocol)) known |= ProcfsBackend::knows(row.protocol);
  const std::string missing = names_of(table.needs - known);
  env.err.line(
      fmt::format("ss2: netlink: {} {}: {}", word_of(refused.operation), refused.object, error_text(refused.error)));
  env.err.line(
      fmt::format("ss2: {}: incomplete, from {} without {}", refused.object, word_of(answer.backend), missing));
}

/// Reports what is missing from an answer. False if rows are missing.
bool report(Environment& env, const Answer& answer, const Table& table) {
  const Coverage& c = answer.coverage;
  if (answer.fell_back) report_fall_back(env, answer, table);
  if (c.interrupted) env.err.line("ss2: the table changed while it was read: the list may be inconsistent");
  if (c.malformed + c.truncated != 0)
    env.err.line(fmt::format("ss2: {}: {} malformed, {} truncated", word_of(answer.backend), c.malformed, c.truncated));
  if (c.error != 0)
    env.err.line(fmt::format("ss2: {}: {} {}: {}", word_of(answer.backend), word_of(c.operation), c.object,
                             error_text(c.error)));
  if (!c.incomplete()) return !answer.fell_back;
  env.err.line(incomplete_line("ss2", table.name, c.rows));
  return false;
}

/// Writes the document of one table.
bool list(Environment& env, const Request& request, Via via, const Table& table, UserContexts* holders) {
  const Query query{.protocols = table.protocols,
                    .families = {Family::inet},
                    .states = states_of(request),
                    .wanted = table.needs,
                    .filter = nullptr};
  Document document(env.out);
  Flows flows(env, request, document, holders);
  document.begin_object();
  document.key(table.key);
  document.begin_object();
  document.key("flows");
  document.begin_array();
  const Answer answer = collect(env, via, query, [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) {
      const bool other_family = table.protocols.has(Protocol::tcp) && socket.family != Family::inet;
      if (!other_family && in_mask(query.states, socket.state)) (flows.*table.put)(socket);
    }
    return true;
  });
  document.end_array();
  document.end_object();
  document.end_object();
  document.finish();
  return report(env, answer, table);
}

}  // namespace

int run(Environment& env, std::span<const std::string> args) {
  const Request request = read_options(args);
  if (request.help) {
    env.out.append(usage_text());
    return 0;
  }
  require_one_host(env, "ss2");
  const Via via = choose_via(request.via, env.variables);
  if (request.owners && !request.process) throw UsageError("--owners: no owners are listed without -p", kUsageStatus);
  choose_owners(env, request.owners);
  std::optional<UserContexts> holders;
  if (request.process) holders.emplace(env);
  int status = 0;
  for (const Table& table : kTables)
    if (request.*table.chosen && !list(env, request, via, table, holders ? &*holders : nullptr)) status = 1;
  if (holders && holders->coverage().lost()) env.err.line(owners_line("ss2", holders->coverage()));
  return status;
}

}  // namespace duostat::ss2
