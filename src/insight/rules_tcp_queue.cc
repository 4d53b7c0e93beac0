// Rules about connections that wait for this host's programs: CLOSE-WAIT, unaccepted, half-closed, unread.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

// ---- close-wait ----

constexpr Threshold kCloseWait[] = {
    {"count", "sockets", 100, "of one owner: warning at any age"},
    {"old_count", "sockets", 20, "of one owner, each at least `age` old: warning"},
    {"age", "s", 60, "for old_count"},
    {"note_count", "sockets", 10, "of one owner, each at least `note_age` old: note; fewer are never reported"},
    {"note_age", "s", 300, "for note_count"},
    {"limit_share", "%", 50, "of the owner's descriptor limit: critical"},
};

constexpr std::string_view kNeverCloses =
    "The program read the end of these connections and did not close them: look for a path without close(), usually in "
    "error handling or a connection pool. A restart frees them. As a last help, `ss -K state close-wait --where='pid = "
    "PID'` closes them under the program.";
constexpr std::string_view kDoesNotLook =
    "The program has not looked at these connections since the peer closed: a thread is blocked, or a pool keeps idle "
    "connections without testing them. Look at its threads, shorten the pool's idle time. A restart frees them.";
constexpr std::string_view kDoesNotRead =
    "Data is unread in these connections: the program stopped reading before the peer closed. Look for blocked threads "
    "or an exhausted worker pool. A restart frees them and loses the unread data.";

class CloseWait final : public Check {
 public:
  explicit CloseWait(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    // Without an inode it waits for accept(): rule unaccepted counts it for the listener.
    if (s.inode == 0) return;
    // An MPTCP connection and its subflow share an inode: the subflow has been counted.
    if (s.protocol == Protocol::tcp) tcp_.push_back(s.inode);
    else if (is_subflow_counted(s.inode)) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    ++data.by_queue[std::min<std::uint32_t>(s.rqueue, 2)];
    // last_data_recv would be the age of the last data. Any acknowledgment since the FIN only lowers this one.
    const auto age = info_of(s, &TcpInfo::last_ack_recv);
    if (!age) return;
    data.oldest_ms = std::max(data.oldest_ms, *age);
    if (*age >= t_.milliseconds("age")) ++data.old;
    if (*age >= t_.milliseconds("note_age")) ++data.very_old;
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, entry] : owners_.entries()) {
      const std::uint64_t count = entry.data.evidence.count();
      if (!reaches(count, t_["note_count"])) continue;
      const auto limit = key.pid != 0 ? look.holders.process(key.pid).descriptor_limit : std::nullopt;
      const std::optional<Severity> severity = judge(entry.data, limit);
      if (severity) findings.add(finding(key, entry, *severity, limit, look));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t old = 0, very_old = 0, oldest_ms = 0;
    std::uint64_t by_queue[3] = {};  ///< Recv-Q 0, 1 (the FIN), more (data too)
  };

  bool is_subflow_counted(std::uint64_t inode) {
    if (!sorted_) std::ranges::sort(tcp_), sorted_ = true;  // the tcp table comes first
    return std::ranges::binary_search(tcp_, inode);
  }

  std::optional<Severity> judge(const Data& data, std::optional<std::uint64_t> limit) const {
    const std::uint64_t count = data.evidence.count();
    // GCC 12 takes *limit for a number that may not be initialized.
    if (limit && share_reaches(count, limit.value_or(0), t_["limit_share"])) return Severity::critical;
    // A process that leaks has a young one at any time, so the old ones are counted rather than the youngest judged.
    if (reaches(count, t_["count"]) || reaches(data.old, t_["old_count"])) return Severity::warning;
    if (reaches(data.very_old, t_["note_count"])) return Severity::note;
    return std::nullopt;
  }

  Finding finding(const OwnerKey& key, ByOwner<Data>::Entry& entry, Severity severity,
                  std::optional<std::uint64_t> limit, const Look& look) const {
    Data& data = entry.data;
    Finding f;
    f.severity = severity;
    f.count = data.evidence.count();
    f.owner = describe_owner(key, entry.inode, look);
    f.hidden = owners_.hidden();
    const auto& q = data.by_queue;
    f.values = fmt::format("{} with the end read, {} not looked at, {} with unread data", q[0], q[1], q[2]);
    if (limit) f.values += fmt::format("; {} % of its {} descriptors", percent(f.count, *limit), *limit);
    f.measures = {{"end_read", q[0]}, {"not_looked_at", q[1]}, {"unread_data", q[2]}};
    if (limit) f.measures.push_back({"descriptor_limit", *limit});
    if (data.oldest_ms != 0) f.age_ms = data.oldest_ms;
    const std::size_t most = static_cast<std::size_t>(std::ranges::max_element(q) - std::begin(q));
    constexpr std::string_view kAdvice[] = {kNeverCloses, kDoesNotLook, kDoesNotRead};
    f.advice = kAdvice[most];
    f.evidence = std::move(data.evidence);
    return f;
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  ByOwner<Data> owners_;
  std::vector<std::uint64_t> tcp_;
  bool sorted_ = false;
};

// ---- unaccepted ----

constexpr Threshold kUnaccepted[] = {
    {"count", "connections", 10, "closed by the peer and waiting at least `age`, at one listener: warning"},
    {"note_count", "connections", 5, "waiting at least `age`, at one listener: note"},
    {"age", "s", 10, "since the last segment of the peer"},
};

class Unaccepted final : public Check {
 public:
  explicit Unaccepted(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.state == State::listen) {
      if (s.rqueue != 0) listeners_.add(s, look);
      return;
    }
    if (s.inode != 0) return;
    const auto age = info_of(s, &TcpInfo::last_ack_recv);
    if (!age || *age < t_.milliseconds("age")) return;
    Data& data = waiting_[{s.local.port, plain(s.local).address}];
    data.local = s.local;
    if (s.state == State::close_wait) ++data.closed;
    data.oldest_ms = std::max(data.oldest_ms, *age);
    data.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    std::map<const QueueListener*, Data> by_listener;
    for (auto& [key, data] : waiting_) {
      const QueueListener* listener = listeners_.for_local(data.local);
      if (listener == nullptr) continue;  // kernel sockets, as those of nfs, have no process either
      Data& sum = by_listener[listener];
      sum.closed += data.closed;
      sum.oldest_ms = std::max(sum.oldest_ms, data.oldest_ms);
      sum.evidence.add(data.evidence, setup_.evidence);
    }
    for (auto& [listener, data] : by_listener) {
      const bool known = listener->owner.pid != 0;
      const bool many = reaches(data.closed, t_["count"]);
      if (!many && !reaches(data.evidence.count(), t_["note_count"])) continue;
      Finding f;
      f.severity = many && (known || !look.all_processes) ? Severity::warning : Severity::note;
      f.count = data.evidence.count();
      f.owner = describe_owner(listener->owner, listener->inode, look);
      f.hidden = known ? 0 : f.count;
      f.subject = listener_text(*listener);
      f.values = fmt::format("{} of them closed by the client; queue {} of {}", data.closed, listener->rqueue,
                             listener->backlog);
      f.measures = {{"closed", data.closed}, {"queue", listener->rqueue}, {"backlog", listener->backlog}};
      f.age_ms = data.oldest_ms;
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Endpoint local;
    Evidence evidence;
    std::uint64_t closed = 0, oldest_ms = 0;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  ListenerTable listeners_;
  std::map<std::pair<std::uint32_t, Address>, Data> waiting_;
};

// ---- half-closed ----

constexpr Threshold kHalfClosed[] = {
    {"count", "sockets", 100, "of one owner"},
    {"age", "s", 600, "since the last data from the peer"},
};

class HalfClosed final : public Check {
 public:
  explicit HalfClosed(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    // Without an inode it is a TIME-WAIT mini-socket, which the kernel ends itself (tcp_fin_timeout).
    const auto age = info_of(s, &TcpInfo::last_data_recv);
    if (s.inode == 0 || !age || *age < t_.milliseconds("age")) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.youngest_ms = std::min(data.youngest_ms, *age);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      if (!reaches(data.evidence.count(), t_["count"])) continue;
      Finding f;
      f.count = data.evidence.count();
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = owners_.hidden();
      f.values = fmt::format("no data from the peers for {} or longer", duration_text(data.youngest_ms));
      f.measures = {{"idle_ms", data.youngest_ms}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t youngest_ms = ~std::uint64_t{0};
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  ByOwner<Data> owners_;
};

// ---- reader-slow ----

constexpr Threshold kReaderSlow[] = {
    {"share", "%", 50, "of the receive buffer that is unread"},
    {"bytes", "bytes", 1000000, "unread, whatever the size of the buffer"},
    {"count", "sockets", 5, "of one owner: warning"},
    {"age", "s", 10, "without new data from the peer: warning"},
};

class ReaderSlow final : public Check {
 public:
  explicit ReaderSlow(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.inode == 0 || s.rqueue == 0) return;
    constexpr std::size_t kBuffer = 1;  // of skmem: rcvbuf
    const std::uint64_t buffer = s.inet != nullptr && s.has(Field::skmem) ? s.inet->memory.skmem[kBuffer] : 0;
    const bool most = buffer != 0 && share_reaches(s.rqueue, buffer, t_["share"]);
    if (!most && !reaches(s.rqueue, t_["bytes"])) return;
    const std::uint64_t taken = info_of(s, &TcpInfo::bytes_received).value_or(0) - s.rqueue;
    const std::uint64_t id = s.has(Field::cookie) ? s.cookie : s.inode;
    if (look.number == 0) {
      first_.emplace(id, Before{s.rqueue, taken});
      return;
    }
    const auto before = first_.find(id);
    if (before == first_.end()) return;
    // A program that reads in bursts may have as much unread again: what it took in between decides.
    const bool has_info = info_of(s, &TcpInfo::bytes_received).has_value();
    if (has_info ? taken != before->second.taken : s.rqueue < before->second.unread) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.unread += s.rqueue;
    data.oldest_ms = std::max(data.oldest_ms, info_of(s, &TcpInfo::last_data_recv).value_or(0));
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    if (looks < 2) return;
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      Finding f;
      f.count = data.evidence.count();
      const bool many = reaches(f.count, t_["count"]), long_ago = data.oldest_ms >= t_.milliseconds("age");
      f.severity = many || long_ago ? Severity::warning : Severity::note;
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = owners_.hidden();
      f.values = fmt::format("{} unread, nothing read between the two looks", bytes_text(data.unread));
      f.measures = {{"unread_bytes", data.unread}};
      if (data.oldest_ms != 0) f.age_ms = data.oldest_ms;
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Before {
    std::uint64_t unread, taken;
  };
  struct Data {
    Evidence evidence;
    std::uint64_t unread = 0, oldest_ms = 0;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  std::unordered_map<std::uint64_t, Before> first_;  ///< only sockets with much unread data
  ByOwner<Data> owners_;
};

// ---- the rows ----

constexpr Rule kQueueRules[] = {
    {.id = "close-wait",
     .protocols = {Protocol::tcp, Protocol::mptcp},
     .states = mask_of(State::close_wait),
     .needs = {Field::inode, Field::queues},
     .uses = {Field::uid, Field::tcp_info},
     .owners = true,
     .processes = {ProcessField::user, ProcessField::workload, ProcessField::limits},
     .condition = "CLOSE-WAIT sockets of one owner; each is at least as old as its last_ack_recv",
     .thresholds = kCloseWait,
     .critical = "the count reaches limit_share of the owner's descriptor limit",
     .warning = "count sockets, or old_count of them for at least age",
     .note = "note_count sockets for at least note_age",
     .guard = "browsers and connection pools keep some for minutes: owners with fewer than note_count are not "
              "reported. Connections without an inode wait for accept() and belong to the rule unaccepted",
     .meaning = "The peers closed these connections and the program keeps them open. Each holds a descriptor until the "
                "program closes it or exits; at the limit it can accept and open nothing more.",
     .advice = kNeverCloses,
     .make = make_check<CloseWait>},
    {.id = "unaccepted",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established, State::close_wait, State::listen),
     .needs = {Field::inode, Field::queues, Field::tcp_info},
     .uses = kOwnerKeys | FieldSet{Field::backlog},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "connections without an inode that wait at a listener whose queue is not empty, for at least age",
     .thresholds = kUnaccepted,
     .warning = "count of them were closed by the client",
     .note = "note_count wait; or the listener has no process",
     .guard = "connections of kernel sockets (nfs) have no listener here; short queues of slow starters stay below "
              "note_count",
     .meaning = "The program has stopped calling accept(): clients are connected, wait for an answer and give up.",
     .advice = "Look at the program's threads (`cat /proc/PID/stack`, a debugger, a thread dump): it is blocked, out "
               "of workers, or at its descriptor limit. A restart drops the waiting connections.",
     .make = make_check<Unaccepted>},
    {.id = "half-closed",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::fin_wait2),
     .needs = {Field::inode, Field::tcp_info},
     .uses = kOwnerKeys,
     .owners = true,
     .processes = kOwnerFields,
     .condition = "FIN-WAIT-2 sockets of a live process, without data for at least age, count of one owner",
     .thresholds = kHalfClosed,
     .note = "always a note",
     .guard = "ssh, rsync and proxies half-close on purpose; mini-sockets of closed connections have no inode",
     .meaning = "The program ended its side of these connections and waits for the peers to end theirs, without a "
                "time-out.",
     .advice = "Give the program a time-out of its own after shutdown(); tcp_fin_timeout only ends sockets that are "
               "closed.",
     .make = make_check<HalfClosed>},
    {.id = "reader-slow",
     .looks = RuleLooks::two,
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established),
     .needs = {Field::inode, Field::queues},
     .uses = kOwnerKeys | FieldSet{Field::tcp_info, Field::skmem, Field::cookie},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "ESTABLISHED with share of the receive buffer or bytes unread, and nothing read between two looks",
     .thresholds = kReaderSlow,
     .warning = "count sockets of one owner, or age without new data",
     .note = "fewer and shorter",
     .guard = "bulk receivers between two reads: they read between the looks",
     .meaning = "This host's program does not read what its peers send: their sending stalls.",
     .advice = "Look at the program: a blocked thread, garbage collection, a slow disk, a full downstream queue. "
               "Larger buffers only hide it.",
     .make = make_check<ReaderSlow>},
};

}  // namespace

std::span<const Rule> queue_rules() { return kQueueRules; }

}  // namespace duostat
