// How a command would find its answer: recorded in a dry run of its front end.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/collect/collect.h"
#include "src/query/expr.h"

namespace duostat::native {

/// A netlink message that would be sent.
struct PlannedRequest {
  int netlink_protocol;  ///< NETLINK_SOCK_DIAG, NETLINK_ROUTE
  std::vector<std::byte> bytes;
  bool operator==(const PlannedRequest&) const = default;
};

inline constexpr std::size_t kSequenceAt = 8, kSequenceSize = 4;  ///< of nlmsg_seq, the number of a message

/// A file that would be read.
struct PlannedFile {
  std::string path;
  int error;  ///< 0, or the errno with which it cannot be opened now
};

/// One query to collect(): a kernel table, or some of it.
struct PlannedTable {
  Query query;                         ///< its filter is `filter`
  std::shared_ptr<const Expr> filter;  ///< null: none
  Choice choice;
  std::vector<PlannedRequest> requests;    ///< what netlink is sent; none if it is not asked
  std::vector<PlannedRequest> at_a_row;    ///< what the first row causes besides
  /// Requests in other cases: the kernel refuses a request, TCP has many IPv6 sockets, or socket names make a file
  /// ambiguous.
  std::vector<PlannedRequest> otherwise;
  std::vector<PlannedFile> files;          ///< what procfs reads; none if it is not asked
};

/// A file outside of /proc.
struct OtherFile {
  std::string path, what;
  bool writes;
};

/// Work that the program does itself because no backend does.
struct UserSpaceWork {
  std::string what, why;
};

/// A number that would be printed, and how it is found.
struct PlannedFigure {
  std::string title, source;
};

struct Plan {
  std::vector<std::string> command;  ///< front end and words
  std::vector<PlannedTable> tables;
  std::vector<PlannedRequest> requests;    ///< netlink messages that belong to no table
  std::vector<PlannedRequest> per_row;     ///< those that a row causes (SOCK_DESTROY), of a made-up row
  std::vector<std::uint32_t> groups;       ///< multicast groups of NETLINK_SOCK_DIAG that are joined
  std::vector<PlannedFile> files;          ///< of /proc, that belong to no table
  std::vector<PlannedFile> configuration;  ///< of /proc, read for this plan as well
  std::vector<OtherFile> others;
  std::vector<UserSpaceWork> user_space;   ///< for options of ours, in their words
  std::vector<PlannedFigure> figures;
  std::string process_files;                 ///< "PID/fd/* PID/stat"; empty: processes are not looked at
  bool owner_program = false;                ///< a BPF iterator is asked for owners
  bool owner_program_first = false;          ///< before /proc, not only if there are many descriptors
  std::vector<unsigned long> ioctls;         ///< in order, each once
  std::map<std::string, std::string> names;  ///< what would be resolved, and by which call
  std::int64_t period_ns = 0;                ///< it is repeated at this interval; 0: it is not
  std::vector<std::string> network_namespaces;  ///< that would be entered, in order
  int status = 0;  ///< of the front end
};

}  // namespace duostat::native
