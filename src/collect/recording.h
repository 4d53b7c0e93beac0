// Another host, or another moment, as a value: what a capture file holds.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/proc_dir.h"
#include "src/collect/capture_format.h"
#include "src/collect/host.h"
#include "src/diag/transport.h"
#include "src/model/interface.h"
#include "src/names/cgroup_paths.h"
#include "src/names/lookup.h"
#include "src/names/map_resolver.h"
#include "src/rtnl/interface_query.h"

namespace duostat {

struct RecordedReply {
  int error = 0;           ///< errno of receiving it
  bool truncated = false;  ///< it was longer than the buffer
  Bytes datagram;
};

/// A netlink request, and all that came back.
struct RecordedExchange {
  int protocol = 0;    ///< NETLINK_*
  int open_error = 0;  ///< errno: there was no such socket to be had, and no request
  int send_error = 0;
  Bytes request;
  std::vector<RecordedReply> replies;
};

struct RecordedInterface {
  int error = 0;  ///< errno: of the interface only the name is known
  Interface interface;
};

/// What kinds of names there are, as a record has them. The numbers are the format's.
enum class NameKind : std::uint32_t {
  user = 1,          ///< number: uid
  interface = 2,     ///< number: index
  ip_protocol = 3,   ///< number
  service = 4,       ///< qualifier: ServiceProtocol; number: port
  service_last = 5,  ///< the same, as Resolver::service_last has it
  host = 6,          ///< qualifier: Family; address
  network = 7,       ///< address
  cgroup = 8,        ///< number: id; the name is the path
};

struct Recording {
  /// Reads a capture, or a dump of TCP sockets as ss -D and TCPDIAG_FILE have it. `source` names it in errors. Throws
  /// FormatError, which says where it is not what it should be.
  static std::shared_ptr<const Recording> parse(std::vector<std::byte> file, std::string_view source);
  /// The same of a file; "-" is standard input. Throws SystemError if it cannot be read.
  static std::shared_ptr<const Recording> read(const std::string& path);

  std::vector<std::byte> bytes;  ///< of the file: the exchanges point into it
  std::vector<std::byte> made;   ///< the same of what a TCP dump leaves out
  bool tcp_dump = false;         ///< nothing but TCP sockets is known
  Origin origin;
  std::uint32_t user = 0;        ///< effective uid of who recorded
  bool proc_given = false;       ///< PROC_ROOT had been set
  bool cgroups_mounted = false;
  std::shared_ptr<ProcImage> proc = std::make_shared<ProcImage>();
  std::vector<RecordedExchange> exchanges;
  std::vector<std::string> interface_names;  ///< SIOCGIFCONF
  int interface_names_error = 0;
  std::vector<RecordedInterface> interfaces;
  MapResolver names;
  CgroupPaths::Known cgroups;
};

/// Answers requests from what was recorded. A request is answered by the exchange for the same table that holds all the states
/// asked for, without the sockets and attributes that the kernel would have left out (RecordedRequest). Sequence numbers and
/// port ids become those of the request. What was never asked is refused with ENOENT (sock_diag) or EOPNOTSUPP.
/// Transports share nothing that changes: each may live in a thread of its own.
OpenTransport transport_of(std::shared_ptr<const Recording> recording);

/// What a filter's words stand for there: interfaces and control groups are the recorded ones; services and hosts are too,
/// but for those that have no recorded name this system is asked.
std::unique_ptr<Lookup> lookup_of(std::shared_ptr<const Recording> recording);

std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(std::shared_ptr<const Recording> recording);

namespace capture {
/// The payloads that Recording::parse() reads.
Payload host_payload(const Recording& about);
Payload file_payload(const ProcImage::File& file, std::string_view name, std::string_view first_chunk);
Payload task_payload(const ProcImage::Task& task);
Payload request_payload(int protocol, int open_error, int send_error, Bytes request);
Payload reply_payload(const RecordedReply& reply);
Payload interface_payload(const Interface& interface, int error);
Payload name_payload(NameKind kind, std::uint32_t qualifier, std::uint64_t number, const Address& address,
                     std::string_view name);
}  // namespace capture

/// Throws FormatError if the first bytes of a file show that it is no dump of TCP sockets; fewer than a message's header never do.
void check_beginning_of_dump(Bytes file, std::string_view source);
/// A dump of TCP sockets: its messages as exchanges, one for each protocol and family. Throws FormatError.
std::shared_ptr<const Recording> recording_of_dump(std::vector<std::byte> file, std::string_view source);

}  // namespace duostat
