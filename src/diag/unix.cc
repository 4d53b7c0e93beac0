// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/unix.h"

#include <memory>
#include <vector>

#include "src/diag/attribute_table.h"

namespace duostat {
namespace {

struct UnixTarget {
  Socket& socket;
  UnixDetail& detail;
  std::vector<std::uint32_t>& pending;  ///< of the whole batch; has capacity for a whole receive buffer
};

/// A path ends with a NUL. An abstract name begins with a NUL and ends with the attribute.
bool name(Bytes value, UnixTarget& t) noexcept {
  std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  if (!text.empty() && text.front() != '\0') text = text.substr(0, text.find('\0'));
  t.detail.name = text;
  t.socket.present.add(Field::unix_name);
  return true;
}

bool vfs(Bytes value, UnixTarget& t) noexcept {
  return read_at(value, 0, t.detail.vfs_inode) &&
         read_field(value.subspan(sizeof t.detail.vfs_inode), t.socket, Field::unix_vfs, t.detail.vfs_device);
}

bool peer(Bytes value, UnixTarget& t) noexcept {
  return t.detail.has_peer = read_field(value, t.socket, Field::unix_peer, t.detail.peer_inode);
}

bool pending(Bytes value, UnixTarget& t) noexcept {
  const std::size_t count = value.size() / sizeof(std::uint32_t), at = t.pending.size();
  if (t.pending.capacity() - at < count) return false;  // impossible: more than the receive buffer can contain
  t.pending.resize(at + count);
  if (count != 0) std::memcpy(t.pending.data() + at, value.data(), count * sizeof(std::uint32_t));
  t.detail.pending = std::span(t.pending).subspan(at);
  t.socket.present.add(Field::unix_pending);
  return value.size() % sizeof(std::uint32_t) == 0;
}

/// For a listener: connections not yet accepted, and their limit. Otherwise bytes to read, and bytes sent but not yet
/// read.
bool queues(Bytes value, UnixTarget& t) noexcept {
  std::uint32_t first, second;
  if (!read_at(value, 0, first) || !read_at(value, sizeof first, second)) return false;
  t.socket.rqueue = first;
  t.socket.present.add(Field::queues);
  if (t.socket.state == State::listen) {
    t.socket.backlog_limit = second;
    t.socket.present.add(Field::backlog);
  } else {
    t.socket.wqueue = second;
  }
  return true;
}

bool skmem(Bytes value, UnixTarget& t) noexcept { return read_skmem(value, t.socket, t.detail.memory); }
bool shutdown(Bytes value, UnixTarget& t) noexcept {
  return read_field(value, t.socket, Field::shutdown, t.socket.shutdown);
}
bool uid(Bytes value, UnixTarget& t) noexcept { return read_field(value, t.socket, Field::uid, t.socket.uid); }

constexpr AttributeRow<UnixTarget> kUnixRows[] = {
    {Field::unix_name, uapi::kUnixShowName, uapi::kUnixName, name},
    {Field::unix_vfs, uapi::kUnixShowVfs, uapi::kUnixVfs, vfs},
    {Field::unix_peer, uapi::kUnixShowPeer, uapi::kUnixPeer, peer},
    {Field::unix_pending, uapi::kUnixShowPending, uapi::kUnixPending, pending},
    {Field::queues, uapi::kUnixShowQueues, uapi::kUnixQueues, queues},
    {Field::backlog, uapi::kUnixShowQueues, uapi::kUnixQueues, queues},
    {Field::skmem, uapi::kUnixShowMeminfo, uapi::kUnixMeminfo, skmem},
    {Field::drops, uapi::kUnixShowMeminfo, uapi::kUnixMeminfo, skmem},
    {Field::shutdown, 0, uapi::kUnixShutdown, shutdown, true},
    {Field::uid, uapi::kUnixShowUid, uapi::kUnixUid, uid},
};

/// Derives what unix_seq_show() prints. A socket without inode has no struct socket: it waits to be accepted.
void derive_flags(Socket& socket, UnixDetail& detail) noexcept {
  constexpr std::uint32_t kAcceptsConnections = 0x10000;  // __SO_ACCEPTCON
  enum : std::uint8_t { kUnconnected = 1, kConnecting = 2, kConnected = 3, kDisconnecting = 4 };
  const bool established = socket.state == State::established;
  detail.flags = socket.state == State::listen ? kAcceptsConnections : 0;
  detail.socket_state = socket.inode != 0 ? (established ? kConnected : kUnconnected)
                                          : (established ? kConnecting : kDisconnecting);
}

}  // namespace

Dump::Outcome dump_unix(Dump& dump, const Query& query) {
  const AttributeTable<UnixTarget> attributes(kUnixRows, query.wanted, Protocol::unix_stream, dump.replayed());
  const auto details = std::make_unique<UnixDetail[]>(Dump::kBatch);
  std::vector<std::uint32_t> pending_inodes;
  // The kernel sends no attribute for a missing name or peer: a requested but missing one means none.
  const FieldSet answered = (query.wanted & FieldSet{Field::unix_name, Field::unix_peer}) |
                            FieldSet{Field::inode, Field::cookie, Field::unix_flags};

  uapi::UnixRequest body{};
  body.family = static_cast<std::uint8_t>(Family::unix_domain);
  body.states = query.states;
  body.show = attributes.ask();
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  return dump.run(request.bytes(), "unix", [&](Bytes payload, Socket& socket, std::size_t slot) {
    uapi::UnixMessage message;
    if (!read_at(payload, 0, message)) return Dump::Decoded::malformed;
    socket.protocol = unix_protocol(message.type);
    if (!query.protocols.has(socket.protocol)) return Dump::Decoded::skipped;
    if (slot == 0) {
      pending_inodes.clear();
      pending_inodes.reserve(dump.buffer_size() / sizeof(std::uint32_t));
    }
    UnixDetail& detail = details[slot];
    detail = UnixDetail{};
    socket.family = Family::unix_domain;
    socket.type = message.type;
    socket.state = static_cast<State>(message.state);
    socket.inode = message.inode;
    socket.cookie = uapi::cookie_of(message.cookie);
    socket.present = answered;
    socket.unix_domain = &detail;
    derive_flags(socket, detail);
    UnixTarget target{socket, detail, pending_inodes};
    attributes.decode(AttributeWalk(payload, sizeof message), target, dump.coverage());
    return Dump::Decoded::row;
  });
}

FieldSet unix_knows() {
  return FieldSet{Field::inode, Field::cookie, Field::unix_flags} | known_fields(kUnixRows, Protocol::unix_stream);
}

}  // namespace duostat
