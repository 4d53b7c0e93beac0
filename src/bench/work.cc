// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/work.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "src/base/error.h"
#include "src/base/line_reader.h"
#include "src/bpf/owner_program.h"
#include "src/collect/collect.h"
#include "src/collect/owners.h"
#include "src/diag/bench_dump.h"
#include "src/procfs/procfs_backend.h"

namespace duostat::bench {
namespace {

constexpr std::size_t kReadBuffer = 64 * 1024;  ///< LineReader's buffer size

/// A transport that records its traffic.
class Tap final : public Transport {
 public:
  struct Heard {
    std::uint64_t received = 0;
    std::size_t buffer = 0;
    std::vector<std::vector<std::byte>>* requests = nullptr;  ///< null: do not record them
  };
  Tap(std::unique_ptr<Transport> inner, Heard& heard) : inner_(std::move(inner)), heard_(heard) {}

  int send(Bytes request) noexcept override {
    try {
      if (heard_.requests != nullptr) heard_.requests->emplace_back(request.begin(), request.end());
    } catch (const std::bad_alloc&) {
      return ENOMEM;
    }
    return inner_->send(request);
  }
  Received receive(std::span<std::byte> buffer) noexcept override {
    const Received received = inner_->receive(buffer);
    heard_.buffer = buffer.size();
    heard_.received += received.size;
    return received;
  }
  std::uint32_t port_id() const noexcept override { return inner_->port_id(); }
  int join(std::uint32_t group) noexcept override { return inner_->join(group); }

 private:
  std::unique_ptr<Transport> inner_;
  Heard& heard_;
};

OpenTransport tapped(const OpenTransport& open, Tap::Heard& heard) {
  return [&open, &heard](int netlink_protocol, OpenError& error) -> std::unique_ptr<Transport> {
    auto inner = open(netlink_protocol, error);
    return inner ? std::make_unique<Tap>(std::move(inner), heard) : nullptr;
  };
}

/// Discards text.
class Nowhere final : public ByteSink {
 public:
  int write(std::string_view) noexcept override { return 0; }
};

/// An environment whose kernel traffic is recorded and whose output is discarded.
class Surroundings {
 public:
  explicit Surroundings(Environment& env)
      : out_(nowhere_),
        err_(complaints, nullptr, false),
        env_{"ss",      env.variables, env.proc, tapped(env.open_transport, heard), env.clock,
             env.names, out_,          err_,     Terminal{}} {
    env_.owners = env.owners;
    env_.bpf = env.bpf;
  }
  Environment& env() noexcept { return env_; }
  Tap::Heard heard;
  StringSink complaints;

 private:
  Nowhere nowhere_;
  Output out_;
  Diagnostics err_;
  Environment env_;
};

std::string problem_of(const Coverage& coverage) {
  if (coverage.error != 0)
    return std::string(word_of(coverage.operation)) + " " + coverage.object + ": " + error_text(coverage.error);
  if (coverage.malformed + coverage.truncated != 0) return "some rows were malformed";
  return {};
}

void note(WorkReport& told, std::string problem) {
  if (told.problem.empty()) told.problem = std::move(problem);
}

struct TableProtocols {
  std::string_view word;
  ProtocolSet protocols;
};
constexpr TableProtocols kTables[] = {
    {"tcp", {Protocol::tcp}},   {"udp", {Protocol::udp}},      {"raw", {Protocol::raw}},
    {"unix", kUnixProtocols},   {"packet", kPacketProtocols},  {"netlink", {Protocol::netlink}},
};

/// The fields that ss shows without an option, and with -i -e -m.
constexpr FieldSet kShown{Field::queues, Field::backlog, Field::interface, Field::v6only,
                          Field::ip_protocol, Field::unix_name, Field::unix_peer};
constexpr FieldSet kInfo{Field::tcp_info, Field::congestion, Field::vegas_info, Field::dctcp_info,
                         Field::bbr_info, Field::mptcp_info, Field::skmem,      Field::meminfo,
                         Field::timer,    Field::uid,        Field::inode,      Field::cookie};

/// The words of a list, separated by commas.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto comma = list.find(',');
    words.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return words;
    list.remove_prefix(comma + 1);
  }
}

std::string table_word_list() {
  std::string words;
  for (const TableWord& row : kTableWords) words.append(words.empty() ? "" : ", ").append(row.word);
  return words;
}

}  // namespace

std::vector<std::string_view> tables_of(std::string_view list) {
  std::vector<std::string_view> asked;
  for (const std::string_view word : split(list)) {
    const auto* row = std::ranges::find(kTableWords, word, &TableWord::word);
    if (row == std::end(kTableWords))
      throw UsageError("--query: \"" + std::string(word) + "\" is not a table; the tables are " + table_word_list());
    for (const std::string_view table : split(row->tables)) asked.push_back(table);
  }
  std::vector<std::string_view> tables;
  for (const TableProtocols& row : kTables)
    if (std::ranges::find(asked, row.word) != asked.end()) tables.push_back(row.word);
  return tables;
}

std::vector<Query> queries_for(const Options& options) {
  std::vector<Query> queries;
  for (const std::string_view table : tables_of(options.query)) {
    Query query;
    query.protocols = std::ranges::find(kTables, table, &TableProtocols::word)->protocols;
    query.wanted = kShown;
    if (options.info) query.wanted |= kInfo;
    if (options.processes) query.wanted.add(Field::owner).add(Field::inode);
    queries.push_back(query);
  }
  return queries;
}

Workshop::Workshop(Environment& env, const Options& options, Render render)
    : env_(env), options_(options), render_(std::move(render)), queries_(queries_for(options)) {
  if (options.floor && std::ranges::find(options.backends, Via::netlink) != options.backends.end()) record();
}

void Workshop::record() {
  for (const Query& query : queries_) {
    Recorded recorded;
    Surroundings here(env_);
    here.heard.requests = &recorded.requests;
    collect(here.env(), Via::netlink, query, [](std::span<const Socket>) { return true; });
    recorded.buffer = here.heard.buffer;
    recorded_.push_back(std::move(recorded));
  }
}

std::vector<Phase> Workshop::phases() const {
  std::vector<Phase> phases;
  if (options_.floor) phases = {Phase::floor, Phase::parse};
  phases.push_back(Phase::model);
  if (options_.processes) phases.push_back(Phase::owners);
  if (options_.render) phases.push_back(Phase::render);
  return phases;
}

Work Workshop::work(Via backend, Phase phase) const {
  const bool netlink = backend == Via::netlink;
  switch (phase) {
    case Phase::floor: return [this, netlink] { return netlink ? raw_netlink(false) : raw_procfs(false); };
    case Phase::parse: return [this, netlink] { return netlink ? raw_netlink(true) : raw_procfs(true); };
    case Phase::model: return [this, backend] { return sockets(backend, false); };
    case Phase::owners: return [this, backend] { return sockets(backend, true); };
    case Phase::render: return [this, backend] { return rendered(backend); };
  }
  return {};
}

WorkReport Workshop::raw_netlink(bool walk) const {
  constexpr int kSockDiag = 4;  // NETLINK_SOCK_DIAG
  WorkReport told;
  if (walk) told.sockets = 0;
  Tap::Heard heard;
  const OpenTransport open = tapped(env_.open_transport, heard);
  for (const Recorded& recorded : recorded_) {
    OpenError error;
    const auto transport = open(kSockDiag, error);
    if (!transport) return note(told, "sock_diag open: " + error_text(error)), told;
    std::vector<std::byte> buffer(recorded.buffer);
    for (const auto& request : recorded.requests) {
      const BenchDump dump = read_bench_dump(*transport, request, buffer, walk);
      if (dump.error != 0) note(told, "sock_diag dump: " + error_text(dump.error));
      if (told.sockets) *told.sockets += dump.messages;
    }
  }
  told.received = heard.received;
  return told;
}

WorkReport Workshop::raw_procfs(bool lines) const {
  WorkReport told;
  if (lines) told.sockets = 0;
  for (const Query& query : queries_) {
    std::vector<std::string_view> files;  // the unix and packet protocols share one file each
    for (const Family family : {Family::inet, Family::inet6, Family::unix_domain, Family::packet, Family::netlink})
      for (const ProtocolRow& row : kProtocols)
        if (const auto file = procfs_file(row.protocol, family);
            query.protocols.has(row.protocol) && !file.empty() && std::ranges::find(files, file) == files.end())
          files.push_back(file);
    for (const std::string_view file : files) {
      int error = 0;
      const Fd fd = env_.proc.open(file, error);
      if (!fd) continue;  // no IPv6, for example; the backend itself reports what is missing
      if (lines) {
        LineReader reader(fd.get());
        std::string_view line;
        if (!reader.next(line)) continue;  // the heading
        while (reader.next(line)) ++*told.sockets;
      } else {
        const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBuffer);
        while (::read(fd.get(), buffer.get(), kReadBuffer) > 0) {}
      }
    }
  }
  return told;
}

WorkReport Workshop::sockets(Via backend, bool owners) const {
  WorkReport told;
  Surroundings here(env_);
  const OwnerIndex index = owners ? read_owners(here.env(), {}) : OwnerIndex{};
  std::uint64_t found = 0, rows = 0;
  const auto sink = [&](std::span<const Socket> batch) {
    if (told.first_at == 0) told.first_at = env_.clock.now_ns();
    rows += batch.size();
    if (owners)
      for (const Socket& socket : batch) index.each(socket.inode, [&](const Owner&) { return ++found, true; });
    return true;
  };
  for (const Query& query : queries_) note(told, problem_of(collect(here.env(), backend, query, sink).coverage));
  told.sockets = rows;
  told.received = here.heard.received;
  return told;
}

WorkReport Workshop::rendered(Via backend) const {
  /// Counts the lines that ss would have written: with -H and -O each line is a socket.
  class Lines final : public ByteSink {
   public:
    explicit Lines(Clock& clock) : clock_(clock) {}
    int write(std::string_view bytes) noexcept override {
      if (first_at == 0 && !bytes.empty()) first_at = clock_.now_ns();
      count += static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
      return 0;
    }
    std::uint64_t count = 0;
    std::int64_t first_at = 0;

   private:
    Clock& clock_;
  };
  WorkReport told;
  Surroundings here(env_);
  Lines lines(env_.clock);
  Output out(lines);
  Environment env{"ss",       here.env().variables, here.env().proc, here.env().open_transport, here.env().clock,
                  env_.names, out,                  here.env().err,  Terminal{}};
  env.owners = env_.owners;
  env.bpf = env_.bpf;
  render_(env, backend);
  out.flush();
  told.sockets = lines.count;
  told.first_at = lines.first_at;
  told.received = here.heard.received;
  if (const std::string& text = here.complaints.text; !text.empty()) note(told, text.substr(0, text.find('\n')));
  return told;
}

std::vector<OwnerStep> Workshop::steps(OwnersFrom source) {
  if (source == OwnersFrom::procfs) return {OwnerStep::index};
  return {OwnerStep::types, OwnerStep::load, OwnerStep::read, OwnerStep::index};
}

Work Workshop::work(OwnersFrom source, OwnerStep step) const {
  return [this, source, step] { return owners(source, step); };
}

WorkReport Workshop::owners(OwnersFrom source, OwnerStep step) const {
  WorkReport told;
  if (step == OwnerStep::index) {
    Surroundings here(env_);
    here.env().owners = source;
    const OwnerIndex index = read_owners(here.env(), {});
    told.sockets = index.coverage().descriptors;
    note(told, here.complaints.text.substr(0, here.complaints.text.find('\n')));
    return told;
  }
  BpfFailure failure;
  OwnerReader reader(*env_.bpf);
  std::uint64_t records = 0;
  const auto count = [&](std::span<const OwnerRecord> some) { records += some.size(); };
  const bool done = reader.prepare(failure) && (step == OwnerStep::types || reader.load(failure)) &&
                    (step != OwnerStep::read || reader.read(count, failure));
  if (!done) note(told, "owners: bpf: " + text_of(failure));
  else if (step == OwnerStep::read) told.sockets = records;
  return told;
}

}  // namespace duostat::bench
