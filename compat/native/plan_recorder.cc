// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/plan_recorder.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <span>

#include "compat/native/explain.h"
#include "compat/native/samples.h"
#include "src/collect/unix_counts.h"
#include "src/diag/diag_backend.h"
#include "src/diag/message.h"
#include "src/procfs/procfs_backend.h"

namespace duostat::native {
namespace {

bool is_dump(const uapi::MessageHeader& header) { return (header.flags & uapi::kDumpFlags) == uapi::kDumpFlags; }

/// The family of a made-up answer to a request of inet_diag; nullopt for another request.
std::optional<Family> made_up_family(Bytes request, bool old) {
  if (old) return Family::inet;
  uapi::InetRequest body{};
  if (!read_at(request, sizeof(uapi::MessageHeader), body)) return std::nullopt;
  const auto family = static_cast<Family>(body.family);
  return family == Family::inet || family == Family::inet6 ? std::optional(family) : std::nullopt;
}

/// Removes duplicates, and requests that are in `known`. Sequence numbers do not count.
void keep_new(std::vector<PlannedRequest>& requests, const std::vector<PlannedRequest>& known) {
  const auto unnumbered = [](PlannedRequest request) {
    if (request.bytes.size() >= sizeof(uapi::MessageHeader))
      std::fill_n(request.bytes.begin() + kSequenceAt, kSequenceSize, std::byte{});
    return request;
  };
  std::vector<PlannedRequest> seen;
  for (const PlannedRequest& request : known) seen.push_back(unnumbered(request));
  std::erase_if(requests, [&](const PlannedRequest& request) {
    PlannedRequest plain = unnumbered(request);
    if (std::ranges::find(seen, plain) != seen.end()) return true;
    seen.push_back(std::move(plain));
    return false;
  });
}

/// The first lines of a file: enough rows for the front end to do its work for each row.
Fd beginning_of(int source) {
  constexpr std::size_t kMaxPeek = 4096, kLines = 8;
  char text[kMaxPeek];
  ssize_t size = ::read(source, text, sizeof text);
  if (size < 0) size = 0;
  std::size_t end = 0, lines = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(size) && lines < kLines; ++i)
    if (text[i] == '\n') end = i + 1, ++lines;
  Fd copy(::memfd_create("duostat", MFD_CLOEXEC));
  if (!copy || ::write(copy.get(), text, end) != static_cast<ssize_t>(end) || ::lseek(copy.get(), 0, SEEK_SET) != 0)
    return Fd();
  return copy;
}

/// Keeps what is written. Fails after the first pass, so that a front end that repeats itself ends.
class OnceSink final : public ByteSink {
 public:
  OnceSink(std::string& text, const bool& over) : text_(text), over_(over) {}
  int write(std::string_view bytes) noexcept override {
    if (over_) return ECANCELED;
    try {
      text_.append(bytes);
    } catch (const std::bad_alloc&) {
      return ENOMEM;
    }
    return 0;
  }

 private:
  std::string& text_;
  const bool& over_;
};

}  // namespace

Plan record(Environment& env, const FrontEnd& front_end, std::span<const std::string> args, std::string& out,
            std::string& err) {
  Plan plan;
  plan.command.emplace_back(front_end.name);
  plan.command.insert(plan.command.end(), args.begin(), args.end());
  PlanRecorder recorder(plan);
  const ProcDir proc = env.proc.for_dry_run(recorder);
  RecordingResolver names(plan.names);
  OnceSink out_sink(out, recorder.over());
  StringSink err_sink;
  Output output(out_sink);
  Diagnostics diagnostics(err_sink, nullptr, false);
  RecordingClock clock(recorder, output);
  Environment recorded{std::string(front_end.name),
                       env.variables,
                       proc,
                       recorder.transports(),
                       clock,
                       names,
                       output,
                       diagnostics,
                       env.terminal,
                       env.command,
                       env.origin,
                       &recorder};
  recorded.secure = env.secure;
  recorded.owners = env.owners;
  plan.status = run_guarded(front_end, recorded, args);
  output.flush();
  err = std::move(err_sink.text);
  return plan;
}

void RecordingClock::sleep_ns(std::int64_t duration) {
  recorder_.sleep(duration);
  out_.append('\n');
  out_.flush();
}

int RecordingTransport::send(Bytes request) noexcept {
  try {
    answer_to(request);
  } catch (const std::bad_alloc&) {
    answer_.clear();
    return ENOMEM;
  }
  return 0;
}

int RecordingTransport::join(std::uint32_t group) noexcept {
  try {
    join_(group);
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  return 0;
}

void RecordingTransport::answer_to(Bytes request) {
  take_({protocol_, {request.begin(), request.end()}});
  uapi::MessageHeader asked{};
  read_at(request, 0, asked);
  answer_.clear();
  const bool old_type = asked.type == uapi::kTcpDiagGetSock || asked.type == uapi::kDccpDiagGetSock;
  const bool old = protocol_ == uapi::kNetlinkSockDiag && old_type;
  const bool refuses = reply_ == Reply::refusal || (reply_ == Reply::old_refusal && old);
  const bool dump = is_dump(asked);
  if (dump && reply_ == Reply::a_row) {
    uapi::InetMessage row{};
    if (const auto family = made_up_family(request, old)) {
      row.family = static_cast<std::uint8_t>(*family);
      row.state = static_cast<std::uint8_t>(State::established);
      put(asked.type, asked.sequence, std::as_bytes(std::span(&row, 1)));
    }
  }
  // A dump ends at once. A single request finds nothing (-K goes on to the next socket).
  struct {
    std::int32_t code;
    uapi::MessageHeader refused;
  } const end{dump && !refuses ? 0 : -ENOENT, asked};
  const Bytes body = std::as_bytes(std::span(&end, 1));
  if (dump && !refuses) put(uapi::kDone, asked.sequence, body.first(sizeof end.code));
  else put(uapi::kError, asked.sequence, body);
}

void RecordingTransport::put(std::uint16_t type, std::uint32_t sequence, Bytes body) {
  const auto length = static_cast<std::uint32_t>(sizeof(uapi::MessageHeader) + body.size());
  const uapi::MessageHeader head{length, type, uapi::kMulti, sequence, port_id()};
  const Bytes bytes = std::as_bytes(std::span(&head, 1));
  answer_.insert(answer_.end(), bytes.begin(), bytes.end());
  answer_.insert(answer_.end(), body.begin(), body.end());
}

Transport::Received RecordingTransport::receive(std::span<std::byte> buffer) noexcept {
  if (answer_.empty()) return {.error = ECANCELED};
  const std::size_t size = std::min(buffer.size(), answer_.size());
  std::memcpy(buffer.data(), answer_.data(), size);
  answer_.clear();
  return {.size = size};
}

std::string_view RecordingResolver::service(std::uint16_t, ServiceProtocol) {
  names_["service names of ports"] = "getservent(3): the services database, first entry of a port";
  return {};
}
std::string_view RecordingResolver::service_last(std::uint16_t, ServiceProtocol) {
  names_["service names of ports"] = "getservent(3): the services database, last entry of a port";
  return {};
}
std::string_view RecordingResolver::ip_protocol(std::uint32_t) {
  names_["IP protocol names"] = "getprotobynumber(3)";
  return {};
}
std::string_view RecordingResolver::host(Family, const Address&) {
  names_["host names of addresses"] = "gethostbyaddr(3): may query DNS for each address";
  return {};
}
std::string_view RecordingResolver::network(const Address&) {
  names_["network names"] = "getnetbyaddr(3)";
  return {};
}
std::string_view RecordingResolver::user(std::uint32_t) {
  names_["user names"] = "getpwuid_r(3)";
  return {};
}
std::string_view RecordingResolver::interface(std::uint32_t) {
  names_["interface names"] = "if_indextoname(3): SIOCGIFNAME";
  return {};
}
std::uint32_t RecordingResolver::interface_index(std::string_view) {
  names_["interface indices"] = "if_nametoindex(3): SIOCGIFINDEX";
  return 1;
}

OpenTransport PlanRecorder::transports(RecordingTransport::Reply reply) {
  return [this, reply](int protocol, OpenError& error) -> std::unique_ptr<Transport> {
    error = 0;
    return std::make_unique<RecordingTransport>(
        protocol, [this](PlannedRequest request) { take(std::move(request)); },
        [this](std::uint32_t group) {
          if (!over_) plan_.groups.push_back(group);
        },
        reply);
  };
}

void PlanRecorder::take(PlannedRequest request) {
  if (over_) return;
  if (requests_ != nullptr) {
    requests_->push_back(std::move(request));
    return;
  }
  uapi::MessageHeader header{};
  read_at(request.bytes, 0, header);
  if (request.netlink_protocol != uapi::kNetlinkSockDiag || header.type != uapi::kSockDestroy) {
    plan_.requests.push_back(std::move(request));
    return;
  }
  // A table has several made-up rows; one request of each kind is enough.
  const auto kind_of = [](const PlannedRequest& r) {
    uapi::InetRequest b{};
    read_at(r.bytes, sizeof(uapi::MessageHeader), b);
    return std::pair(b.family, b.protocol);
  };
  if (std::ranges::find(plan_.per_row, kind_of(request), kind_of) == plan_.per_row.end())
    plan_.per_row.push_back(std::move(request));
}

Answer PlanRecorder::answer(Environment& env, const Query& query, const Choice& choice, Sink sink) {
  if (over_) return {};
  PlannedTable& table = plan_.tables.emplace_back(PlannedTable{query, nullptr, choice, {}, {}, {}, {}});
  if (query.filter != nullptr) table.filter = std::make_shared<const Expr>(*query.filter);
  table.query.filter = table.filter.get();
  const auto discard = [](std::span<const Socket>) { return true; };
  table_ = &table;
  ProcfsBackend procfs(env.proc);
  if (native::asks(choice, Via::netlink)) {
    using Reply = RecordingTransport::Reply;
    const auto pass = [&](const Query& asked, Reply reply, std::vector<PlannedRequest>& to) {
      requests_ = &to;
      DiagBackend(transports(reply)).collect(asked, discard);
      requests_ = nullptr;
    };
    pass(table.query, Reply::nothing, table.requests);
    pass(table.query, Reply::a_row, table.at_a_row);
    keep_new(table.at_a_row, table.requests);
    for (const Reply reply : {Reply::old_refusal, Reply::refusal}) pass(table.query, reply, table.otherwise);
    if (choice.reason == Choice::Reason::combined)
      pass(query_beside_counts(table.query), Reply::nothing, table.otherwise);
    keep_new(table.otherwise, table.requests);
  }
  if (native::asks(choice, Via::procfs)) procfs.collect(table.query, discard);
  table_ = nullptr;
  Answer answer;
  answer.backend = choice.first;
  hand_out_samples(query, row_of(choice.first), sink);
  return answer;
}

void PlanRecorder::file(std::string_view path, bool writes, std::string_view what) {
  if (!over_) plan_.others.push_back({std::string(path), std::string(what), writes});
}

void PlanRecorder::asks(std::string_view what, std::string_view how) {
  if (!over_) plan_.names[std::string(what)] = std::string(how).append(" (also looked up in the dry run)");
}

void PlanRecorder::network_namespace(std::string_view path) {
  if (!over_) plan_.network_namespaces.emplace_back(path);
}

int PlanRecorder::ioctl(unsigned long request, void* argument) {
  if (std::ranges::find(plan_.ioctls, request) == plan_.ioctls.end()) plan_.ioctls.push_back(request);
  if (request == SIOCGIFCONF) {  // one interface shows all requests
    auto& conf = *static_cast<ifconf*>(argument);
    conf.ifc_len = sizeof(ifreq);
    std::strcpy(conf.ifc_req[0].ifr_name, "lo");
    return 0;
  }
  if (request == SIOCGIFADDR) static_cast<ifreq*>(argument)->ifr_addr.sa_family = AF_INET;
  return 0;
}

Fd PlanRecorder::open(std::string_view relative, const std::string& path, int& error) {
  Fd real(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  error = real ? 0 : errno;
  const auto note = [&](std::vector<PlannedFile>& files) {
    if (std::ranges::find(files, path, &PlannedFile::path) == files.end()) files.push_back({path, error});
  };
  if (!relative.empty() && relative[0] >= '0' && relative[0] <= '9') {  // of a made-up process
    const auto slash = relative.find('/');
    plan_.names["names of processes that are netlink port ids"] =
        "/proc/PID" + std::string(slash == std::string_view::npos ? "" : relative.substr(slash));
    error = ENOENT;
    return Fd();
  }
  if (table_ != nullptr) {
    note(table_->files);
    return real ? Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)) : Fd();
  }
  if (!relative.starts_with("net/")) {  // decides what happens next, so it is read
    note(plan_.configuration);
    return real;
  }
  note(plan_.files);
  return real ? beginning_of(real.get()) : Fd();
}

}  // namespace duostat::native
