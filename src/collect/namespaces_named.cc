// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/collect/namespaces.h"
#include "src/names/workload.h"
#include "src/procfs/task_text.h"

namespace duostat {
namespace {

constexpr std::size_t kLongId = 64, kShortId = 12;  ///< hexadecimal digits of a container's id

std::string_view shortened(std::string_view id) {
  const bool hexadecimal = id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return id.size() == kLongId && hexadecimal ? id.substr(0, kShortId) : id;
}

std::string label_of(const NetworkNamespace& place) {
  const Workload& w = place.workload;
  if (!place.name.empty()) return place.name;
  if (!w.pod.empty()) return "pod:" + std::string(shortened(w.pod));
  if (!w.container.empty()) return std::string(word_of(w.runtime)).append(":").append(shortened(w.container));
  if (place.pid) return std::to_string(*place.pid) + "/" + place.process;
  return "net:[" + std::to_string(place.inode) + "]";
}

void read_first_process(const ProcDir& proc, NetworkNamespace& place) {
  int error = 0;
  const std::string folder = std::to_string(*place.pid);
  place.process = comm_of(proc.read(folder + "/stat", error));
  place.workload = workload_of(proc.read(folder + "/cgroup", error));
}

}  // namespace

void name_network_namespaces(const ProcDir& proc, std::vector<NetworkNamespace>& list) {
  std::unordered_map<std::string, unsigned> times;
  for (NetworkNamespace& place : list) {
    if (place.pid) read_first_process(proc, place);
    place.label = label_of(place);
    ++times[place.label];
  }
  for (NetworkNamespace& place : list)
    if (times[place.label] > 1) place.label += "[" + std::to_string(place.inode) + "]";
}

}  // namespace duostat
