// The contents of a capture file: a host at the time of recording.
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

/// A netlink request and its replies.
struct RecordedExchange {
  int protocol = 0;    ///< NETLINK_*
  int open_error = 0;  ///< errno of opening the socket: there was no request
  int send_error = 0;
  Bytes request;
  std::vector<RecordedReply> replies;
};

struct RecordedInterface {
  int error = 0;  ///< errno of the ioctls: only the name of the interface is known
  Interface interface;
};

/// Kinds of names. The numbers are those of the format.
enum class NameKind : std::uint32_t {
  user = 1,          ///< number: uid
  interface = 2,     ///< number: index
  ip_protocol = 3,   ///< number
  service = 4,       ///< qualifier: ServiceProtocol; number: port
  service_last = 5,  ///< the same, as returned by Resolver::service_last
  host = 6,          ///< qualifier: Family; address
  network = 7,       ///< address
  cgroup = 8,        ///< number: id; the name is the path
};

struct Recording {
  /// Parses a capture, or a dump of TCP sockets as written by ss -D and read by TCPDIAG_FILE. `source` names it in
  /// errors. Throws FormatError with the position of the error.
  static std::shared_ptr<const Recording> parse(std::vector<std::byte> file, std::string_view source);
  /// The same for a file; "-" is standard input, and of a directory the newest capture is read (capture_directory.h).
  /// Throws SystemError if it cannot be read.
  static std::shared_ptr<const Recording> read(const std::string& path);

  /// Reads where and when it was recorded: the first record. A file that is not regular, and a dump of TCP sockets, is
  /// read whole, and `whole` is set. Throws like read().
  static Origin origin_of(const std::string& path, std::shared_ptr<const Recording>& whole);

  std::vector<std::byte> bytes;  ///< the file; the exchanges point into it
  std::vector<std::byte> made;   ///< the requests and ends that a TCP dump lacks; exchanges point into it too
  bool tcp_dump = false;         ///< only TCP sockets are known
  Origin origin;
  std::uint32_t user = 0;        ///< effective uid of the recording user
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

/// Opens transports that answer from the recording. A request gets the exchange for the same table that contains all
/// the requested states, without the sockets and attributes that the kernel would have left out (RecordedRequest).
/// Sequence numbers and port ids become those of the request. A request that was not recorded is refused with ENOENT
/// (sock_diag) or EOPNOTSUPP. The transports share only constant data, so each may be used by its own thread.
OpenTransport transport_of(std::shared_ptr<const Recording> recording);

/// Looks up the words of a filter: interfaces and control groups in the recording only; services and hosts fall back to
/// this system.
std::unique_ptr<Lookup> lookup_of(std::shared_ptr<const Recording> recording);

std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(std::shared_ptr<const Recording> recording);

namespace capture {
/// Write the payloads that Recording::parse() reads.
Payload host_payload(const Recording& about);
Payload file_payload(const ProcImage::File& file, std::string_view name, std::string_view first_chunk);
Payload task_payload(const ProcImage::Task& task);
Payload descriptors_payload(std::uint32_t pid, std::uint32_t count);
Payload request_payload(int protocol, int open_error, int send_error, Bytes request);
Payload reply_payload(const RecordedReply& reply);
Payload interface_payload(const Interface& interface, int error);
Payload name_payload(NameKind kind, std::uint32_t qualifier, std::uint64_t number, const Address& address,
                     std::string_view name);
}  // namespace capture

/// Throws FormatError if the first bytes of a file show that it is not a dump of TCP sockets. Needs at least a message
/// header to tell.
void check_beginning_of_dump(Bytes file, std::string_view source);
/// Parses a dump of TCP sockets into exchanges, one for each protocol and family. Throws FormatError.
std::shared_ptr<const Recording> recording_of_dump(std::vector<std::byte> file, std::string_view source);

}  // namespace duostat
