// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/procfs_backend.h"

#include <unistd.h>

#include <cerrno>

#include "src/procfs/table.h"
#include "src/procfs/text_file.h"

namespace duostat {
namespace {

using procfs::Reading;

/// A file and its reader. Files are read in this order.
struct TableFile {
  ProtocolSet protocols;
  Family family;
  std::string_view path;
  void (*read)(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
};

constexpr TableFile kFiles[] = {
    {{Protocol::tcp}, Family::inet, "net/tcp", procfs::read_inet},
    {{Protocol::tcp}, Family::inet6, "net/tcp6", procfs::read_inet},
    {{Protocol::udp}, Family::inet, "net/udp", procfs::read_inet},
    {{Protocol::udp}, Family::inet6, "net/udp6", procfs::read_inet},
    {{Protocol::udplite}, Family::inet, "net/udplite", procfs::read_inet},
    {{Protocol::udplite}, Family::inet6, "net/udplite6", procfs::read_inet},
    {{Protocol::raw}, Family::inet, "net/raw", procfs::read_inet},
    {{Protocol::raw}, Family::inet6, "net/raw6", procfs::read_inet},
    {{Protocol::icmp}, Family::inet, "net/icmp", procfs::read_inet},
    {{Protocol::icmp}, Family::inet6, "net/icmp6", procfs::read_inet},
    {kUnixProtocols, Family::unix_domain, "net/unix", procfs::read_unix},
    {kPacketProtocols, Family::packet, "net/packet", procfs::read_packet},
    {{Protocol::netlink}, Family::netlink, "net/netlink", procfs::read_netlink},
};

/// The fields that each kind of file provides. A row may have fewer: doc/backends.md.
constexpr FieldSet kInetFields{Field::queues, Field::uid,         Field::inode,       Field::cookie,
                               Field::timer,  Field::timer_count, Field::retransmits, Field::refcount};
constexpr FieldSet kUnixFields{Field::inode, Field::cookie, Field::refcount, Field::unix_name, Field::unix_flags};
constexpr FieldSet kPacketFields{Field::queues, Field::uid,      Field::inode,
                                 Field::cookie, Field::refcount, Field::interface};
constexpr FieldSet kNetlinkFields{Field::queues, Field::inode, Field::cookie,
                                  Field::refcount, Field::drops, Field::netlink_groups};

struct Knowledge {
  ProtocolSet protocols;
  FieldSet fields;
};
constexpr Knowledge kKnowledge[] = {
    {{Protocol::tcp}, kInetFields | FieldSet{Field::tcp_procfs}},
    {{Protocol::udp, Protocol::udplite, Protocol::raw, Protocol::icmp}, kInetFields | FieldSet{Field::drops}},
    {kUnixProtocols, kUnixFields},
    {kPacketProtocols, kPacketFields},
    {{Protocol::netlink}, kNetlinkFields},
};

/// The protocol of a file; for a file with several protocols, any of them.
Protocol protocol_of(ProtocolSet set) {
  for (const ProtocolRow& row : kProtocols)
    if (set.has(row.protocol)) return row.protocol;
  return Protocol::count_;
}

void note_error(Coverage& coverage, int error, Operation operation, std::string object) {
  if (coverage.error != 0) return;
  coverage.error = error;
  coverage.operation = operation;
  coverage.object = std::move(object);
}

void read_file(const ProcDir& proc, const TableFile& file, Reading& reading) {
  int error = 0;
  const Fd fd = proc.open(file.path, error);
  if (!fd) {
    // On a kernel without IPv6 these files do not exist and nothing is missing. A file that the user named is missing.
    if (file.family != Family::inet6 || error != ENOENT || proc.replaces(file.path))
      note_error(reading.coverage, error, Operation::open, proc.path(file.path));
    return;
  }
  LineReader lines(fd.get());
  std::string_view heading;
  if (lines.next(heading)) file.read(protocol_of(file.protocols), heading, lines, reading);
  if (lines.error() != 0) note_error(reading.coverage, lines.error(), Operation::read, proc.path(file.path));
}

/// The requested protocols that no file lists.
constexpr ProtocolSet unlisted(ProtocolSet asked) {
  for (const TableFile& file : kFiles) asked = asked - file.protocols;
  return asked;
}

}  // namespace

std::string_view procfs_file(Protocol protocol, Family family) {
  for (const TableFile& file : kFiles)
    if (file.protocols.has(protocol) && file.family == family) return file.path;
  return {};
}

FieldSet ProcfsBackend::knows(Protocol protocol) {
  for (const Knowledge& row : kKnowledge)
    if (row.protocols.has(protocol)) return row.fields;
  return {};
}

Coverage ProcfsBackend::collect(const Query& query, Sink sink) {
  Coverage coverage;
  if (const ProtocolSet none = unlisted(query.protocols); !none.empty())
    note_error(coverage, EOPNOTSUPP, Operation::list,
               std::string(row_of(protocol_of(none)).id).append(" sockets in procfs"));
  const long ticks = ::sysconf(_SC_CLK_TCK);
  Batch batch(sink, coverage);
  Reading reading{query, batch, coverage, ticks > 0 ? static_cast<unsigned>(ticks) : 100};
  for (const TableFile& file : kFiles) {
    const bool family_asked = file.family == Family::inet || file.family == Family::inet6
                                  ? query.families.has(file.family)
                                  : true;  // the protocol implies the family
    if (!query.protocols.has_any(file.protocols) || !family_asked) continue;
    read_file(proc_, file, reading);
    if (batch.stopped()) break;
  }
  batch.flush();
  return coverage;
}

}  // namespace duostat
