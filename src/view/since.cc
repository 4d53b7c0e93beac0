// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/since.h"

#include <array>
#include <bit>
#include <utility>

#include "src/base/error.h"
#include "src/collect/derived_environment.h"
#include "src/collect/dry_run.h"
#include "src/collect/recorded_host.h"
#include "src/collect/snapshot.h"
#include "src/collect/sockets.h"
#include "src/insight/changes.h"
#include "src/model/unix_name.h"

namespace duostat {
namespace {

template <class T>
void append_bytes(std::string& key, const T& value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  key.append(bytes.data(), bytes.size());
}

std::string numbered(Protocol protocol, std::uint64_t number) {
  std::string key;
  append_bytes(key, protocol);
  append_bytes(key, number);
  return key;
}

/// Whether netlink listed it. The addresses of kernel objects, which files have, are no cookies of netlink's.
bool has_netlink_cookie(const Socket& s) {
  if (!s.has(Field::cookie) || s.cookie == 0) return false;
  if (s.family == Family::inet || s.family == Family::inet6) return s.has(Field::interface);
  return s.unix_domain == nullptr || !s.unix_domain->name_is_text;
}

}  // namespace

Since::Since(Environment& env, std::string file, ProtocolSet protocols, Via via) : file_(std::move(file)) {
  if (env.dry_run != nullptr) {
    env.dry_run->file(file_, false, "the capture: its sockets are read, and rows that it has are left out");
    return;
  }
  const Snapshot now = read_snapshot(env, via, {});
  StringSink said;
  Diagnostics err(said, nullptr, false);
  Environment quiet = derived(env, {.err = &err});
  quiet.recorded = {};
  const auto take = [&](Environment& recorded) {
    same_boot_ = is_same_boot(read_snapshot(recorded, via, {}), now);
    read(recorded, protocols, via);
    return 0;
  };
  const int status = with_recorded_host(quiet, file_, take, kUsageStatus, "--since");
  const std::string prefix = env.program + ": ";
  if (status == 0) {
    if (!said.text.empty()) env.err.raw(said.text);
    return;
  }
  std::string_view what = said.text;
  if (what.starts_with(prefix)) what.remove_prefix(prefix.size());
  throw UsageError(std::string(what.substr(0, what.find('\n'))), kUsageStatus);
}

void Since::read(Environment& recorded, ProtocolSet protocols, Via via) {
  SocketRequest request{.protocols = protocols, .wanted = needs()};
  for (const ProtocolRow& row : kProtocols)
    if (protocols.empty()) request.protocols.add(row.protocol);
  for (const TableAnswer& a : each_socket(recorded, via, request, [&](const Socket& s) { keep(s); })) {
    if (a.answer.backend != Via::procfs) with_cookies_ = with_cookies_ | a.protocols;
    if (a.missing) problems_.push_back({std::string(a.name), why_missing(a)});
  }
}

void Since::keep(const Socket& s) {
  ++endpoints_[key_of(s)];
  if (!same_boot_) return;
  if (has_netlink_cookie(s)) cookies_.insert(numbered(s.protocol, s.cookie));
  if (s.has(Field::inode) && s.inode != 0) inodes_.insert(numbered(s.protocol, s.inode));
}

const std::string& Since::key_of(const Socket& s) {
  key_.clear();
  append_bytes(key_, s.protocol);
  for (const Endpoint* end : {&s.local, &s.remote}) {
    key_.append(end->address.begin(), end->address.end());
    append_bytes(key_, end->port);
    append_bytes(key_, end->node);
  }
  if (s.unix_domain != nullptr) key_ += shown_name(*s.unix_domain, name_);
  return key_;
}

bool Since::knows(const Socket& s) {
  if (same_boot_) {
    const bool by_cookie = has_netlink_cookie(s) && with_cookies_.has(s.protocol);
    if (by_cookie) return cookies_.contains(numbered(s.protocol, s.cookie));
    if (s.has(Field::inode) && s.inode != 0) return inodes_.contains(numbered(s.protocol, s.inode));
  }
  const auto known = endpoints_.find(key_of(s));
  if (known == endpoints_.end() || known->second == 0) return false;
  --known->second;
  return true;
}

}  // namespace duostat
