// Made-up sockets and processes for tests.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/names/map_resolver.h"
#include "src/render/column.h"

namespace duostat::test {

class SampleHolders final : public Holders {
 public:
  std::multimap<std::uint64_t, Owner> owners;  ///< by inode, the first found first
  std::map<std::uint32_t, Process> processes;

  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const override {
    std::vector<Owner> found;
    for (auto [at, end] = owners.equal_range(inode); at != end; ++at) found.push_back(at->second);
    for (auto owner = found.rbegin(); owner != found.rend(); ++owner)
      if (!visit(*owner)) return;
  }
  Owner first(std::uint64_t inode) const override {
    const auto at = owners.lower_bound(inode);
    return at != owners.end() && at->first == inode ? at->second : Owner{};
  }
  const Process& process(std::uint32_t pid) const override {
    static const Process kNone;
    const auto at = processes.find(pid);
    return at != processes.end() ? at->second : kNone;
  }
};

/// One established TCP connection, 10.0.0.1:443 to 10.1.2.3:50000, held by nginx (7) and cat (9), with its context.
struct Sample {
  Sample() {
    inet.tcp_info.length = sizeof(TcpInfo);
    inet.tcp_info.value.rtt = 150'000;
    inet.tcp_info.value.rttvar = 500;
    inet.tcp_info.value.total_retrans = 3;
    inet.tcp_info.value.snd_ssthresh = 0x7fffffff;
    inet.tcp_info.value.options = 1;
    inet.congestion = "cubic";
    socket.protocol = Protocol::tcp;
    socket.family = Family::inet;
    socket.state = State::established;
    socket.local = {{10, 0, 0, 1}, 443, 0, Family::inet};
    socket.remote = {{10, 1, 2, 3}, 50000, 0, Family::inet};
    socket.inode = 77;
    socket.uid = 33;
    socket.rqueue = 2048;
    socket.present = {Field::queues, Field::inode, Field::uid, Field::tcp_info, Field::congestion};
    socket.inet = &inet;
    holders.owners.emplace(77, Owner{7, 7, 3, "nginx", {}, {}});
    holders.owners.emplace(77, Owner{9, 9, 4, "cat", {}, {}});
    holders.processes[7].unit = "nginx.service";
    names.users[33] = "www-data";
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  InetDetail inet{};
  Socket socket;
  SampleHolders holders;
  MapResolver names;
  ProcDir proc{"/nonexistent"};
  CgroupPaths cgroups{proc};
  struct Place final : ListedNamespace {
    Place() { place.inode = 4026531840, place.label = "blue"; }
    const NetworkNamespace& get() const override { return place; }
    NetworkNamespace place;
  } place;
  ColumnContext context{names, cgroups, holders, &place};
};

}  // namespace duostat::test
