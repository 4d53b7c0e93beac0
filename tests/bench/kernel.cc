// Measures the cost of the kernel alone: sends the same requests as a view and discards the answers.
//
// usage: kernel dump STATES EXTENSIONS FAMILY...    TCP by sock_diag; numbers in hexadecimal, 2 is IPv4, a IPv6,
//                                                 0 both in one walk (the request from before Linux 3.3)
//        kernel text FILE...                        reads /proc files to their end
//        kernel links                               reads every link in /proc/PID/fd
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "src/diag/abi.h"
#include "src/diag/message.h"
#include "src/diag/transport.h"

using namespace duostat;

namespace {

std::vector<std::byte> buffer(32768);

/// Receives until the answer is complete. Returns the number of bytes; -1 if it failed.
long long answer(Transport& transport) {
  for (long long total = 0;;) {
    const Transport::Received got = transport.receive(buffer);
    if (got.error != 0 || got.size == 0) return -1;
    total += static_cast<long long>(got.size);
    MessageWalk walk(Bytes(buffer).first(got.size));
    // A complete answer ends in its own datagram or after the last rows.
    for (Message message; walk.next(message);)
      if (message.type == uapi::kDone || message.type == uapi::kError) return total;
  }
}

int dump(int argc, char** argv) {
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  if (!transport) return 1;
  const auto states = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 16));
  const auto extensions = static_cast<std::uint8_t>(std::strtoul(argv[3], nullptr, 16));
  for (int i = 4; i < argc; ++i) {
    const auto family = static_cast<std::uint8_t>(std::strtoul(argv[i], nullptr, 16));
    RequestWriter request(family == 0 ? uapi::kTcpDiagGetSock : uapi::kSockDiagByFamily, uapi::kDumpFlags, 1);
    if (family == 0) {
      request.put(uapi::InetRequestLegacy{.extensions = extensions, .states = states});
    } else {
      request.put(uapi::InetRequest{.family = family, .protocol = 6, .extensions = extensions, .states = states});
    }
    if (transport->send(request.bytes()) != 0 || answer(*transport) < 0) return 1;
  }
  return 0;
}

int text(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    const Fd file(::open(argv[i], O_RDONLY));
    if (!file) return 1;
    while (::read(file.get(), buffer.data(), buffer.size()) > 0) {
    }
  }
  return 0;
}

int links() {
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return 1;
  while (const dirent* process = readdir(proc)) {
    if (process->d_name[0] < '0' || process->d_name[0] > '9') continue;
    char path[300];
    std::snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
    DIR* descriptors = opendir(path);
    if (descriptors == nullptr) continue;
    while (const dirent* entry = readdir(descriptors)) {
      char target[64];
      if (readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target) < 0) continue;
    }
    closedir(descriptors);
  }
  closedir(proc);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "dump" && argc > 4) return dump(argc, argv);
  if (word == "text" && argc > 2) return text(argc, argv);
  if (word == "links") return links();
  std::fprintf(stderr, "usage: kernel dump STATES EXTENSIONS FAMILY... | text FILE... | links\n");
  return 2;
}
