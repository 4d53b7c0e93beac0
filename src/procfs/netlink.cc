// /proc/net/netlink (netlink_native_seq_show()):
//
//   sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
//   00000000bf97f096 0   1503       00000111 0        0        0     2        0        31337
//
// Eth is the netlink protocol, Pid the port id, Dump whether a dump is running (older kernels: the address of its
// state), Locks the reference count. The oldest kernels have no Drops or Inode. The file has no peers.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/netlink.h"

#include "src/base/cursor.h"

namespace duostat::procfs {

Row parse_netlink(std::string_view line, Socket& socket, NetlinkDetail& detail) noexcept {
  Cursor cursor(line);
  std::uint64_t address, protocol, port, groups, rmem, wmem, dump, value;
  bool known, dump_known;
  if (!read_pointer(cursor, address, known) || !cursor.dec(protocol) || !cursor.dec(port) || !cursor.hex(groups) ||
      !cursor.dec(rmem) || !cursor.dec(wmem) || !read_pointer(cursor, dump, dump_known) || !cursor.dec(value))
    return Row::malformed;
  socket.protocol = Protocol::netlink;
  socket.family = Family::netlink;
  socket.state = State::close;
  socket.local.node = static_cast<std::uint32_t>(protocol);
  socket.local.port = static_cast<std::uint32_t>(port);
  socket.rqueue = static_cast<std::uint32_t>(rmem);
  socket.wqueue = static_cast<std::uint32_t>(wmem);
  socket.refcount = static_cast<std::uint32_t>(value);
  socket.present = {Field::queues, Field::refcount, Field::netlink_groups};
  detail = NetlinkDetail{};
  detail.groups = static_cast<std::uint32_t>(groups);
  detail.socket_pointer = known ? address : 0;
  detail.callback_pointer = dump_known ? dump : 0;
  if (known) {
    socket.cookie = address;
    socket.present.add(Field::cookie);
  }
  if (!cursor.dec(value)) return Row::kept;
  socket.drops = static_cast<std::uint32_t>(value);
  socket.present.add(Field::drops);
  if (!cursor.dec(value)) return Row::kept;
  socket.inode = value;
  socket.present.add(Field::inode);
  return Row::kept;
}

void read_netlink(Protocol, std::string_view, LineReader& lines, Reading& reading) {
  each_row(lines, reading, [&](std::string_view line) {
    Socket* socket = reading.batch.begin();
    if (socket == nullptr) return Row::unasked;
    NetlinkDetail& detail = reading.batch.netlink();
    if (parse_netlink(line, *socket, detail) != Row::kept) return Row::malformed;
    if (!state_asked(reading.query, socket->state)) return Row::unasked;
    socket->netlink = &detail;
    reading.batch.commit();
    return Row::kept;
  });
}

}  // namespace duostat::procfs
