// /proc/net/packet (packet_seq_show()):
//
//   sk               RefCnt Type Proto  Iface R Rmem   User   Inode
//   00000000ec412036 3      3    0003   2     1 2048   0      31337
//
// Type is the socket's, Proto the Ethertype, Iface the index of the interface it is bound to (0: all), R whether it
// runs.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/packet.h"

#include "src/base/cursor.h"

namespace duostat::procfs {

Row parse_packet(std::string_view line, Socket& socket) noexcept {
  Cursor cursor(line);
  std::uint64_t address, refcount, type, ethertype, interface, running, rmem, uid, inode;
  bool known;
  if (!read_pointer(cursor, address, known) || !cursor.dec(refcount) || !cursor.dec(type) || !cursor.hex(ethertype) ||
      !cursor.dec(interface) || !cursor.dec(running) || !cursor.dec(rmem) || !cursor.dec(uid) || !cursor.dec(inode) ||
      type > 0xff)
    return Row::malformed;
  socket.protocol = packet_protocol(static_cast<unsigned>(type));
  socket.family = Family::packet;
  socket.state = State::close;
  socket.type = static_cast<std::uint8_t>(type);
  socket.refcount = static_cast<std::uint32_t>(refcount);
  socket.local.node = static_cast<std::uint32_t>(ethertype);
  socket.local.port = socket.ifindex = static_cast<std::uint32_t>(interface);
  socket.rqueue = static_cast<std::uint32_t>(rmem);
  socket.uid = static_cast<std::uint32_t>(uid);
  socket.inode = inode;
  socket.present = {Field::queues, Field::interface, Field::refcount, Field::uid, Field::inode};
  if (known) {
    socket.cookie = address;
    socket.present.add(Field::cookie);
  }
  return Row::kept;
}

void read_packet(Protocol, std::string_view, LineReader& lines, Reading& reading) {
  each_row(lines, reading, [&](std::string_view line) {
    Socket* socket = reading.batch.begin();
    if (socket == nullptr) return Row::unasked;
    if (parse_packet(line, *socket) != Row::kept) return Row::malformed;
    if (!reading.query.protocols.has(socket->protocol) || !state_asked(reading.query, socket->state))
      return Row::unasked;
    reading.batch.commit();
    return Row::kept;
  });
}

}  // namespace duostat::procfs
