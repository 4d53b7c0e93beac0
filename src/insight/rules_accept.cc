// Rules about the queues of listeners: connections that wait for accept(), and half-open ones.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

/// ", stopped by a signal" if it is.
std::string_view stopped_text(const OwnerKey& owner, const Look& look) {
  const auto state = owner.pid != 0 ? look.holders.process(owner.pid).run_state : std::nullopt;
  return state == 'T' || state == 't' ? "; the process is stopped (SIGCONT continues it)" : "";
}

// ---- accept-queue ----

constexpr Threshold kAcceptQueue[] = {
    {"share", "%", 80, "of the backlog that waits, in every look: warning"},
    {"backlog", "connections", 16, "least backlog for that warning"},
};

constexpr std::string_view kBacklogAdvice =
    "The program accepts too slowly: look at its processor time, locks, workers and descriptor limit. A longer queue "
    "helps against bursts only: listen(fd, N) and net.core.somaxconn, of which the kernel takes the smaller at "
    "listen(), so the program must be restarted.";
constexpr std::string_view kSomaxconnAdvice =
    "The program accepts too slowly: look at its processor time, locks, workers and descriptor limit. A longer queue "
    "helps against bursts only. The program asked for less than net.core.somaxconn, so raising that changes nothing: "
    "raise the backlog in the program (listen.backlog, --backlog, …) and restart it.";

class AcceptQueue final : public Check {
 public:
  explicit AcceptQueue(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look& look) override {
    if (look.number == 0) overflows_before_ = look.facts.get(Fact::listen_overflows);
    else first_ = std::move(listeners_);
    listeners_.clear();
    sockets_.clear();
  }

  void socket(const Socket& s, const Look& look) override {
    listeners_.add(s, look);
    if (look.number == 0) without_drops_.see(s);
    if (s.rqueue == 0 && s.drops == 0) return;
    sockets_[{s.local.port, s.local.address, s.family}].add(s, setup_.evidence);
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    without_drops_.tell(findings);
    const auto overflows = look.facts.get(Fact::listen_overflows);
    for (QueueListener listener : listeners_.all()) {
      const QueueListener* before = looks > 1 ? first_.same(listener) : nullptr;
      std::uint64_t dropped = before != nullptr && listener.drops > before->drops ? listener.drops - before->drops : 0;
      // A listener's drops include every SYN that a client sent again and that found its request waiting. Only as many
      // as the namespace counts as overflows are connections that found the queue full.
      if (overflows) listener.drops = std::min(listener.drops, *overflows);
      if (overflows && overflows_before_)
        dropped = std::min(dropped, *overflows - std::min(*overflows, *overflows_before_));
      // Of a reuseport group one full member is enough: the kernel chooses a member by hash, not by room.
      const bool full = listener.full != 0;
      std::optional<Severity> severity;
      if (listener.drops != 0) severity = Severity::note;
      if (nearly_full(listener) && (looks < 2 || (before != nullptr && nearly_full(*before))))
        severity = Severity::warning;
      if (dropped != 0 || (full && listener.backlog != 0)) severity = Severity::critical;
      else if (full && !severity) severity = Severity::note;
      if (severity) findings.add(finding(listener, *severity, dropped, look));
    }
  }

 private:
  bool nearly_full(const QueueListener& listener) const {
    return listener.rqueue != 0 && reaches(listener.backlog, t_["backlog"]) &&
           share_reaches(listener.rqueue, listener.backlog, t_["share"]);
  }

  Finding finding(const QueueListener& listener, Severity severity, std::uint64_t dropped, const Look& look) {
    Finding f;
    f.severity = severity;
    const bool in_the_past = severity == Severity::note && listener.full == 0;
    f.count = in_the_past ? listener.drops : std::max<std::uint64_t>(listener.rqueue, dropped);
    f.owner = describe_owner(listener.owner, listener.inode, look);
    f.subject = listener_text(listener);
    f.values = fmt::format("queue {} of {}", listener.rqueue, listener.backlog);
    if (listener.sockets > 1) f.values += fmt::format(" in {} sockets, {} full", listener.sockets, listener.full);
    if (listener.drops != 0) f.values += fmt::format("; {} dropped so far", listener.drops);
    if (dropped != 0) f.values += fmt::format(", {} between the looks", dropped);
    f.values += stopped_text(listener.owner, look);
    f.measures = {{"queue", listener.rqueue}, {"backlog", listener.backlog}, {"drops", listener.drops},
                  {"dropped", dropped}};
    const auto somaxconn = look.facts.get(Fact::somaxconn);
    if (somaxconn && listener.drops != 0 && listener.backlog < *somaxconn * listener.sockets) {
      f.advice = kSomaxconnAdvice;
      f.measures.push_back({"somaxconn", *somaxconn});
    }
    if (const auto at = sockets_.find({listener.local.port, listener.local.address, listener.family});
        at != sockets_.end())
      f.evidence = std::move(at->second);
    if (f.owner.pid == 0) f.hidden = f.evidence.count();
    return f;
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  WithoutDrops without_drops_;
  ListenerTable first_, listeners_;
  std::optional<std::uint64_t> overflows_before_;
  std::map<std::tuple<std::uint32_t, Address, Family>, Evidence> sockets_;
};

// ---- accept-queue-unix ----

constexpr Threshold kAcceptQueueUnix[] = {
    {"share", "%", 80, "of the backlog that waits, in every look: warning"},
    {"backlog", "connections", 16, "least backlog for that warning"},
};

class AcceptQueueUnix final : public Check {
 public:
  explicit AcceptQueueUnix(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look&) override {
    first_.clear();
    for (const Queue& queue : queues_) first_.push_back(queue.inode);
    queues_.clear();
  }

  void socket(const Socket& s, const Look& look) override {
    const bool full = s.rqueue > s.backlog_limit;
    const bool nearly = reaches(s.backlog_limit, t_["backlog"]) && s.backlog_limit != 0 &&
                        share_reaches(s.rqueue, s.backlog_limit, t_["share"]);
    if (!full && !nearly) return;
    Queue& queue = queues_.emplace_back(Queue{s.rqueue, s.backlog_limit, s.inode, owner_key(s, look), {}});
    queue.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    for (Queue& queue : queues_) {
      const bool full = queue.rqueue > queue.backlog;
      if (!full && looks > 1 && std::ranges::find(first_, queue.inode) == first_.end()) continue;
      Finding f;
      f.severity = full && queue.backlog != 0 ? Severity::critical : full ? Severity::note : Severity::warning;
      f.count = queue.rqueue;
      f.owner = describe_owner(queue.owner, queue.inode, look);
      f.hidden = queue.owner.pid == 0 ? 1 : 0;
      const std::string name = queue.evidence.sockets().empty() ? "" : queue.evidence.sockets()[0].unix_name;
      f.subject = "unix " + (name.empty() ? "(unnamed)" : name);
      f.values = fmt::format("queue {} of {}{}", queue.rqueue, queue.backlog, stopped_text(queue.owner, look));
      f.measures = {{"queue", queue.rqueue}, {"backlog", queue.backlog}};
      f.evidence = std::move(queue.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Queue {
    std::uint32_t rqueue, backlog;
    std::uint64_t inode;
    OwnerKey owner;
    Evidence evidence;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  std::vector<Queue> queues_;         ///< full or nearly full, of the current look
  std::vector<std::uint64_t> first_; ///< the inodes of those of the first look
};

// ---- syn-flood ----

class SynFlood final : public Check {
 public:
  explicit SynFlood(const CheckSetup& setup) : setup_(setup) {}

  void begin_look(const Look& look) override {
    if (look.number == 0) first_ = look.facts;
    listeners_.clear();
    half_open_.clear();
  }

  void socket(const Socket& s, const Look& look) override {
    if (s.state == State::listen) return listeners_.add(s, look);
    HalfOpen& at = half_open_[{s.local.port, plain(s.local).address}];
    at.local = s.local;
    at.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    const auto grown = [&](Fact fact) { return looks > 1 ? growth(first_, look.facts, fact).value_or(0) : 0; };
    const std::uint64_t dropped = grown(Fact::req_queue_full_drop), cookies = grown(Fact::syncookies_sent),
                        failed = grown(Fact::syncookies_failed);
    const QueueListener* most = nullptr;
    HalfOpen* open = nullptr;
    for (auto& [key, half] : half_open_) {
      const QueueListener* listener = listeners_.for_local(half.local);
      if (listener == nullptr || (open != nullptr && open->evidence.count() >= half.evidence.count())) continue;
      most = listener;
      open = &half;
    }
    const std::uint64_t waiting = open != nullptr ? open->evidence.count() : 0;
    const bool over = most != nullptr && waiting > most->backlog;
    if (dropped == 0 && cookies == 0 && !over) return;
    Finding f;
    f.severity = dropped != 0 ? Severity::critical : cookies != 0 ? Severity::warning : Severity::note;
    f.count = dropped != 0 ? dropped : cookies != 0 ? cookies : waiting;
    f.values = looks > 1 ? fmt::format("{} refused, {} answered with a cookie, {} cookies failed between the looks; ",
                                       dropped, cookies, failed)
                         : std::string();
    f.values += most != nullptr ? fmt::format("{} half-open, backlog {}", waiting, most->backlog)
                                : std::string("no listener has half-open connections now");
    f.measures = {{"refused", dropped}, {"cookies_sent", cookies}, {"cookies_failed", failed}, {"half_open", waiting}};
    if (most != nullptr) {
      f.subject = listener_text(*most);
      f.owner = describe_owner(most->owner, most->inode, look);
      f.measures.push_back({"backlog", most->backlog});
      f.evidence = std::move(open->evidence);
    } else {
      f.subject = "network namespace";
    }
    findings.add(std::move(f));
  }

 private:
  struct HalfOpen {
    Endpoint local;
    Evidence evidence;
  };
  CheckSetup setup_;
  Facts first_;
  ListenerTable listeners_;
  std::map<std::pair<std::uint32_t, Address>, HalfOpen> half_open_;
};

// ---- the rows ----

constexpr ProcessFields kProcess{ProcessField::user, ProcessField::workload, ProcessField::stat};

constexpr Rule kAcceptRules[] = {
    {.id = "accept-queue",
     .looks = RuleLooks::better_with_two,
     .protocols = {Protocol::tcp, Protocol::mptcp},
     .states = mask_of(State::listen),
     .needs = {Field::queues, Field::backlog},
     .uses = {Field::inode, Field::uid, Field::skmem, Field::drops, Field::interface},
     .more_facts = {Fact::somaxconn, Fact::listen_overflows},
     .owners = true,
     .processes = kProcess,
     .condition = "a listener's queue of connections that wait for accept(), against its backlog; and its own drops, "
                  "as far as the namespace counts overflows (ListenOverflows)",
     .thresholds = kAcceptQueue,
     .critical = "more connections than the backlog, or drops between two looks",
     .warning = "share of a backlog of at least `backlog`, in every look",
     .note = "it has dropped connections since it began, or a queue with backlog 0 is in use",
     .guard = "small backlogs are not judged by share: a BGP daemon with one waiting connection is healthy. A "
              "listener's drops alone prove nothing: they include requests that clients sent twice",
     .meaning = "New connections to this listener are dropped while its queue is full: clients wait 1, 3, 7 s or give "
                "up.",
     .advice = kBacklogAdvice,
     .make = make_check<AcceptQueue>},
    {.id = "accept-queue-unix",
     .looks = RuleLooks::better_with_two,
     .protocols = {Protocol::unix_stream, Protocol::unix_seqpacket},
     .states = mask_of(State::listen),
     .needs = {Field::queues, Field::backlog},
     .uses = {Field::inode, Field::uid, Field::unix_name},
     .owners = true,
     .processes = kProcess,
     .condition = "the same for UNIX sockets; the kernel has no counter of their refusals",
     .thresholds = kAcceptQueueUnix,
     .critical = "more connections than the backlog",
     .warning = "share of a backlog of at least `backlog`, in every look",
     .note = "a queue with backlog 0 is in use",
     .guard = "small backlogs are not judged by share: X11 and D-Bus are full for a moment at login",
     .meaning = "Connects to this socket fail at once (EAGAIN) or wait: a web server answers 502 to its clients.",
     .advice = "Raise the program's backlog (php-fpm listen.backlog, gunicorn --backlog, uwsgi --listen) and "
               "net.core.somaxconn, then restart it; give it more workers.",
     .make = make_check<AcceptQueueUnix>},
    {.id = "syn-flood",
     .looks = RuleLooks::better_with_two,
     .protocols = {Protocol::tcp},
     .states = mask_of(State::listen, State::syn_recv),
     .needs = {Field::backlog},
     .uses = {Field::inode, Field::uid, Field::queues, Field::interface},
     .facts = {Fact::req_queue_full_drop, Fact::syncookies_sent},
     .more_facts = {Fact::syncookies_failed, Fact::req_queue_full_cookies},
     .owners = true,
     .processes = kProcess,
     .condition = "half-open connections of a listener, and how the kernel answered those beyond its backlog",
     .critical = "connection requests were refused between two looks (TCPReqQFullDrop)",
     .warning = "syncookies were sent between two looks",
     .note = "more half-open connections than the backlog",
     .guard = "a full queue at the start of a busy service or in a load test looks the same",
     .meaning = "More connection requests arrive than the listener's backlog takes: a flood, or a backlog that is too "
                "short.",
     .advice = "Leave net.ipv4.tcp_syncookies at 1. Raise the listener's backlog and net.core.somaxconn, then restart "
               "it. Limit sources in the firewall if it is a flood.",
     .make = make_check<SynFlood>},
};

}  // namespace

std::span<const Rule> accept_rules() { return kAcceptRules; }

}  // namespace duostat
