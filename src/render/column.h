// The columns of a socket: one row each, with how its value is found. Ids are the keys of JSON, the words of --columns, --sort,
// --by and --where, and are never renamed (doc/json.md). Those of other records are in src/render/record.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/model/owner.h"
#include "src/model/process.h"
#include "src/model/socket.h"
#include "src/names/cgroup_paths.h"
#include "src/names/netlink_protocols.h"
#include "src/names/resolver.h"
#include "src/render/json.h"
#include "src/render/value.h"

namespace duostat {

/// Who holds sockets: an index made before the listing.
class Holders {
 public:
  virtual ~Holders() = default;
  /// As OwnerIndex::each(): the owner found last comes first.
  virtual void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const = 0;
  /// The owner found first: the lowest process id and descriptor. pid 0: none.
  virtual Owner first(std::uint64_t inode) const = 0;
  virtual const Process& process(std::uint32_t pid) const = 0;
};

/// What columns ask beyond the socket itself. Holds the text of the value that was asked for last.
struct ColumnContext {
  Resolver& names;
  CgroupPaths& cgroups;
  const Holders& holders;
  std::uint64_t netns = 0;          ///< inode of the network namespace; 0: unknown
  ProcessFields process_fields{};   ///< what `owners` tells of each process (--proc)
  bool threads = false;             ///< owners are told by thread
  bool orphans_have_uid = false;    ///< this kernel keeps the user of a socket that no process holds (Linux 6.17)

  std::optional<NetlinkProtocols> netlink_names{};
  char text[64] = {};
  std::string scratch{};
};

/// What of a socket a view shows; a column belongs to one or more of these.
enum ViewPart : std::uint16_t {
  kViewBase = 1 << 0,
  kViewTimers = 1 << 1,
  kViewExtended = 1 << 2,
  kViewInfo = 1 << 3,
  kViewMemory = 1 << 4,
  kViewOwners = 1 << 5,
  kViewTos = 1 << 6,
  kViewCgroup = 1 << 7,
  kViewSockopt = 1 << 8,
  kViewFilter = 1 << 9,   ///< classic BPF of packet sockets
  kViewTipc = 1 << 10,
  kViewFile = 1 << 11,    ///< what only /proc/net tells, and netstat shows
};

struct Column {
  /// "inode", or with the object that it is a member of in JSON: "tcp_info.rtt_us".
  std::string_view id;
  std::string_view help;  ///< one line, with the source in the kernel's words
  Unit unit;
  std::uint16_t views;    ///< of ViewPart; 0: only where it is asked for
  FieldSet needs;
  ProtocolSet protocols;  ///< that can have it; empty: all
  /// Allocates nothing but in look-ups that are remembered. Text lives until the next value is asked for.
  /// Null: a column of another record, which holds its values itself (src/render/record.h).
  Value (*value)(ColumnContext&, const Socket&);
  /// Not null: the value is an array or an object, which `value` can only put as text.
  bool (*json)(ColumnContext&, const Socket&, std::string_view key, Json&) = nullptr;
  /// Not null: each holder of a socket has a value, and `value` is that of the first.
  Value (*of_owner)(ColumnContext&, const Owner&) = nullptr;
  ProcessFields process{};  ///< what it needs to know of processes
  std::span<const std::string_view> words{};  ///< all texts that it can be; none: any
  /// With Field::owner in `needs`: the inode of the socket whose holders are meant, 0 if unknown. Null: the socket's own.
  std::uint64_t (*held)(const Socket&) = nullptr;
  bool ip = false;                            ///< text that is an IP address, whatever the id ends with

  std::uint64_t held_inode(const Socket& s) const { return held != nullptr ? held(s) : s.has(Field::inode) ? s.inode : 0; }
  constexpr std::string_view group() const {
    const auto dot = id.find('.');
    return dot == std::string_view::npos ? std::string_view{} : id.substr(0, dot);
  }
  constexpr std::string_view key() const {
    const auto dot = id.find('.');
    return dot == std::string_view::npos ? id : id.substr(dot + 1);
  }
};

/// Another word for a column.
struct ColumnAlias {
  std::string_view word, id;
};

/// The columns that one view can name; members of one object stand together.
struct ColumnSet {
  std::span<const Column> columns;
  std::span<const ColumnAlias> aliases{};
};
/// Those of sockets.
const ColumnSet& socket_columns();
inline std::span<const Column> columns() { return socket_columns().columns; }

/// IP addresses are compared and counted as addresses, not as text.
bool is_address(const Column& column);

/// A column by a user's word, and in which unit numbers beside it are meant.
struct ColumnName {
  const Column* column = nullptr;
  Unit unit = Unit::none;
};
/// In this order: an id; an alias (doc/filters.md); an id without its object ("rtt_us"), or without its unit either ("rtt"), or with
/// another unit of the same kind ("rtt_ms"). '-' counts as '_'. The first column in the table wins. A time without a unit in its
/// name is meant in milliseconds.
ColumnName find_column(std::string_view word, const ColumnSet& set = socket_columns());
/// The ids of an object's members ("tcp_info"), or nothing.
std::span<const Column> find_group(std::string_view word, const ColumnSet& set = socket_columns());
/// The word most like `word` among ids, aliases and objects: for messages.
std::string_view nearest_column(std::string_view word, const ColumnSet& set = socket_columns());

/// The word most like `word` among `words`: for messages.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

/// Writes a value as a member; nothing if it is absent.
void put_value(Json& json, std::string_view key, const Value& value);

/// Columns as members of JSON objects: what does not depend on the socket is found out once for a listing.
class Members {
 public:
  explicit Members(std::span<const Column* const> columns);
  /// Writes the columns that have a value into the object that is open, those of one group as an object in it.
  void put(Json& json, ColumnContext& context, const Socket& socket) const;

 private:
  static constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);
  struct Member {
    const Column* column;
    std::size_t group;  ///< which of groups_, or kNoGroup
    JsonKey key;
  };
  std::vector<Member> members_;
  std::vector<JsonKey> groups_;
};

// The parts of the table, by file.
std::span<const Column> tcp_columns();
std::span<const Column> transport_columns();
std::span<const Column> family_columns();

}  // namespace duostat
