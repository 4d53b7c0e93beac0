// Rules about listeners and their owners.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

constexpr std::string_view kDeleted = " (deleted)";  ///< the kernel's words for a file without a name

/// The file name of the executable, or the task's name if the link is unreadable.
std::string program_of(std::uint32_t pid, std::string_view comm, const Look& look) {
  const Process& process = look.holders.process(pid);
  std::string_view program = process.exe ? std::string_view(*process.exe) : comm;
  // An upgrade while the old process still serves: the same program.
  if (program.ends_with(kDeleted)) program.remove_suffix(kDeleted.size());
  return std::string(program);
}

/// "nginx (pid 7, www-data)".
std::string holder_text(const FindingOwner& owner) {
  return fmt::format("{} (pid {}{}{})", owner.name.empty() ? "?" : owner.name, owner.pid,
                     owner.user.empty() ? "" : ", ", owner.user);
}

// ---- dup-listen ----

class DupListen final : public Check {
 public:
  explicit DupListen(const CheckSetup& setup) : setup_(setup) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.inode == 0 || s.local.port == 0) return;
    if (!seen_.add(s.inode)) return;
    Member member{s.family, s.local, s.ifindex, s.inode, owner_key(s, look), {}, EvidenceSocket(s)};
    look.holders.each(s.inode, [&](const Owner& owner) {
      if (owner.pid != 1) member.programs.insert(program_of(owner.pid, owner.comm, look));
      return true;
    });
    if (member.programs.empty() && !look.all_processes) ++unknown_;
    if (!member.programs.empty()) ports_[s.local.port].push_back(std::move(member));
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (unknown_ != 0) findings.looked_in_part(counted(unknown_, "listener") + " without a visible owner");
    for (auto& [port, members] : ports_) {
      const auto pair = find_pair(members);
      if (pair) findings.add(finding(*pair->first, *pair->second, members, look));
    }
  }

 private:
  struct Member {
    Family family;
    Endpoint local;
    std::uint32_t ifindex;
    std::uint64_t inode;
    OwnerKey owner;
    std::set<std::string> programs;
    EvidenceSocket evidence;
  };
  using Members = std::vector<Member>;

  /// Two sockets that share connections, or that one name leads to, and no program.
  static std::optional<std::pair<const Member*, const Member*>> find_pair(const Members& members) {
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t k = i + 1; k < members.size(); ++k) {
        const Member &a = members[i], &b = members[k];
        if (a.ifindex != b.ifindex || !same_place(a, b)) continue;
        const bool shared =
            std::ranges::any_of(a.programs, [&](const std::string& program) { return b.programs.contains(program); });
        if (!shared) return std::pair(&a, &b);
      }
    return std::nullopt;
  }

  static bool same_place(const Member& a, const Member& b) {
    if (a.family == b.family) return a.local.address == b.local.address;
    const bool all = is_unspecified(a.local.address) && is_unspecified(b.local.address);
    return all || (is_loopback(a.local) && is_loopback(b.local));
  }

  Finding finding(const Member& a, const Member& b, const Members& members, const Look& look) const {
    Finding f;
    f.severity = Severity::warning;
    f.count = members.size();
    f.owner = describe_owner(a.owner, a.inode, look);
    f.subject = fmt::format("port {}", a.local.port);
    f.values = fmt::format("{}: {}; {}: {}", endpoint_text(a.local), holder_text(f.owner), endpoint_text(b.local),
                           holder_text(describe_owner(b.owner, b.inode, look)));
    f.evidence = evidence(members);
    if (a.family != b.family)
      f.meaning = "One port leads to different programs over IPv4 and over IPv6: which of them answers depends on how "
                  "the client resolves the name.";
    return f;
  }

  Evidence evidence(const Members& members) const {
    Evidence all;
    for (const Member& member : members) all.add(member.evidence, setup_.evidence);
    return all;
  }

  CheckSetup setup_;
  std::map<std::uint32_t, Members> ports_;
  SeenInodes seen_;
  std::uint64_t unknown_ = 0;
};

// ---- exposed ----

struct ExposedPort {
  std::uint16_t first, last;
  std::string_view service;
};
constexpr ExposedPort kExposedPorts[] = {
    {23, 23, "telnet"},           {69, 69, "tftp"},           {111, 111, "rpcbind"},       {512, 514, "r commands"},
    {873, 873, "rsync"},          {2181, 2181, "ZooKeeper"},  {2375, 2375, "Docker API"},  {2379, 2380, "etcd"},
    {3306, 3306, "MySQL"},        {5432, 5432, "PostgreSQL"}, {5900, 5910, "VNC"},         {5984, 5984, "CouchDB"},
    {6379, 6379, "Redis"},        {8500, 8500, "Consul"},     {9200, 9200, "Elasticsearch"},
    {10250, 10250, "kubelet"},    {11211, 11211, "memcached"}, {27017, 27017, "MongoDB"},
};

/// The target in the command line of docker-proxy: "-container-ip 172.17.0.2 -container-port 6379".
std::string docker_target(const Process& process) {
  if (!process.cmdline) return {};
  std::string_view rest = *process.cmdline;
  std::string_view ip, port, previous;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (previous == "-container-ip") ip = word;
    if (previous == "-container-port") port = word;
    previous = word;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return ip.empty() ? std::string() : fmt::format("{}:{}", ip, port);
}

class Exposed final : public Check {
 public:
  explicit Exposed(const CheckSetup& setup) : setup_(setup) {}

  void socket(const Socket& s, const Look& look) override {
    if (!look.reachable || (s.state == State::close && s.remote.port != 0)) return;
    const auto port = std::ranges::find_if(
        kExposedPorts, [&](const ExposedPort& p) { return s.local.port >= p.first && s.local.port <= p.last; });
    if (port == std::end(kExposedPorts) || !is_open(s.local)) return;
    if (s.ifindex != 0 && look.names.interface(s.ifindex) == "lo") return;
    const bool udp = s.protocol == Protocol::udp;
    if (s.state != (udp ? State::close : State::listen)) return;
    if (!seen_.add(s.inode)) return;
    Data& data = found_[{s.local.port, udp}];
    if (data.evidence.count() == 0) {
      data.service = port->service;
      data.key = owner_key(s, look);
      data.inode = s.inode;
      data.local = s.local;
      data.everywhere = is_unspecified(s.local.address);
    }
    data.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, data] : found_) {
      Finding f;
      f.severity = Severity::warning;
      f.count = data.evidence.count();
      f.owner = describe_owner(data.key, data.inode, look);
      f.hidden = data.key.pid == 0 ? f.count : 0;
      f.subject = fmt::format("{} {}", key.second ? "udp" : "tcp", endpoint_text(data.local));
      f.values = fmt::format("{} {}", data.service,
                             data.everywhere ? "bound to all addresses" : "bound to a public address");
      const std::string target = data.key.pid != 0 && f.owner.name == "docker-proxy"
                                     ? docker_target(look.holders.process(data.key.pid))
                                     : std::string();
      if (!target.empty()) f.values += ", passed on to the container at " + target;
      f.measures = {{"port", key.first}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    std::string_view service;
    OwnerKey key;
    std::uint64_t inode = 0;
    Endpoint local;
    bool everywhere = false;
    Evidence evidence;
  };
  /// All addresses, or one that is routed in the Internet. A server bound to one private address was meant to be.
  static bool is_open(const Endpoint& local) {
    return is_unspecified(local.address) || (!is_loopback(local) && !is_private(local));
  }

  CheckSetup setup_;
  SeenInodes seen_;
  std::map<std::pair<std::uint32_t, bool>, Data> found_;
};

// ---- deleted-exe ----

constexpr Threshold kDeletedExe[] = {
    {"age", "s", 3600, "of the process, at least"},
    {"processes", "", 200, "whose file is looked at, at most"},
};

class DeletedExe final : public Check {
 public:
  explicit DeletedExe(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    const OwnerKey key = owner_key(s, look);
    if (key.pid == 0 || !seen_.add(s.inode)) return;
    auto at = listeners_.find(key.pid);
    if (at == listeners_.end()) {
      if (reaches(listeners_.size(), t_["processes"])) {
        beyond_.insert(key.pid);
        return;
      }
      at = listeners_.emplace(key.pid, Data{s.inode, {}}).first;
    }
    at->second.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (!beyond_.empty()) findings.looked_in_part(fmt::format("not looked at: {} processes", beyond_.size()));
    std::uint64_t unread = 0, of_unknown_age = 0;
    for (auto& [pid, data] : listeners_) {
      const Process& process = look.holders.process(pid);
      if (!process.exe) ++unread;
      if (!process.exe || !is_deleted(*process.exe)) continue;
      if (!process.started_ms || look.uptime_ms < *process.started_ms) {
        ++of_unknown_age;
        continue;
      }
      const std::uint64_t age = look.uptime_ms - *process.started_ms;
      if (age < t_.milliseconds("age")) continue;
      Finding f;
      f.count = data.evidence.count();
      f.owner = describe_owner({pid}, data.inode, look);
      f.values = fmt::format("runs {}, started {} ago", *process.exe, duration_text(age));
      f.measures = {{"running_ms", age}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
    if (unread != 0) findings.looked_in_part(fmt::format("no permission to look at {} processes", unread));
    if (of_unknown_age != 0)
      findings.looked_in_part(fmt::format("the age of {} is unknown", counted(of_unknown_age, "process")));
  }

 private:
  struct Data {
    std::uint64_t inode;
    Evidence evidence;
  };
  /// runc and crun execute themselves from memory: "/memfd:runc_cloned:/proc/self/exe (deleted)".
  static bool is_deleted(std::string_view exe) { return exe.ends_with(kDeleted) && !exe.starts_with("/memfd:"); }

  CheckSetup setup_;
  const ThresholdValues& t_;
  SeenInodes seen_;
  std::map<std::uint32_t, Data> listeners_;
  std::set<std::uint32_t> beyond_;
};

// ---- new-listener ----

class NewListener final : public Check {
 public:
  explicit NewListener(const CheckSetup& setup) : setup_(setup) {}

  void end_look(const Look& look) override {
    if (look.new_listeners != nullptr) found_ = look.new_listeners->find();
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (std::string& reason : found_.missing) findings.looked_in_part(std::move(reason));
    if (found_.not_compared != 0)
      findings.looked_in_part(counted(found_.not_compared, "listener") + " whose owner could not be compared");
    for (const Listener& listener : found_.list) findings.add(finding(listener, look));
  }

 private:
  Finding finding(const Listener& l, const Look& look) const {
    Finding f;
    f.severity = Severity::warning;
    f.count = l.sockets;
    f.owner = owner_of(l, look);
    f.hidden = l.owner_known() ? 0 : l.sockets;
    const bool ip = l.family != Family::unix_domain;
    f.subject = fmt::format("{} {}", row_of(l.protocol).id, ip ? endpoint_text(l.local) : l.name);
    f.values = l.change == ListenerChange::changed ? "in the baseline it was held by " + l.before
                                                   : std::string("not in the baseline");
    f.evidence.add(evidence(l), setup_.evidence);
    return f;
  }

  static FindingOwner owner_of(const Listener& l, const Look& look) {
    FindingOwner owner;
    owner.pid = l.pid.value_or(0);
    owner.name = l.kernel ? "(kernel)" : l.process;
    owner.user = !l.user.empty() ? l.user : l.uid ? user_text(*l.uid, look) : std::string();
    if (l.workload) describe_workload(*l.workload, owner);
    return owner;
  }

  static EvidenceSocket evidence(const Listener& l) {
    Socket socket;
    socket.protocol = l.protocol;
    socket.family = l.family;
    socket.state = l.protocol == Protocol::udp ? State::close : State::listen;
    socket.local = l.local;
    EvidenceSocket evidence(socket);
    evidence.unix_name = l.name;
    return evidence;
  }

  CheckSetup setup_;
  NewListeners found_;
};

// ---- the rows ----

constexpr Rule kListenRules[] = {
    {.id = "dup-listen",
     .right = RuleRight::ptrace,
     .protocols = {Protocol::tcp, Protocol::mptcp},
     .states = mask_of(State::listen),
     .needs = {Field::inode},
     .uses = kOwnerKeys | FieldSet{Field::interface, Field::queues},
     .owners = true,
     .processes = {ProcessField::exe, ProcessField::user, ProcessField::workload},
     .condition = "two listeners of one port, at one address or at all IPv4 and all IPv6 addresses, held by different "
                  "programs",
     .warning = "always a warning",
     .guard = "workers and reloads of one program share a port on purpose; systemd holds the sockets of its units",
     .meaning = "The kernel spreads connections over both sockets: some reach the wrong program.",
     .advice = "Stop the program that should not be there (`duostat listen` names both with their units).",
     .make = make_check<DupListen>},
    {.id = "exposed",
     .protocols = {Protocol::tcp, Protocol::mptcp, Protocol::udp},
     .states = mask_of(State::listen, State::close),
     .needs = {},
     .uses = kOwnerKeys | FieldSet{Field::interface, Field::queues},
     .owners = true,
     .processes = {ProcessField::user, ProcessField::workload, ProcessField::cmdline},
     .condition = "a service that should not be public listens at all addresses or at a public one: telnet 23, tftp "
                  "69, rpcbind 111, r commands 512-514, rsync 873, ZooKeeper 2181, Docker 2375, etcd 2379-2380, MySQL "
                  "3306, PostgreSQL 5432, VNC 5900-5910, CouchDB 5984, Redis 6379, Consul 8500, Elasticsearch 9200, "
                  "kubelet 10250, memcached 11211, MongoDB 27017",
     .warning = "always a warning",
     .guard = "a single private address was chosen on purpose. In a network namespace other than the initial one only "
              "if it has an address of its own that is not on a bridge or veth. A firewall may protect the port: that "
              "is not looked at",
     .meaning = "Everyone who reaches this host may reach the service, unless a firewall forbids it.",
     .advice = "Bind the service to one address (127.0.0.1 if only this host uses it), or close the port in the "
               "firewall.",
     .make = make_check<Exposed>},
    {.id = "deleted-exe",
     .right = RuleRight::ptrace,
     .protocols = {Protocol::tcp, Protocol::mptcp},
     .states = mask_of(State::listen),
     .needs = {Field::inode},
     .uses = kOwnerKeys | FieldSet{Field::queues},
     .owners = true,
     .processes = {ProcessField::exe, ProcessField::stat, ProcessField::user, ProcessField::workload},
     .condition = "a listener's process runs a file that has been deleted or replaced, for at least age",
     .thresholds = kDeletedExe,
     .note = "always a note",
     .guard = "programs that run from memory (runc, crun) have no file",
     .meaning = "The program was upgraded and not restarted: it runs the old code, with its old faults.",
     .advice = "Restart the unit. `needrestart` lists all of them.",
     .make = make_check<DeletedExe>},
    {.id = kNewListenerRule,
     .condition = "listeners and bound UDP sockets that are not in the file of --baseline, or that another program, "
                  "user or unit holds; runs only with --baseline",
     .warning = "always a warning",
     .guard = "ports of the ephemeral range differ at each start (rpc, ftp, JMX): they are compared by owner",
     .meaning = "Something listens here that did not when the baseline was written.",
     .advice = "Stop it, or accept it: `duostat listen --write-baseline=FILE`.",
     .make = make_check<NewListener>},
};

}  // namespace

std::span<const Rule> listen_rules() { return kListenRules; }

}  // namespace duostat
