// SCTP's rows of the Internet table: an entry has one line for each address.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "compat/netstat/endpoint.h"
#include "compat/netstat/options.h"
#include "compat/netstat/sockets_table.h"
#include "src/base/output.h"
#include "src/names/resolver.h"
#include "src/procfs/sctp_tables.h"

namespace duostat::netstat {

/// A row as a Socket. The endpoints have the first addresses, the lists have all of them.
class SctpSocket {
 public:
  explicit SctpSocket(const SctpRow& row);
  SctpSocket(const SctpSocket&) = delete;
  SctpSocket& operator=(const SctpSocket&) = delete;
  const Socket& get() const { return socket_; }

 private:
  Socket socket_;
  InetDetail detail_{};
  std::vector<std::byte> local_, peer_;
};

class SctpTable {
 public:
  /// `table` prints the optional columns after an entry's last line.
  SctpTable(const Request& request, Resolver& names, SocketsTable& table, Output& out);

  void endpoint(const SctpRow& row);
  void association(const SctpRow& row);

 private:
  char* address(char* at, std::string_view& list, const std::uint32_t* port, int width);
  char* begin_line(const SctpRow* queues);

  SocketsTable& table_;
  Output& out_;
  EndpointText endpoints_;
};

}  // namespace duostat::netstat
