// A network namespace: how to find it again, and how it is named.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/model/workload.h"

namespace duostat {

/// Texts are raw bytes.
struct NetworkNamespace {
  std::uint64_t inode = 0;           ///< of nsfs; 0: it exists, but this user may not read which one it is
  std::string name;                  ///< "blue" of `ip netns`, else the path where it is mounted
  std::string path;                  ///< a file that opens it; empty: none but those of its processes
  std::optional<std::uint32_t> pid;  ///< the lowest process in it; none if only a mount keeps it
  std::uint64_t processes = 0;       ///< number of processes in it that were seen
  bool own = false;                  ///< the caller is in it
  std::string task{};                ///< "7/task/9": only threads are in it, of which this is one

  // Filled by name_network_namespaces().
  std::string process{};  ///< name of the process `pid`
  Workload workload{};    ///< of that process
  std::string label{};    ///< one short text, different for each namespace

  // Of a recorded host, if several are listed: --from.
  std::string host{};        ///< its name; empty: the namespace is one of this host
  std::int64_t wall_ns = 0;  ///< when it was recorded: CLOCK_REALTIME of that host
};

/// What the places of one listing are.
enum class PlaceKind : std::uint8_t { network_namespace, host };

struct PlaceWords {
  std::string_view column;     ///< id of the column that names the place
  std::string_view title;      ///< of that column in the rows of the front ends
  std::string_view heading;    ///< of that column in the tables of commands
  std::string_view many;       ///< for messages
  std::string_view operation;  ///< that fails if a place cannot be looked at, for JSON
};
inline constexpr PlaceWords kPlaceWords[] = {
    {"netns", "Netns", "NETNS", "network namespaces", "enter"},
    {"host", "Host", "HOST", "hosts", "read"},
};
constexpr const PlaceWords& words_of(PlaceKind kind) { return kPlaceWords[static_cast<unsigned>(kind)]; }
/// Of a place that a listing has.
inline PlaceKind kind_of(const NetworkNamespace& place) {
  return place.host.empty() ? PlaceKind::network_namespace : PlaceKind::host;
}

/// The namespace of the sockets that are being listed.
class ListedNamespace {
 public:
  virtual ~ListedNamespace() = default;
  virtual const NetworkNamespace& get() const = 0;
};

}  // namespace duostat
