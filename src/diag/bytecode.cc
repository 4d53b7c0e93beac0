// Compiles filter expressions to inet_diag bytecode, and runs it as the kernel does.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/bytecode.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/overloaded.h"
#include "src/diag/disassemble.h"

namespace duostat::bc {
namespace {

template <class T>
void put(std::vector<std::byte>& program, const T& value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  program.insert(program.end(), bytes, bytes + sizeof value);
}

// ---- compiling ----

bool is_foreign(const Predicate& predicate) {
  const auto* host = std::get_if<HostPredicate>(&predicate);
  return host != nullptr && !std::ranges::all_of(host->addresses, is_kernel_family, &AddressPrefix::family);
}

/// Why the kernel cannot evaluate the predicate; empty: it can.
std::string_view obstacle(const Predicate& predicate) {
  if (is_foreign(predicate))
    return "inet_diag_hostcond has AF_INET, AF_INET6 or no family, and this host is of another";
  if (std::holds_alternative<DevicePredicate>(predicate))
    return "INET_DIAG_BC_DEV_COND means nothing before Linux 4.16, so that dev is never compiled";
  return {};
}

bool kernel_can(const Predicate& predicate) { return obstacle(predicate).empty(); }

// Size in bytes of the host condition for one alternative, with its instruction.
std::size_t host_size(const AddressPrefix& prefix) {
  return kStep + sizeof(HostCondition) + address_size(static_cast<std::uint8_t>(prefix.family));
}

const AddressPrefix& alternative(const HostPredicate& host, std::size_t index) {
  return host.addresses[host.kernel_first_only ? 0 : index];
}

std::size_t size_of(const Predicate& predicate) {
  return std::visit(Overloaded{
                        [](const HostPredicate& host) {
                          std::size_t size = (host.addresses.size() - 1) * kStep;
                          for (std::size_t i = 0; i < host.addresses.size(); ++i)
                            size += host_size(alternative(host, i));
                          return size;
                        },
                        [](const PortPredicate&) { return 2 * kStep; },
                        [](const DevicePredicate&) { return kStep + sizeof(std::uint32_t); },
                        [](const MarkPredicate&) { return kStep + sizeof(MarkCondition); },
                        [](const CgroupPredicate&) { return kStep + sizeof(std::uint64_t); },
                        [](const AutoboundPredicate&) { return kStep; },
                    },
                    predicate);
}

/// Appends predicates.
class Emitter {
 public:
  std::vector<std::byte> program;
  std::size_t on_false = 0;  ///< target of the next predicate if it does not hold

  /// `no`: the target if it does not hold. `size` includes its data, which the caller appends.
  void emit(Code code, std::size_t size, std::size_t no) {
    put(program, Instruction{static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(size),
                             static_cast<std::uint16_t>(no - program.size())});
  }
  /// A jump always takes its `no`. The kernel checks `yes` too, so it leads to the next instruction.
  void jump(std::size_t to) { emit(Code::jump, kStep, to); }

  void operator()(const HostPredicate& host) {
    const std::size_t end = program.size() + size_of(host);
    const Code code = host.side == Side::local ? Code::source : Code::destination;
    for (std::size_t i = 0; i < host.addresses.size(); ++i) {
      const AddressPrefix& prefix = alternative(host, i);
      const bool last = i + 1 == host.addresses.size();
      const std::size_t size = host_size(prefix);
      emit(code, size, last ? on_false : program.size() + size + kStep);
      const auto family = static_cast<std::uint8_t>(prefix.family);
      put(program, HostCondition{family, prefix.bits, {}, static_cast<std::int32_t>(host.port)});
      const auto* bytes = reinterpret_cast<const std::byte*>(prefix.address.data());
      program.insert(program.end(), bytes, bytes + address_size(family));
      if (!last) jump(end);
    }
  }
  void operator()(const PortPredicate& predicate) {
    const bool local = predicate.side == Side::local;
    const bool at_least = predicate.relation == PortPredicate::Relation::at_least;
    emit(local ? (at_least ? Code::source_at_least : Code::source_at_most)
               : (at_least ? Code::destination_at_least : Code::destination_at_most),
         2 * kStep, on_false);
    put(program, Instruction{0, 0, static_cast<std::uint16_t>(predicate.port)});
  }
  void operator()(const DevicePredicate& predicate) {
    emit(Code::device, kStep + sizeof predicate.ifindex, on_false);
    put(program, predicate.ifindex);
  }
  void operator()(const MarkPredicate& predicate) {
    emit(Code::mark, kStep + sizeof(MarkCondition), on_false);
    put(program, MarkCondition{predicate.mark, predicate.mask});
  }
  void operator()(const CgroupPredicate& predicate) {
    emit(Code::cgroup, kStep + sizeof predicate.id, on_false);
    put(program, predicate.id);
  }
  void operator()(const AutoboundPredicate&) { emit(Code::autobound, kStep, on_false); }
};

// Where a node's code begins and ends, and where it continues if it does not hold.
struct Place {
  std::size_t begin = 0, end = 0, fail = 0;
};

// The operands of "and" fail to its own failure target. "or" is its left operand, a jump over the right operand, and
// the right operand. "not" is its operand and a jump to the failure target. In both, the operand before the jump fails
// to the code after the jump.
std::vector<Place> lay_out(const Expr& expr) {
  const auto nodes = expr.nodes();
  std::vector<Place> places(nodes.size());
  std::size_t end = 0;
  std::vector<std::size_t> jumps(nodes.size());  // number of jumps after each node
  for (const Expr::Node& node : nodes)
    if (node.kind == Expr::Kind::disjunction) jumps[node.left] += 1;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Expr::Node& node = nodes[i];
    if (node.kind == Expr::Kind::predicate) {
      places[i].begin = end;
      end += size_of(expr.predicates()[node.predicate]);
    } else {
      places[i].begin = places[node.kind == Expr::Kind::negation ? i - 1 : node.left].begin;
      if (node.kind == Expr::Kind::negation) end += kStep;
    }
    places[i].end = end;
    end += jumps[i] * kStep;
  }
  places.back().fail = places.back().end + kStep;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const Expr::Node& node = nodes[i];
    if (node.kind == Expr::Kind::predicate) continue;
    places[i - 1].fail = node.kind == Expr::Kind::negation ? places[i].end : places[i].fail;
    if (node.kind == Expr::Kind::conjunction) places[node.left].fail = places[i].fail;
    if (node.kind == Expr::Kind::disjunction) places[node.left].fail = places[node.left].end + kStep;
  }
  return places;
}

}  // namespace
}  // namespace duostat::bc

namespace duostat {

std::string_view bytecode_obstacle(const Expr& expr) {
  for (const Predicate& predicate : expr.predicates())
    if (const std::string_view why = bc::obstacle(predicate); !why.empty()) return why;
  return compile_bytecode(expr).empty() ? "the program is too long for the 16 bits of a jump or of nla_len" : "";
}

bool has_foreign_host(const Expr& expr) { return std::ranges::any_of(expr.predicates(), bc::is_foreign); }

std::vector<std::byte> compile_bytecode(const Expr& expr) {
  if (!std::ranges::all_of(expr.predicates(), bc::kernel_can)) return {};
  const auto nodes = expr.nodes();
  const std::vector<bc::Place> places = bc::lay_out(expr);
  // No jump is longer than the program and one step. The length of an attribute has 16 bits too.
  if (places.back().fail + bc::kStep > std::numeric_limits<std::uint16_t>::max()) return {};
  std::vector<std::size_t> over(nodes.size());  // by left operand: target of the jump after it; 0: there is none
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].kind == Expr::Kind::disjunction) over[nodes[i].left] = places[i].end;
  bc::Emitter emitter;
  emitter.program.reserve(places.back().end);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind == Expr::Kind::predicate) {
      emitter.on_false = places[i].fail;
      std::visit(emitter, expr.predicates()[nodes[i].predicate]);
    } else if (nodes[i].kind == Expr::Kind::negation) {
      emitter.jump(places[i].fail);
    }
    if (over[i] != 0) emitter.jump(over[i]);
  }
  return std::move(emitter.program);
}

}  // namespace duostat

// ---- running ----

namespace duostat::bc {
namespace {

bool bits_agree(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) noexcept {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8)) == 0;
}

// Host conditions of inet_diag_bc_run(): the families must be equal, but IPv4 conditions also match v4-mapped
// addresses.
bool host_holds(const Operation& op, const Address& address, std::uint16_t port, Family family) noexcept {
  if (op.host.port != -1 && op.host.port != port) return false;
  const auto wanted = static_cast<Family>(op.host.family);
  if (wanted != Family::unspecified && wanted != family)
    return family == Family::inet6 && wanted == Family::inet && is_v4_mapped(address) &&
           bits_agree(address.data() + 12, op.address.data(), op.host.bits);
  return bits_agree(address.data(), op.address.data(), op.host.bits);
}

bool holds(const Operation& op, const BytecodeEntry& entry) noexcept {
  switch (op.shape->code) {
    case Code::nop:
      return true;
    case Code::jump:
      return false;
    case Code::source_at_least:
      return entry.source_port >= op.port;
    case Code::source_at_most:
      return entry.source_port <= op.port;
    case Code::destination_at_least:
      return entry.destination_port >= op.port;
    case Code::destination_at_most:
      return entry.destination_port <= op.port;
    case Code::source_equal:
      return entry.source_port == op.port;
    case Code::destination_equal:
      return entry.destination_port == op.port;
    case Code::autobound:
      return !entry.port_bound;
    case Code::source:
      return host_holds(op, entry.source, entry.source_port, entry.family);
    case Code::destination:
      return host_holds(op, entry.destination, entry.destination_port, entry.family);
    case Code::device:
      return entry.ifindex == op.ifindex;
    case Code::mark:
      return (entry.mark & op.mark.mask) == op.mark.mark;
    case Code::cgroup:
      return entry.cgroup_id == op.cgroup_id;
  }
  return false;
}

}  // namespace
}  // namespace duostat::bc

namespace duostat {

BytecodeNeeds bytecode_needs(Bytes program) noexcept {
  BytecodeNeeds needs;
  if (!bc::is_valid_program(program)) return needs;
  for (std::size_t at = 0; at < program.size();) {
    const bc::Operation op = *bc::read_operation(program, at);
    needs.port_bound |= op.shape->code == bc::Code::autobound;
    needs.mark |= op.shape->code == bc::Code::mark;
    needs.cgroup_id |= op.shape->code == bc::Code::cgroup;
    at += op.head.yes;
  }
  return needs;
}

bool run_bytecode(Bytes program, const BytecodeEntry& entry) noexcept {
  if (!bc::is_valid_program(program)) return false;
  std::size_t at = 0;
  while (at < program.size()) {
    const auto op = bc::read_operation(program, at);
    if (!op) return false;
    at += bc::holds(*op, entry) ? op->head.yes : op->head.no;
  }
  return at == program.size();
}

}  // namespace duostat
