// Follows sockets: as they appear, change their state and go. Several sources can tell, each with its own blind spots;
// they are rows of one table.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/collect/sockets.h"
#include "src/model/socket_event.h"
#include "src/procfs/owners.h"

namespace duostat {

/// What a source cannot see. Each has a word, which users and programs read.
enum class Blind : std::uint8_t {
  time_wait,       ///< sockets in TIME-WAIT: an event says that the socket is gone when that state begins
  half_open,       ///< connection requests (SYN-RECV)
  short_lived,     ///< sockets that come and go between two looks
  opening,         ///< new sockets, and therefore durations
  states,          ///< states before the end
  namespaces,      ///< sockets of other network namespaces
  new_namespaces,  ///< the first second of a network namespace that appears later
  which_netns,     ///< sockets of every network namespace are shown, without a name for it
  bytes,
  owner,
  accepted,  ///< the owner of a connection that a server accepted
  count_
};
struct BlindRow {
  Blind blind;
  std::string_view word;   ///< in JSON
  std::string_view words;  ///< in a sentence
};
std::span<const BlindRow> blind_rows();

/// A set of Blind.
class Blinds {
 public:
  constexpr Blinds() = default;
  constexpr Blinds(std::initializer_list<Blind> list) {
    for (const Blind b : list) bits_ |= 1u << static_cast<unsigned>(b);
  }
  constexpr Blinds with(Blind b) const {
    Blinds more = *this;
    more.bits_ |= 1u << static_cast<unsigned>(b);
    return more;
  }
  constexpr bool has(Blind b) const { return (bits_ >> static_cast<unsigned>(b) & 1) != 0; }

 private:
  unsigned bits_ = 0;
};

/// What the caller knows about sockets and a source does not: which ones are wanted.
class EventFilter {
 public:
  virtual ~EventFilter() = default;
  /// Before each look of a source that looks; the owners live until the next call.
  virtual void look(const OwnerIndex& owners) = 0;
  /// `socket` has the fields that the source knows.
  virtual bool wants(const Socket& socket) = 0;
};

struct FollowRequest {
  /// `states` are those before or after an event. `wanted`: what EventFilter::wants() and the filter need.
  SocketRequest sockets;
  EventFilter* filter = nullptr;  ///< must outlive the source
  Via via = Via::automatic;       ///< for a source that looks
  std::optional<std::int64_t> interval_ns;  ///< the same: between two looks
  bool owners = false;            ///< owners are shown
};

/// What a source lost, as far as it is known.
struct Loss {
  std::uint64_t events = 0;   ///< lost events of known number
  std::uint64_t unknown = 0;  ///< losses of an unknown number of events
  std::string why;            ///< the last reason

  bool any() const { return events != 0 || unknown != 0; }
  bool operator==(const Loss&) const = default;
};

/// A running source. Its destructor leaves nothing behind in the kernel.
class EventSource {
 public:
  virtual ~EventSource() = default;
  /// Descriptors for poll(2); none: read() is to be called after pause_ns().
  virtual std::span<const int> descriptors() const = 0;
  /// The blind spots of this run; `always`: those of the row.
  virtual Blinds blind(Blinds always) const { return always; }
  /// Time until read() has something to do even if no descriptor is readable.
  virtual std::int64_t pause_ns() const = 0;
  /// Passes what happened since the last call, in the order of time. False: there will be no more.
  virtual bool read(FunctionRef<void(SocketEvent&&)> take) = 0;
  /// Passes what read() kept back for the order of time.
  virtual void finish(FunctionRef<void(SocketEvent&&)> /*take*/) {}
  /// Events that could not be put in the order of time.
  virtual std::uint64_t late() const { return 0; }
  /// Everything lost so far. At the end it is called after the last read().
  virtual Loss loss() = 0;
  /// A closing sentence about what the source covered; may be empty.
  virtual std::string account() const { return {}; }
};

struct EventSourceRow {
  std::string_view word;         ///< of --source, and in the output
  std::string_view description;  ///< in the first line
  std::string_view needs;        ///< in messages and the manual
  Blinds blind;                  ///< always; EventSource::blind() has those of a run
  ProtocolSet protocols;
  FieldSet known;                ///< the fields that filters can use
  bool looks = false;            ///< --interval and the choices of a backend and of owners apply
  bool traces = false;           ///< loads or sets up something in the kernel: not in secure execution
  /// null, with the reason, if it cannot be used.
  std::unique_ptr<EventSource> (*open)(Environment& env, const FollowRequest& request, std::string& why);
};
/// The best first.
std::span<const EventSourceRow> event_sources();

/// The reason why a source cannot answer the request on any kernel; empty if it can. `states`: the request has a state,
/// or a column about states.
std::string unfit(const Environment& env, const EventSourceRow& row, const FollowRequest& request, bool states);

/// An event about `socket`: what both its beginning and its end tell. The kind, the time and the states are not set.
SocketEvent event_about(const Socket& socket);

/// True if `socket`, which went from `previous` to `state`, is one that was asked for.
bool is_asked(const FollowRequest& request, const Socket& socket, State previous, State state);

// The functions of the rows.
std::unique_ptr<EventSource> open_bpf_events(Environment& env, const FollowRequest& request, std::string& why);
std::unique_ptr<EventSource> open_perf_events(Environment& env, const FollowRequest& request, std::string& why);
std::unique_ptr<EventSource> open_tracefs_events(Environment& env, const FollowRequest& request, std::string& why);
std::unique_ptr<EventSource> open_destroy_events(Environment& env, const FollowRequest& request, std::string& why);
std::unique_ptr<EventSource> open_poll_events(Environment& env, const FollowRequest& request, std::string& why);

}  // namespace duostat
