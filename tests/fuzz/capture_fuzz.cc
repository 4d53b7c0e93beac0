// Arbitrary bytes as a capture, or as the records of one: they are read or refused, and what is read can be shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <vector>

#include "src/base/error.h"
#include "src/collect/recording.h"
#include "src/diag/diag_backend.h"
#include "src/procfs/owners.h"
#include "src/procfs/procfs_backend.h"

using namespace duostat;

namespace {

/// A capture whose records are the input's: a byte for the type, two for the length, the payload.
std::vector<std::byte> wrapped(Bytes input) {
  StringSink sink;
  capture::Writer writer(sink);
  writer.add(capture::Type::host, capture::host_payload(Recording()));
  while (input.size() >= 3) {
    const auto type = static_cast<capture::Type>(std::to_integer<std::uint32_t>(input[0]) % 10 + 1);
    const std::size_t wanted = std::to_integer<std::size_t>(input[1]) | std::to_integer<std::size_t>(input[2]) << 8;
    input = input.subspan(3);
    const Bytes payload = input.first(std::min(wanted, input.size()));
    input = input.subspan(payload.size());
    writer.add(type, {reinterpret_cast<const char*>(payload.data()), payload.size()});
  }
  writer.end();
  const Bytes file = std::as_bytes(std::span(sink.text));
  return {file.begin(), file.end()};
}

void look_at(const std::shared_ptr<const Recording>& recording) {
  const ProcDir proc(recording->proc);
  DiagBackend netlink(transport_of(recording));
  ProcfsBackend procfs(proc);
  volatile std::uint64_t total = OwnerIndex::scan(proc, {.threads = true}).coverage().descriptors;
  const auto count = [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) total = total + socket.inode + socket.local.port;
    return true;
  };
  for (const ProtocolRow& row : kProtocols) {
    Query query;
    query.protocols = {row.protocol};
    query.wanted = netlink.knows(row.protocol);
    netlink.collect(query, count);
    procfs.collect(query, count);
  }
  lookup_of(recording)->interface_index("eth0");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  if (input.empty()) return 0;
  try {
    look_at(Recording::parse(
        data[0] != 0 ? wrapped(input.subspan(1)) : std::vector<std::byte>(input.begin() + 1, input.end()), "input"));
  } catch (const FormatError&) {
  }
  return 0;
}
