// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/changes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <utility>

#include "src/insight/baseline.h"
#include "src/insight/rule_parts.h"
#include "src/query/state_words.h"
#include "src/render/address.h"

namespace duostat {
namespace {

// ---- matching ----

constexpr std::size_t kNoFormer = static_cast<std::size_t>(-1);

/// For each object of `now` the index of the same object in `before`, or kNoFormer; of objects with one key the first
/// with the first.
struct Matches {
  std::vector<std::size_t> former;
  std::vector<std::size_t> gone;  ///< indices into `before`
};
template <class T, class Key>
Matches match(const std::vector<T>& before, const std::vector<T>& now, Key&& key) {
  std::unordered_map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = before.size(); i-- > 0;) places[key(before[i])].push_back(i);
  Matches matches;
  std::vector<bool> found(before.size());
  for (const T& t : now) {
    const auto at = places.find(key(t));
    const bool known = at != places.end() && !at->second.empty();
    matches.former.push_back(known ? at->second.back() : kNoFormer);
    if (!known) continue;
    found[at->second.back()] = true;
    at->second.pop_back();
  }
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!found[i]) matches.gone.push_back(i);
  return matches;
}

template <class T>
void append_bytes(std::string& key, const T& value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  key.append(bytes.data(), bytes.size());
}

// ---- texts ----

std::string address_text(Family family, const Address& address) {
  char buffer[kAddressTextMax];
  return {buffer, static_cast<std::size_t>(format_address(buffer, family, address) - buffer)};
}

bool has_addresses(const SnapshotSocket& s) { return s.family == Family::inet || s.family == Family::inet6; }

std::string object_text(const SnapshotSocket& s) {
  if (has_addresses(s)) return endpoint_text(s.local) + " " + endpoint_text(s.remote);
  return s.name.empty() ? fmt::format("inode {}", s.inode) : s.name;
}

std::string owner_text(std::string_view process, std::uint32_t pid) {
  return pid == 0 ? std::string() : fmt::format("{} {}", process, pid);
}

std::string described(const SnapshotSocket& s) {
  const std::string owner = owner_text(s.process, s.pid);
  return std::string(state_word(s.state)) + (owner.empty() ? "" : ", " + owner);
}

std::string address_or_any(const Route& r) {
  if (r.family == Family::inet6) return fmt::format("{}/{}", address_text(r.family, r.destination), r.prefix_length);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits += static_cast<std::uint32_t>(std::popcount(r.mask[i]));
  return fmt::format("{}/{}", address_text(r.family, r.destination), bits);
}

std::string object_text(const Route& r) {
  std::string text = address_or_any(r);
  if (!is_unspecified(r.gateway)) text += " via " + address_text(r.family, r.gateway);
  return text + " dev " + r.interface;
}

std::string object_text(const BaselineEntry& e) {
  if (e.port == 0) return e.address;
  const bool six = e.address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}{}{}", six ? "[" : "", e.address, six ? "]" : "", e.port,
                     e.device.empty() ? "" : " dev ", e.device);
}

std::string route_key(const Route& r) {
  std::string key;
  append_bytes(key, r.family);
  for (const Address* a : {&r.destination, &r.mask, &r.gateway}) key.append(a->begin(), a->end());
  append_bytes(key, r.prefix_length);
  append_bytes(key, r.metric);
  return key += r.interface;
}

std::string addresses_text(const Interface& i) {
  std::string text = i.inet ? address_text(Family::inet, i.inet->address) : "";
  std::vector<std::string> six;
  for (const InterfaceInet6& a : i.inet6)
    six.push_back(fmt::format("{}/{}", address_text(Family::inet6, a.address), a.prefix_length));
  std::ranges::sort(six);
  for (const std::string& a : six) text.append(text.empty() ? "" : " ").append(a);
  return text;
}

/// Only rtnetlink supplies flags, MTU and addresses: /proc/net/dev has names and counters.
bool is_described(const Interface& i) { return i.mtu.has_value(); }

std::string_view up_text(const Interface& i) {
  if (!is_described(i)) return {};
  return (i.flags & kInterfaceUp) != 0 ? "up" : "down";
}
std::string_view running_text(const Interface& i) { return (i.flags & kInterfaceRunning) != 0 ? "yes" : "no"; }

std::string hardware_text(const Interface& i) {
  std::string text;
  for (std::size_t n = 0; n < i.hardware_length; ++n)
    text += fmt::format("{}{:02x}", n == 0 ? "" : ":", i.hardware_address[n]);
  return text;
}

// ---- comparing ----

class Comparer {
 public:
  Comparer(const Snapshot& before, const Snapshot& now, const ChangeLimits& limits)
      : before_(before), now_(now), limits_(limits) {}

  Comparison all() {
    result_.same_boot = is_same_boot(before_, now_);
    sockets();
    listeners();
    routes();
    interfaces();
    counters();
    return std::move(result_);
  }

 private:
  Change& add(ChangeKind kind, Subject subject, std::string object) {
    Change& change = result_.changes.emplace_back();
    change.kind = kind;
    change.subject = subject;
    change.object = std::move(object);
    return change;
  }
  Change& changed(Subject subject, std::string object, std::string_view property, std::string before, std::string now) {
    Change& change = add(ChangeKind::changed, subject, std::move(object));
    change.property = property;
    change.before = std::move(before);
    change.now = std::move(now);
    return change;
  }

  // Sockets.

  std::string socket_key(const SnapshotSocket& s) const {
    std::string key;
    append_bytes(key, s.protocol);
    const bool by_cookie = result_.same_boot && s.cookie != 0;
    append_bytes(key, by_cookie);
    if (by_cookie) return append_bytes(key, s.cookie), key;
    for (const Endpoint* end : {&s.local, &s.remote}) {
      key.append(end->address.begin(), end->address.end());
      append_bytes(key, end->port);
      append_bytes(key, end->node);
    }
    append_bytes(key, s.ifindex);
    // TIME-WAIT has no inode: with it in the key, closing would look like another connection.
    if (!has_addresses(s) && result_.same_boot) append_bytes(key, s.inode);
    return key += s.name;
  }

  Change& of_socket(Change& change, const SnapshotSocket& s) {
    change.protocol = row_of(s.protocol).id;
    change.process = s.process;
    change.pid = s.pid;
    return change;
  }

  void queue(const SnapshotSocket& s, std::string_view property, std::optional<std::uint32_t> before,
             std::optional<std::uint32_t> now) {
    if (!before || !now || (*before >= limits_.queue) == (*now >= limits_.queue)) return;
    of_socket(changed(Subject::socket, object_text(s), property, std::to_string(*before), std::to_string(*now)), s)
        .difference = std::int64_t{*now} - std::int64_t{*before};
  }

  void sockets() {
    const Matches matches =
        match(before_.sockets, now_.sockets, [&](const SnapshotSocket& s) { return socket_key(s); });
    for (std::size_t i = 0; i < now_.sockets.size(); ++i) {
      const SnapshotSocket& s = now_.sockets[i];
      if (matches.former[i] == kNoFormer) {
        of_socket(add(ChangeKind::added, Subject::socket, object_text(s)), s).now = described(s);
        continue;
      }
      const SnapshotSocket& was = before_.sockets[matches.former[i]];
      if (was.state != s.state)
        of_socket(changed(Subject::socket, object_text(s), "state", std::string(state_word(was.state)),
                          std::string(state_word(s.state))),
                  s);
      owner(was, s);
      queue(s, "rqueue", was.rqueue, s.rqueue);
      queue(s, "wqueue", was.wqueue, s.wqueue);
    }
    for (const std::size_t i : matches.gone) {
      const SnapshotSocket& s = before_.sockets[i];
      of_socket(add(ChangeKind::gone, Subject::socket, object_text(s)), s).before = described(s);
    }
  }

  void owner(const SnapshotSocket& was, const SnapshotSocket& s) {
    if (was.inode == 0 || s.inode == 0) return;  // no process holds it, as in TIME-WAIT
    if ((was.pid == 0) != (s.pid == 0)) ++result_.owners_not_compared;
    if (was.pid == 0 || s.pid == 0 || (was.pid == s.pid && was.process == s.process)) return;
    of_socket(changed(Subject::socket, object_text(s), "owner", owner_text(was.process, was.pid),
                      owner_text(s.process, s.pid)),
              s);
  }

  // Listeners: as `duostat listen --baseline` compares them.

  static Baseline baseline_of(const Snapshot& snapshot) {
    Baseline baseline;
    baseline.range = snapshot.ephemeral;
    for (const Listener& l : snapshot.listeners) baseline.entries.push_back(entry_of(l));
    return baseline;
  }
  Change& of_listener(Change& change, const BaselineEntry& e, const Listener& l) {
    change.protocol = e.protocol;
    change.process = l.process;
    change.pid = l.pid.value_or(0);
    return change;
  }

  void listeners() {
    const Baseline before = baseline_of(before_), now = baseline_of(now_);
    const BaselineComparison compared = duostat::compare(before, now);
    result_.owners_not_compared += compared.not_compared;
    for (const BaselineDifference& d : compared.differences) {
      if (d.change == ListenerChange::gone) {
        const BaselineEntry& e = before.entries[d.before];
        of_listener(add(ChangeKind::gone, Subject::listener, object_text(e)), e, before_.listeners[d.before]).before =
            duostat::owner_text(e);
        continue;
      }
      const BaselineEntry& e = now.entries[d.now];
      const Listener& l = now_.listeners[d.now];
      if (d.change == ListenerChange::added)
        of_listener(add(ChangeKind::added, Subject::listener, object_text(e)), e, l).now = duostat::owner_text(e);
      else
        of_listener(changed(Subject::listener, object_text(e), "owner", duostat::owner_text(before.entries[d.before]),
                            duostat::owner_text(e)),
                    e, l);
    }
  }

  // Routes.

  void routes() {
    const Matches matches = match(before_.routes, now_.routes, [](const Route& r) { return route_key(r); });
    for (std::size_t i = 0; i < now_.routes.size(); ++i) {
      const Route& r = now_.routes[i];
      if (matches.former[i] == kNoFormer) {
        add(ChangeKind::added, Subject::route, object_text(r)).now = fmt::format("metric {}", r.metric);
        continue;
      }
      const Route& was = before_.routes[matches.former[i]];
      if (was.flags != r.flags)
        changed(Subject::route, object_text(r), "flags", fmt::format("{:#x}", was.flags),
                fmt::format("{:#x}", r.flags));
      if (was.mtu != r.mtu)
        changed(Subject::route, object_text(r), "mtu", std::to_string(was.mtu), std::to_string(r.mtu)).difference =
            std::int64_t{r.mtu} - std::int64_t{was.mtu};
    }
    for (const std::size_t i : matches.gone) {
      const Route& r = before_.routes[i];
      add(ChangeKind::gone, Subject::route, object_text(r)).before = fmt::format("metric {}", r.metric);
    }
  }

  // Interfaces.

  void interfaces() {
    const Matches matches =
        match(before_.interfaces, now_.interfaces, [](const Interface& i) -> const std::string& { return i.name; });
    for (std::size_t n = 0; n < now_.interfaces.size(); ++n) {
      const Interface& i = now_.interfaces[n];
      if (matches.former[n] == kNoFormer) {
        add(ChangeKind::added, Subject::interface, i.name).now = up_text(i);
        continue;
      }
      const Interface& was = before_.interfaces[matches.former[n]];
      if (!is_described(was) || !is_described(i)) continue;
      property(i.name, "status", std::string(up_text(was)), std::string(up_text(i)));
      property(i.name, "carrier", std::string(running_text(was)), std::string(running_text(i)));
      property(i.name, "addresses", addresses_text(was), addresses_text(i));
      property(i.name, "hardware_address", hardware_text(was), hardware_text(i));
      property(i.name, "mtu", std::to_string(*was.mtu), std::to_string(*i.mtu));
    }
    for (const std::size_t n : matches.gone)
      add(ChangeKind::gone, Subject::interface, before_.interfaces[n].name).before = up_text(before_.interfaces[n]);
  }
  void property(const std::string& name, std::string_view property, std::string before, std::string now) {
    if (before != now) changed(Subject::interface, name, property, std::move(before), std::move(now));
  }

  // Counters.

  struct NamedCounter {
    std::string name;
    std::uint64_t value;
  };
  static std::vector<NamedCounter> known_counters(const Snapshot& snapshot) {
    std::vector<NamedCounter> list;
    for (const CounterSection& section : snapshot.counters)
      for (const Counter& c : section.counters)
        if (c.known) list.push_back({section.name + " " + c.name, c.value});
    return list;
  }

  /// The kernel lists counters by ICMP type from the first message on: what is new was 0.
  void counters() {
    const std::vector<NamedCounter> before = known_counters(before_), now = known_counters(now_);
    const Matches matches = match(before, now, [](const NamedCounter& c) -> const std::string& { return c.name; });
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (matches.former[i] == kNoFormer) {
        add(ChangeKind::added, Subject::counter, now[i].name).now = std::to_string(now[i].value);
        continue;
      }
      const NamedCounter& was = before[matches.former[i]];
      if (was.value == now[i].value) continue;
      changed(Subject::counter, now[i].name, "value", std::to_string(was.value), std::to_string(now[i].value))
          .difference = static_cast<std::int64_t>(now[i].value - was.value);
    }
    for (const std::size_t i : matches.gone)
      add(ChangeKind::gone, Subject::counter, before[i].name).before = std::to_string(before[i].value);
  }

  const Snapshot& before_;
  const Snapshot& now_;
  const ChangeLimits& limits_;
  Comparison result_;
};

}  // namespace

bool is_same_boot(const Snapshot& before, const Snapshot& now) {
  constexpr std::int64_t kInaccuracy = 5'000'000'000;  // the clock may have been set a little
  return before.hostname == now.hostname && before.netns == now.netns && before.boot_ns && now.boot_ns &&
         std::abs(*before.boot_ns - *now.boot_ns) <= kInaccuracy;
}

Comparison compare(const Snapshot& before, const Snapshot& now, const ChangeLimits& limits) {
  return Comparer(before, now, limits).all();
}

}  // namespace duostat
