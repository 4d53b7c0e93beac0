// Arbitrary bytes as what netlink answers to everything but the dump of a table of sockets: routes, interfaces, groups
// and namespace ids (rtnetlink), the stream of ended sockets (ss -E), the answer to a request to end one (ss -K), and
// as a dump in a file (TCPDIAG_FILE, --from). The first byte selects the row.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/collect/recording.h"
#include "src/diag/bench_dump.h"
#include "src/diag/destroy.h"
#include "src/diag/diag_backend.h"
#include "src/diag/dump_writer.h"
#include "src/diag/events.h"
#include "src/diag/replay.h"
#include "src/rtnl/links.h"
#include "src/rtnl/namespace_ids.h"
#include "src/rtnl/routes.h"
#include "tests/fuzz/input.h"

using namespace duostat;
using fuzz::require;

namespace {

volatile std::uint64_t total = 0;  ///< what was read, so that reading is not left out

void look_at(std::string_view text) {
  for (const char c : text) total = total + static_cast<unsigned char>(c);
}

void routes(Bytes input) {
  for (const auto read : {rtnl::read_routes, rtnl::read_ipv6_routes}) {
    std::vector<Route> rows;
    read(fuzz::replies_of(input), rows);
    for (const Route& row : rows) {
      look_at(row.interface);
      require(row.prefix_length <= 128, "a prefix has at most 128 bits");
    }
  }
}

void interfaces(Bytes input) {
  rtnl::LinkNames names;
  rtnl::read_link_names(fuzz::replies_of(input), names);
  for (const auto& [index, name] : names) look_at(name);
  std::vector<Interface> rows;
  rtnl::read_interfaces(fuzz::replies_of(input), rows);
  for (const Interface& row : rows) {
    look_at(row.name);
    require(row.hardware_length <= row.hardware_address.size(), "an address is not longer than its array");
    for (const InterfaceInet6& address : row.inet6)
      require(address.prefix_length <= 128, "a prefix has at most 128 bits");
  }
  rtnl::link_by_alternative_name(fuzz::replies_of(input), "a-long-alternative-name");
}

void groups(Bytes input) {
  for (const Family family : {Family::inet, Family::inet6}) {
    std::vector<MulticastGroup> rows;
    rtnl::read_multicast_groups(fuzz::replies_of(input), family, rows);
    for (const MulticastGroup& row : rows) look_at(row.interface);
  }
}

void namespace_ids(Bytes input) {
  rtnl::NamespaceIds ids;
  if (ids.open(fuzz::replies_of(input)) != 0) return;
  int error = 0;
  ids.id_of(0, error);
  ids.changes([](std::int32_t) {});
}

void ended_sockets(Bytes input) {
  DestroyedSockets events;
  if (events.open(fuzz::replies_of(input), {Protocol::tcp, Protocol::udp}, {Family::inet, Family::inet6}) != 0) return;
  events.join_all_namespaces();
  for (int i = 0; i < 64; ++i) {
    const int error = events.next([](std::span<const Socket> sockets) {
      require(sockets.size() == 1, "events come one at a time");
      for (const Socket& s : sockets) total = total + s.local.port + s.inode;
      return true;
    });
    if (error != 0 && error != ENOBUFS) break;
  }
}

void end_a_socket(Bytes input) {
  SocketDestroyer destroyer;
  if (destroyer.open(fuzz::replies_of(input)) != 0) return;
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = Family::inet;
  require(destroyer.destroy(socket) >= 0, "an error is an errno");
}

void bench(Bytes input) {
  fuzz::Replies replies(input);
  std::vector<std::byte> buffer(1 << 14);
  const std::byte request[16] = {};
  read_bench_dump(replies, request, buffer, true);
}

void list_tcp(const OpenTransport& open) {
  DiagBackend backend(open);
  Query query{.protocols = {Protocol::tcp}, .families = {Family::inet, Family::inet6}};
  query.wanted = backend.knows(Protocol::tcp);
  backend.collect(query, [](std::span<const Socket> sockets) {
    for (const Socket& s : sockets) total = total + s.local.port + s.inode;
    return true;
  });
}

/// As the file that TCPDIAG_FILE names, and what ss -D copies from it.
void replayed(Bytes input) {
  const Fd file(memfd_create("fuzz", MFD_CLOEXEC));
  require(write(file.get(), input.data(), input.size()) == static_cast<ssize_t>(input.size()), "write");
  const OpenTransport open = replay_from("/proc/self/fd/" + std::to_string(file.get()), fuzz::replies_of({}));
  list_tcp(open);
  StringSink sink;
  AnswerCopy copy(sink, [&](std::uint64_t size) { return sink.text.resize(size), 0; });
  list_tcp(copy.over(open));
  copy.finish();
}

/// As the file that --from names.
void dump_file(Bytes input) {
  try {
    const auto recording = recording_of_dump({input.begin(), input.end()}, "input");
    require(recording->tcp_dump, "a dump is known as one");
    list_tcp(transport_of(recording));
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("input"), "an error names the file");
  }
}

constexpr void (*kRows[])(Bytes) = {routes, interfaces,   groups,   namespace_ids, ended_sockets,
                                    bench,  end_a_socket, replayed, dump_file};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto row = kRows[input.byte() % std::size(kRows)];
  row(input.rest());
  return 0;
}
