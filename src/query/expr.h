// A filter over sockets: an immutable tree of and, or, not and predicates.
//
// The tree is one array, children before their parents. So no operation on it recurses, and an expression may be of any
// depth.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "src/model/address.h"
#include "src/model/field.h"
#include "src/model/protocol.h"

namespace duostat {

/// Which end of the socket a predicate looks at: src, sport or dst, dport.
enum class Side : std::uint8_t { local, remote };

/// An address of which the first `bits` bits count; 0: any. `family` inet: 4 bytes; inet6: 16; packet, netlink, vsock:
/// the Ethertype, protocol number or CID in host byte order in the first word, `bits` 32 or 0; unspecified: no address.
struct AddressPrefix {
  Family family = Family::unspecified;
  std::uint8_t bits = 0;
  Address address{};
  bool operator==(const AddressPrefix&) const = default;
};

/// src HOST, dst HOST, and sport = PORT, dport = PORT.
struct HostPredicate {
  Side side = Side::local;
  /// -1: any. Each family's equivalent of a port is listed at matches() in src/query/eval.h. Values that no
  /// socket can have are kept as written.
  std::int64_t port = -1;
  /// Alternatives, in the order of the resolver: several if a name resolves to several addresses; never empty. For
  /// unix_domain there is one, with that `family` and an address without meaning.
  std::vector<AddressPrefix> addresses{AddressPrefix{}};
  /// unix_domain: a glob for the name, letter case ignored.
  std::string pattern;
  /// The kernel's program uses the first address for every alternative: see ParserContext.
  bool kernel_first_only = false;
  bool operator==(const HostPredicate&) const = default;
};

/// Signed comparison of a port number; equality is a HostPredicate.
struct PortPredicate {
  enum class Relation : std::uint8_t { at_least, at_most };
  Side side = Side::local;
  Relation relation = Relation::at_least;
  std::int64_t port = 0;
  bool operator==(const PortPredicate&) const = default;
};

/// Bound to an interface (0: to none).
struct DevicePredicate {
  std::uint32_t ifindex = 0;
  bool operator==(const DevicePredicate&) const = default;
};

/// (SO_MARK & mask) == mark.
struct MarkPredicate {
  std::uint32_t mark = 0, mask = 0xffffffff;
  bool operator==(const MarkPredicate&) const = default;
};

/// Member of the cgroup2 with this id.
struct CgroupPredicate {
  std::uint64_t id = 0;
  bool operator==(const CgroupPredicate&) const = default;
};

/// The kernel, not the program, chose the local address.
struct AutoboundPredicate {
  bool operator==(const AutoboundPredicate&) const = default;
};

using Predicate = std::variant<HostPredicate, PortPredicate, DevicePredicate, MarkPredicate, CgroupPredicate,
                               AutoboundPredicate>;

class Expr {
 public:
  enum class Kind : std::uint8_t { predicate, conjunction, disjunction, negation };

  /// Operands precede their operator. The right operand, or the only one, of node i is node i-1.
  struct Node {
    Kind kind = Kind::predicate;
    std::uint32_t left = 0;       ///< index of the left operand (conjunction, disjunction)
    std::uint32_t predicate = 0;  ///< index into predicates()
    bool operator==(const Node&) const = default;
  };
  std::span<const Node> nodes() const noexcept { return nodes_; }
  std::span<const Predicate> predicates() const noexcept { return predicates_; }
  bool operator==(const Expr&) const = default;

  /// Short-circuit evaluation: the predicates in order, each with the index of the next predicate to evaluate if it
  /// holds and if it does not. kAccept and kReject end the evaluation.
  struct Step {
    std::uint32_t on_true, on_false;
    bool operator==(const Step&) const = default;
  };
  static constexpr std::uint32_t kAccept = 0xffffffff, kReject = 0xfffffffe;
  std::span<const Step> steps() const noexcept { return steps_; }

 private:
  friend class ExprBuilder;
  Expr() = default;
  void thread();

  std::vector<Node> nodes_;
  std::vector<Predicate> predicates_;
  std::vector<Step> steps_;
};

/// Builds an expression from reverse Polish notation.
class ExprBuilder {
 public:
  void predicate(Predicate predicate);
  /// Each takes its one or two operands from the nodes built before and not yet taken.
  void conjunction() { join(Expr::Kind::conjunction); }
  void disjunction() { join(Expr::Kind::disjunction); }
  void negation();
  /// The expression. Exactly one node must be left.
  Expr finish() &&;

 private:
  void join(Expr::Kind kind);

  Expr expr_;
  std::vector<std::uint32_t> open_;  ///< roots not yet taken
};

/// The fields needed to evaluate `expr` for sockets of any protocol.
FieldSet fields_of(const Expr& expr);

/// A predicate as text: sport{= 22}.
std::string dump(const Predicate& predicate);

/// The tree in one line: and{sport{= 22}dst{inet 10.0.0.0/8}}.
std::string dump(const Expr& expr);

}  // namespace duostat
