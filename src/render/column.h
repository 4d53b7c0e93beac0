// The columns of a socket: one row each, with the function that computes its value. Ids are the keys of JSON and the
// words of --columns, --sort, --by and --where, and are never renamed (doc/json.md). src/render/record.h has the
// columns of other records.
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
#include "src/model/network_namespace.h"
#include "src/model/owner.h"
#include "src/model/process.h"
#include "src/model/socket.h"
#include "src/names/cgroup_paths.h"
#include "src/names/netlink_protocols.h"
#include "src/names/resolver.h"
#include "src/render/json.h"
#include "src/render/value.h"

namespace duostat {

/// The owners of sockets, from an index built before the listing.
class Holders {
 public:
  virtual ~Holders() = default;
  /// Like OwnerIndex::each(): the owner found last comes first.
  virtual void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const = 0;
  /// Returns the owner found first: the lowest process id and descriptor. pid 0: none.
  virtual Owner first(std::uint64_t inode) const = 0;
  virtual const Process& process(std::uint32_t pid) const = 0;
};

/// Bytes a second of a connection, between two looks.
struct ByteRate {
  double sent = 0;  ///< acknowledged by the peer
  double received = 0;
};
/// The rates of connections (--rate): insight/rates.h.
class ByteRates {
 public:
  virtual ~ByteRates() = default;
  /// nullopt: unknown, because the socket is no TCP connection or was not seen by two looks.
  virtual std::optional<ByteRate> of(const Socket&) const = 0;
};

/// What columns need beyond the socket itself. Holds the text of the last value returned.
struct ColumnContext {
  Resolver& names;
  CgroupPaths& cgroups;
  const Holders& holders;
  const ListedNamespace* netns = nullptr;  ///< may be null: unknown
  std::string_view host{};                 ///< name of the host; empty: unknown
  ProcessFields process_fields{};   ///< the properties that `owners` shows of each process (--proc)
  bool threads = false;             ///< owners are listed per thread
  const ByteRates* rates = nullptr; ///< null: not measured
  bool orphans_have_uid = false;    ///< this kernel keeps the user of a socket that no process holds (Linux 6.17)

  std::optional<NetlinkProtocols> netlink_names{};
  char text[64] = {};
  std::string scratch{};
};

/// The parts of a socket that views show; a column belongs to one or more of them.
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
  kViewFile = 1 << 11,    ///< only in /proc/net, and shown by netstat
};

struct Column {
  /// "inode", or, for a member of an object in JSON, "tcp_info.rtt_us".
  std::string_view id;
  std::string_view help;  ///< one line, with the source in the kernel's terms
  Unit unit;
  std::uint16_t views;    ///< set of ViewPart; 0: only if selected by name
  FieldSet needs;
  ProtocolSet protocols;  ///< the protocols that can have it; empty: all
  /// Allocates only in lookups, which are cached. Text is valid until the next value is requested. Null: a column of
  /// another record, which computes its values itself (src/render/record.h).
  Value (*value)(ColumnContext&, const Socket&);
  /// Not null: the value is an array or an object, which `value` can only return as text.
  bool (*json)(ColumnContext&, const Socket&, std::string_view key, Json&) = nullptr;
  /// Not null: each owner of a socket has a value; `value` returns that of the first.
  Value (*of_owner)(ColumnContext&, const Owner&) = nullptr;
  ProcessFields process{};  ///< the process properties it needs
  std::span<const std::string_view> words{};  ///< all possible texts; empty: any
  /// With Field::owner in `needs`: returns the inode of the socket whose owners are shown, 0 if unknown. Null: the
  /// socket's own inode.
  std::uint64_t (*held)(const Socket&) = nullptr;
  bool ip = false;                            ///< text that is an IP address, whatever the suffix of the id
  /// Bytes, but connections if the socket is a listener: sums leave listeners out.
  bool of_connections = false;

  std::uint64_t held_inode(const Socket& s) const {
    return held != nullptr ? held(s) : s.has(Field::inode) ? s.inode : 0;
  }
  constexpr std::string_view group() const {
    const auto dot = id.find('.');
    return dot == std::string_view::npos ? std::string_view{} : id.substr(0, dot);
  }
  constexpr std::string_view key() const {
    const auto dot = id.find('.');
    return dot == std::string_view::npos ? id : id.substr(dot + 1);
  }
};

/// An alternative name of a column.
struct ColumnAlias {
  std::string_view word, id;
};

/// The columns that one view can name; members of one object are adjacent.
struct ColumnSet {
  std::span<const Column> columns;
  std::span<const ColumnAlias> aliases{};
};
/// The columns of sockets.
const ColumnSet& socket_columns();
inline std::span<const Column> columns() { return socket_columns().columns; }

/// True if values compare and count as IP addresses, not as text.
bool is_address(const Column& column);

/// A column and the unit its literals are in.
struct ColumnName {
  const Column* column = nullptr;
  Unit unit = Unit::none;
};
/// Tries, in this order: an id; an alias (doc/filters.md); an id without its object ("rtt_us"); without its unit too
/// ("rtt"); with another unit of the same kind ("rtt_ms"). '-' counts as '_'. The first match in the table wins. If the
/// name of a time has no unit, literals are milliseconds.
ColumnName find_column(std::string_view word, const ColumnSet& set = socket_columns());
/// The form in which the words of ids and aliases are compared: lower case, with '_' for '-'.
std::string column_word(std::string_view word);
/// The unit in the name of a column: "rtt_us", "rtt_us_max". none: it has none.
Unit named_unit(std::string_view word);
/// The members of an object ("tcp_info"); empty if there is no such object.
std::span<const Column> find_group(std::string_view word, const ColumnSet& set = socket_columns());
/// For messages: "\"rttt\" is not a column; did you mean rtt?".
std::string not_a_column(std::string_view word, const ColumnSet& set = socket_columns());

/// Writes a value as a member; writes nothing if it is absent.
void put_value(Json& json, std::string_view key, const Value& value);

/// Columns as members of JSON objects. Everything that does not depend on the socket is computed once per listing.
class Members {
 public:
  explicit Members(std::span<const Column* const> columns);
  /// Writes the columns that have a value into the open object; those of one group as a nested object.
  void put(Json& json, ColumnContext& context, const Socket& socket) const;

 private:
  static constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);
  struct Member {
    const Column* column;
    std::size_t group;  ///< index in groups_, or kNoGroup
    JsonKey key;
  };
  std::vector<Member> members_;
  std::vector<JsonKey> groups_;
};

/// The value of column "family" for a family; empty if it has none.
std::string_view family_word(Family family);
/// The value of column "state" for a state; empty if it has none.
std::string_view state_value(State state);

// The parts of the table, one per file.
std::span<const Column> tcp_columns();
std::span<const Column> transport_columns();
std::span<const Column> family_columns();

}  // namespace duostat
