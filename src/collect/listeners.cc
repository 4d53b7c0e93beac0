// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/listeners.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "src/collect/owners.h"
#include "src/model/unix_name.h"
#include "src/procfs/process.h"

namespace duostat {
namespace {

constexpr FieldSet kWanted{Field::queues, Field::backlog, Field::uid,       Field::inode,
                           Field::v6only, Field::drops,   Field::interface, Field::unix_name};

bool is_unix(const Listener& l) { return l.family == Family::unix_domain; }

struct Found {
  Listener listener;
  std::uint64_t inode = 0;
};

class Reader {
 public:
  Reader(Environment& env, const ListenerRequest& request) : env_(env), request_(request) {}

  Listeners read(Via via) {
    // UDP apart: for state CLOSE the kernel would search TCP's table of connections as well.
    ask(via, request_.protocols - ProtocolSet{Protocol::udp}, State::listen);
    ask(via, request_.protocols & ProtocolSet{Protocol::udp}, State::close);
    drop_subflows();
    read_owners();
    std::ranges::stable_sort(found_, before);
    for (Found& f : found_) add(std::move(f.listener));
    for (const Listener& l : result_.list) result_.unknown += l.owner_known() ? 0 : 1;
    return std::move(result_);
  }

 private:
  /// The order of the list: MPTCP is among TCP.
  static auto key(const Listener& l) {
    const auto protocol = l.protocol == Protocol::mptcp ? Protocol::tcp : l.protocol;
    return std::tuple(protocol, l.local.port, l.family, l.local.address, l.ifindex);
  }
  static bool before(const Found& a, const Found& b) {
    const auto ka = key(a.listener), kb = key(b.listener);
    if (ka != kb) return ka < kb;
    const auto rest = [](const Listener& l) { return std::tie(l.name, l.protocol, l.process, l.uid, l.pid); };
    return rest(a.listener) < rest(b.listener);
  }
  /// Whether the sockets are one listener: a reuseport group of one program.
  static bool same(const Listener& a, const Listener& b) {
    return key(a) == key(b) && a.protocol == b.protocol && !is_unix(a) && a.owner_known() == b.owner_known() &&
           a.process == b.process && a.uid == b.uid && a.kernel == b.kernel && a.activated == b.activated &&
           a.workload == b.workload;
  }

  void ask(Via via, ProtocolSet protocols, State state) {
    if (protocols.empty()) return;
    const SocketRequest request{protocols, request_.families, mask_of(state), kWanted};
    auto answers = each_socket(env_, via, request, [&](const Socket& socket) { take(socket); });
    for (TableAnswer& answer : answers) result_.answers.push_back(std::move(answer));
  }

  void take(const Socket& s) {
    const bool udp = s.protocol == Protocol::udp;
    if (udp && (s.local.port == 0 || s.remote.port != 0)) return;
    Listener l;
    l.protocol = s.protocol;
    l.family = s.family;
    if (s.family == Family::unix_domain) {
      if (s.unix_domain != nullptr && s.has(Field::unix_name)) l.name = shown_name(*s.unix_domain, scratch_);
    } else {
      l.local = s.local;
      if (s.has(Field::interface)) l.ifindex = s.ifindex;
    }
    if (s.has(Field::uid)) l.uid = s.uid;
    if (!udp && s.has(Field::queues)) l.queue = s.rqueue;
    if (!udp && s.has(Field::backlog)) l.backlog = s.backlog_limit;
    if (s.has(Field::drops)) l.drops = s.drops;
    if (s.family == Family::inet6 && s.has(Field::v6only)) l.v6only = s.v6only != 0;
    name(l);
    found_.push_back({std::move(l), s.has(Field::inode) ? s.inode : 0});
  }

  void name(Listener& l) {
    if (l.ifindex != 0) l.device = env_.names.interface(l.ifindex);
    if (!request_.names) return;
    if (l.uid) l.user = env_.names.user(*l.uid);
    if (is_unix(l)) return;
    const auto protocol = l.protocol == Protocol::udp ? ServiceProtocol::udp : ServiceProtocol::tcp;
    l.service = env_.names.service(static_cast<std::uint16_t>(l.local.port), protocol);
  }

  void drop_subflows() {
    std::unordered_set<std::uint64_t> mptcp;
    for (const Found& f : found_)
      if (f.listener.protocol == Protocol::mptcp && f.inode != 0) mptcp.insert(f.inode);
    std::erase_if(found_, [&](const Found& f) {
      return f.listener.protocol == Protocol::tcp && mptcp.contains(f.inode);
    });
  }

  void read_owners() {
    InodeSet inodes(found_.size());
    for (const Found& f : found_) inodes.add(f.inode);
    const OwnerIndex scanned =
        request_.owners == nullptr ? duostat::read_owners(env_, {.wanted = &inodes}) : OwnerIndex();
    const OwnerIndex& owners = request_.owners == nullptr ? scanned : *request_.owners;
    Processes processes(env_.proc, {ProcessField::workload});
    OwnerCoverage& coverage = result_.owners;
    coverage = owners.coverage();
    coverage.may_hide = !sees_every_process(env_.proc);
    const bool all_seen = !coverage.incomplete();
    for (Found& f : found_) {
      own(f.listener, f.inode, owners, processes);
      f.listener.kernel = !f.listener.pid && all_seen && f.inode != 0;
    }
    coverage.details_unread = processes.unread();
    coverage.details_error = processes.unread_error();
  }

  /// Whether systemd holds the socket for a unit that it starts on demand.
  static bool is_manager(const Owner& owner, const Process& process) {
    const bool first = owner.pid == 1 && owner.comm == "systemd";
    return first || (process.workload && process.workload->manager);
  }

  static void own(Listener& l, std::uint64_t inode, const OwnerIndex& owners, Processes& processes) {
    owners.each(inode, [&](const Owner& owner) {  // descending by process, so the lowest is the last
      const Process& process = processes.of(owner.pid);
      const bool manager = is_manager(owner, process);
      if (manager) l.managed = true;
      else if (l.pids.empty() || l.pids.back() != owner.pid) l.pids.push_back(owner.pid);
      if (manager && !l.pids.empty()) return true;
      l.pid = owner.pid;
      l.process = owner.comm;
      l.workload = process.workload;
      return true;
    });
    std::ranges::sort(l.pids);
    l.activated = l.managed && l.pids.empty();
  }

  /// Whether `a` has the fuller accept queue.
  static bool is_fuller(const Listener& a, const Listener& b) {
    const auto share = [](const Listener& l) {
      const std::uint64_t queue = l.queue.value_or(0), room = std::uint64_t{l.backlog.value_or(0)} + 1;
      return static_cast<double>(queue) / static_cast<double>(room);
    };
    return share(a) > share(b);
  }

  void add(Listener&& l) {
    if (result_.list.empty() || !same(result_.list.back(), l)) return result_.list.push_back(std::move(l));
    Listener& group = result_.list.back();
    ++group.sockets;
    if (is_fuller(l, group)) group.queue = l.queue, group.backlog = l.backlog;
    if (l.drops) group.drops = group.drops.value_or(0) + *l.drops;
    group.managed |= l.managed;
    group.pids.insert(group.pids.end(), l.pids.begin(), l.pids.end());
    std::ranges::sort(group.pids);
    // Not ranges::unique(): clang 14 cannot use the subrange of libstdc++ 12.
    group.pids.erase(std::unique(group.pids.begin(), group.pids.end()), group.pids.end());
    if (l.pid && group.pid) group.pid = std::min(*l.pid, *group.pid);
  }

  Environment& env_;
  const ListenerRequest& request_;
  std::vector<Found> found_;
  std::string scratch_;
  Listeners result_;
};

}  // namespace

Listeners read_listeners(Environment& env, Via via, const ListenerRequest& request) {
  return Reader(env, request).read(via);
}

}  // namespace duostat
