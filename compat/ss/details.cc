// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/details.h"

#include <sys/xattr.h>

#include "compat/ss/row.h"
#include "src/diag/inet.h"

namespace duostat::ss {
namespace {

constexpr std::string_view kTimers[] = {"", "on", "keepalive", "timewait", "persist", "delack"};

/// Flags of struct inet_diag_sockopt, from bit 0 of its first byte on.
constexpr std::string_view kSocketOptions[] = {
    " recverr",  " is_icsk",           " freebind",        " hdrincl",     " mc_loop", " transparent", " mc_all",
    " nodefrag", " bind_addr_no_port", " recverr_rfc4884", " defer_connect"};

/// Escapes names as ss 7.0 does in every locale: control bytes as '.', other bytes outside ASCII as '?'.
void put_process_name(Piece& piece, std::string_view comm) {
  for (const char c : comm) {
    const auto byte = static_cast<unsigned char>(c);
    piece.text(byte >= 0x80 ? '?' : byte < 0x20 || byte == 0x7f ? '.' : c);
  }
}

std::string socket_context(const View& view, const Owner& owner) {
  if (view.env.proc.image() != nullptr) return "unavailable";  // captures do not contain them
  const std::string path =
      view.env.proc.root() + "/" + std::to_string(owner.pid) + "/fd/" + std::to_string(owner.fd);
  char text[256];
  const ssize_t length = ::getxattr(path.c_str(), "security.selinux", text, sizeof text);
  if (length <= 0) return "unavailable";
  std::string context(text, static_cast<std::size_t>(length));
  return context.substr(0, context.find('\0'));
}

void put_owner(View& view, Piece& piece, const Owner& owner) {
  const Request& request = view.request;
  piece.text("(\"");
  put_process_name(piece, owner.comm);
  piece.text("\",pid=").dec(owner.pid);
  if (request.threads) piece.text(",tid=").dec(owner.tid);
  if (request.process_contexts != 0)
    piece.text(",proc_ctx=").text(owner.context.empty() ? "unavailable" : view.labels.harmless(owner.context));
  piece.text(",fd=").dec(owner.fd);
  if ((request.socket_contexts & request.process_contexts) != 0)
    piece.text(",sock_ctx=").text(view.labels.harmless(socket_context(view, owner)));
  piece.text(')');
}

void print_timer(View& view, const Socket& socket) {
  const auto number = static_cast<unsigned>(socket.timer);
  if (number == 0) return;
  Piece piece(view.layout, " timer:(");
  if (wire_protocol(socket) == kSctp) {
    piece.text("T3_RTX");
  } else {
    piece.text(number < std::size(kTimers) ? kTimers[number] : std::string_view("unknown"));
  }
  piece.text(',');
  print_duration(piece, socket.timer_ms);
  piece.text(',').dec(socket.timer_count).text(')');
}

void print_uid_if_told(View& view, const Socket& socket) {
  // The kernel reports no owner for a connection request. The backend fills in the listener's; the original does not.
  if (!is_connection_request(socket) || from_text(socket)) print_uid(view, socket);
}

void print_mark(View& view, const Socket& socket) {
  if (socket.has(Field::mark) && socket.mark != 0) Piece(view.layout, " fwmark:").alt_hex(socket.mark);
}

void print_cgroup(View& view, const Socket& socket) {
  if (!socket.has(Field::cgroup) || socket.cgroup_id == 0) return;
  const std::string_view path = view.cgroups.path(socket.cgroup_id);
  if (path.empty() && !view.told_cgroup_failure && (!view.cgroups.mounted() || view.cgroups.handles_refused())) {
    // quirk: cgroup-mount-once the original prints this for every row.
    view.env.err.line(view.cgroups.mounted() ? "Failed to open cgroup2 by ID" : "Failed to find cgroup2 mount");
    view.told_cgroup_failure = true;
  }
  Piece piece(view.layout, " cgroup:");
  if (path.empty()) {
    piece.text("unreachable:").hex(socket.cgroup_id);
  } else {
    piece.text(view.labels.harmless(path));
  }
}

void print_v6only(View& view, const Socket& socket) {
  if (socket.has(Field::v6only) && socket.family == Family::inet6)
    Piece(view.layout, " v6only:").dec(socket.v6only);
}

void print_tos(View& view, const Socket& socket) {
  if (socket.has(Field::tos)) Piece(view.layout, " tos:").alt_hex(socket.inet->tos);
  if (socket.has(Field::tclass)) Piece(view.layout, " tclass:").alt_hex(socket.inet->tclass);
  if (socket.has(Field::class_id)) Piece(view.layout, " class_id:").alt_hex(socket.inet->class_id);
}

void print_socket_options(View& view, const Socket& socket) {
  if (!socket.has(Field::sockopt)) return;
  Layout& layout = view.layout;
  layout.put(view.request.oneline ? " inet-sockopt: (" : "\n\tinet-sockopt: (");
  const unsigned bits = socket.inet->sockopt[0] | static_cast<unsigned>(socket.inet->sockopt[1]) << 8;
  for (std::size_t i = 0; i < std::size(kSocketOptions); ++i)
    if ((bits >> i & 1) != 0) layout.put(kSocketOptions[i]);
  layout.put(")");
}

/// Memory and the protocol's internals, on a line of their own.
void print_block(View& view, const Socket& socket) {
  const unsigned protocol = wire_protocol(socket);
  if (!view.request.memory && protocol == kUdp) return;
  if (!view.request.oneline) view.layout.put("\n\t");
  if (socket.has(Field::skmem)) {
    print_skmem(view.layout, socket.inet->memory);
  } else if (socket.has(Field::meminfo)) {
    const auto& words = socket.inet->memory.meminfo;
    Piece(view.layout, " mem:(r")
        .dec(words[0])
        .text(",w")
        .dec(words[1])
        .text(",f")
        .dec(words[2])
        .text(",t")
        .dec(words[3])
        .text(')');
  }
  if (protocol == kSctp) return print_sctp_internals(view, socket);
  if (protocol == kMptcp) return print_mptcp_internals(view, socket);
  print_tcp_internals(view, socket);
}

void print_extra_text(View& view, const Socket& socket) {
  if (!socket.has(Field::tcp_procfs) || socket.inet->tcp_procfs.extra.empty()) return;
  Piece(view.layout, " opt:\"").text(view.labels.harmless(socket.inet->tcp_procfs.extra)).text('"');
}

double seconds_of_ticks(std::uint64_t ticks) {
  constexpr double kTicksPerSecond = 100;  // USER_HZ
  return static_cast<double>(ticks) / kTicksPerSecond;
}

/// -i from /proc/net/tcp: on the same line, times in seconds.
void print_text_internals(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  constexpr std::uint64_t kUsualRto = 300;
  constexpr std::uint32_t kShortRowWindow = 2;  // the original's assumption for rows that end before these columns
  const bool told = socket.has(Field::tcp_procfs) && socket.inet->tcp_procfs.complete;
  const TcpProcfs tail = told ? socket.inet->tcp_procfs : TcpProcfs{0, 0, 0, kShortRowWindow, -1, false, {}};
  if (tail.rto != 0 && tail.rto != kUsualRto) Piece(layout, " rto:").real(seconds_of_ticks(tail.rto));
  if (tail.ato != 0) Piece(layout, " ato:").real(seconds_of_ticks(tail.ato));
  const std::uint32_t qack = tail.qack / 2;
  if (qack != 0) Piece(layout, " qack:").dec(qack);
  if ((qack & 1) != 0) layout.put(" bidir");
  if (tail.cwnd != 0) Piece(layout, " cwnd:").dec(tail.cwnd);
  if (tail.ssthresh != -1 && tail.ssthresh != 0) Piece(layout, " ssthresh:").sdec(tail.ssthresh);
  if (socket.timer_count != 0) Piece(layout, " retrans:").dec(socket.timer_count).text("/0");
  layout.put(" reordering:0");
}

bool timers(const Request& r) { return r.timers; }
bool tos(const Request& r) { return r.tos; }
bool cgroup(const Request& r) { return r.cgroup; }
bool inet_sockopt(const Request& r) { return r.inet_sockopt; }
bool info(const Request& r) { return r.info; }
bool storages(const Request& r) { return r.storages != Request::Storages::none; }
bool block(const Request& r) { return r.memory || r.info; }
void nothing(View&, const Socket&) {}

constexpr Detail kStorages{LayoutColumn::extra, {Field::bpf_storage}, storages, print_bpf_storages};

constexpr Detail kInet[] = {
    kUsers,
    {LayoutColumn::extra, {Field::timer, Field::timer_count, Field::ip_protocol}, timers, print_timer},
    {LayoutColumn::extra, {Field::uid}, shows_extended, print_uid_if_told},
    {LayoutColumn::extra, {Field::inode}, shows_extended, print_inode},
    {LayoutColumn::extra, {Field::cookie}, shows_extended, print_cookie},
    {LayoutColumn::extra, {Field::mark}, shows_extended, print_mark},
    {LayoutColumn::extra, {Field::cgroup}, shows_extended, print_cgroup},
    {LayoutColumn::extra, {Field::v6only}, shows_extended, print_v6only},
    {LayoutColumn::extra, {Field::shutdown}, shows_extended, print_arrow},
    {LayoutColumn::extra, {Field::tos, Field::tclass, Field::class_id}, tos, print_tos},
    {LayoutColumn::extra, {Field::cgroup}, cgroup, print_cgroup},
    {LayoutColumn::extra, {Field::sockopt}, inet_sockopt, print_socket_options},
    {LayoutColumn::extra, {Field::meminfo, Field::skmem}, shows_memory, nothing},
    {LayoutColumn::extra, kInternalFields, info, nothing},
    {LayoutColumn::extra, {Field::md5_keys, Field::ulp}, block, print_block},
    kStorages,
};

constexpr Detail kTcpText[] = {
    kUsers,
    {LayoutColumn::extra, {Field::timer, Field::timer_count}, timers, print_timer},
    {LayoutColumn::extra, {Field::uid}, shows_extended, print_uid},
    {LayoutColumn::extra, {Field::inode}, shows_extended, print_inode},
    {LayoutColumn::extra, {Field::cookie}, shows_extended, print_cookie},
    {LayoutColumn::extra, {Field::tcp_procfs}, shows_extended, print_extra_text},
    {LayoutColumn::extra, {Field::tcp_procfs}, info, print_text_internals},
};

constexpr Detail kPlainText[] = {kUsers};
constexpr Detail kVsock[] = {kUsers};

}  // namespace

std::vector<Detail> chosen(std::span<const Detail> details, const Request& request, FieldSet& needs) {
  std::vector<Detail> rows;
  for (const Detail& detail : details)
    if (detail.shown(request)) {
      needs |= detail.needs;
      rows.push_back(detail);
    }
  return rows;
}

const Detail& storage_detail() { return kStorages; }
std::span<const Detail> inet_details() { return kInet; }
std::span<const Detail> tcp_text_details() { return kTcpText; }
std::span<const Detail> plain_text_details() { return kPlainText; }
std::span<const Detail> vsock_details() { return kVsock; }

bool shows_users(const Request& request) { return request.processes; }
bool shows_extended(const Request& request) { return request.extended; }
bool shows_memory(const Request& request) { return request.memory; }

void print_users(View& view, const Socket& socket) {
  if (socket.inode == 0 || view.layout.discards()) return;
  Piece piece(view.layout);
  bool first = true;
  view.owners.each(socket.inode, [&](const Owner& owner) {
    piece.text(first ? " users:(" : ",");
    first = false;
    put_owner(view, piece, owner);
    return true;
  });
  if (!first) piece.text(')');
}

void print_skmem(Layout& layout, const SocketMemory& memory) {
  constexpr std::string_view kWords[] = {" skmem:(r", ",rb", ",t", ",tb", ",f", ",w", ",o"};
  constexpr unsigned kBacklog = 7, kDrops = 8;
  {
    Piece piece(layout);
    for (std::size_t i = 0; i < std::size(kWords); ++i) piece.text(kWords[i]).dec(memory.skmem[i]);
  }
  if (memory.skmem_words > kBacklog) Piece(layout, ",bl").dec(memory.skmem[kBacklog]);
  if (memory.skmem_words > kDrops) Piece(layout, ",d").dec(memory.skmem[kDrops]);
  layout.put(")");
}

void print_arrow(View& view, const Socket& socket) {
  if (!socket.has(Field::shutdown)) return;
  constexpr std::string_view kArrows[] = {" <->", " -->", " <--", " ---"};
  view.layout.put(kArrows[socket.shutdown & 3]);
}

void print_uid(View& view, const Socket& socket) {
  if (socket.has(Field::uid) && socket.uid != 0) Piece(view.layout, " uid:").dec(socket.uid);
}
void print_inode(View& view, const Socket& socket) { Piece(view.layout, " ino:").dec(socket.inode); }
void print_cookie(View& view, const Socket& socket) {
  Piece(view.layout, " sk:").hex(socket.has(Field::cookie) ? socket.cookie : 0);
}

void print_duration(Piece& piece, std::uint64_t ms) {
  const std::uint64_t minutes = ms / 60000;
  std::uint64_t seconds = ms / 1000 % 60, rest = ms % 1000;
  if (minutes > 0) {
    piece.dec(minutes).text("min");
    rest = 0;
    if (minutes > 9) seconds = 0;
  }
  if (seconds > 0) {
    if (seconds > 9) rest = 0;
    piece.dec(seconds).text(rest != 0 ? "." : "sec");
  }
  if (rest != 0) {
    piece.text(static_cast<char>('0' + rest / 100)).text(static_cast<char>('0' + rest / 10 % 10));
    piece.text(static_cast<char>('0' + rest % 10)).text(seconds != 0 ? "sec" : "ms");
  }
}

void print_rate(Piece& piece, const Request& request, double bits_per_second) {
  struct Unit {
    double size;
    char letter;
  };
  constexpr Unit kUnits[] = {{1e12, 'T'}, {1e9, 'G'}, {1e6, 'M'}, {1e3, 'k'}};
  if (request.numeric) {
    piece.rounded(bits_per_second);
    return;
  }
  for (const Unit& unit : kUnits)
    if (bits_per_second >= unit.size) {
      piece.real(bits_per_second / unit.size, 3).text(unit.letter);
      return;
    }
  piece.real(bits_per_second);
}

}  // namespace duostat::ss
