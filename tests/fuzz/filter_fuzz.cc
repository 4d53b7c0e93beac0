// Arbitrary words as a filter: the first byte selects the context, zero bytes separate words. A filter that parses must
// survive being shown, evaluated, compiled and run; a filter that compiles must be a program that the kernel would
// accept, and that lets every socket through which the evaluator selects. A filter that is written out in full is
// parsed as the same filter.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compat/ss/filter_errors.h"
#include "src/diag/bytecode.h"
#include "src/query/eval.h"
#include "src/query/parser.h"
#include "tests/fuzz/input.h"
#include "tests/query/bytecode_entry.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

namespace {

using fuzz::require;

constexpr Family kFamilies[] = {Family::unspecified, Family::inet,  Family::inet6, Family::unix_domain, Family::packet,
                                Family::netlink,     Family::vsock, Family::tipc,  Family::xdp};

void check_error(const FilterError& error, const std::vector<std::string>& words) {
  require(error.word <= words.size(), "an error is about a word");
  if (error.word < words.size())
    require(error.offset + error.length <= words[error.word].size(), "an error is within its word");
  for (const bool terminal : {false, true})
    require(ss::filter_failure(error, words, terminal).status != 0, "an error has a status");
}

/// Sockets at the edges of what the filter names: with its addresses and ports, and beside them.
template <class Visit>
void each_edge(const Expr& expr, Visit&& visit) {
  struct Edge {
    AddressPrefix prefix;
    std::int64_t port;
  };
  std::vector<Edge> edges{{{}, 0}, {{}, 65535}};
  std::uint32_t ifindex = 0, mark = 0;
  for (const Predicate& predicate : expr.predicates()) {
    if (const auto* host = std::get_if<HostPredicate>(&predicate))
      for (const AddressPrefix& prefix : host->addresses)
        for (const int step : {0, 1}) edges.push_back({prefix, host->port + step});
    if (const auto* port = std::get_if<PortPredicate>(&predicate))
      for (const int step : {-1, 0, 1}) edges.push_back({{}, port->port + step});
    if (const auto* device = std::get_if<DevicePredicate>(&predicate)) ifindex = device->ifindex;
    if (const auto* marked = std::get_if<MarkPredicate>(&predicate)) mark = marked->mark;
  }
  constexpr std::size_t kMost = 12;
  if (edges.size() > kMost) edges.resize(kMost);
  for (const Edge& local : edges)
    for (const Edge& remote : edges)
      for (const Family family : {Family::inet, Family::inet6})
        for (const bool set : {false, true}) {
          Socket socket;
          socket.protocol = Protocol::tcp;
          socket.family = family;
          socket.local = {local.prefix.address, static_cast<std::uint16_t>(local.port), 0, family};
          socket.remote = {remote.prefix.address, static_cast<std::uint16_t>(remote.port), 0, family};
          if (family == Family::inet)
            for (Address* address : {&socket.local.address, &socket.remote.address})
              std::fill(address->begin() + 4, address->end(), 0);
          socket.ifindex = set ? ifindex : 0;
          socket.mark = set ? mark : 0;
          socket.present = {Field::mark};
          visit(socket);
        }
}

/// The original's program means something else: it compares with the first address of a name only, and ports have 16
/// bits in it.
bool is_cut(const Predicate& predicate) {
  constexpr std::int64_t kMost = 65535;
  const auto* host = std::get_if<HostPredicate>(&predicate);
  const auto* port = std::get_if<PortPredicate>(&predicate);
  return (host != nullptr && (host->kernel_first_only || host->port > kMost || host->port < -1)) ||
         (port != nullptr && (port->port > kMost || port->port < 0));
}

/// User space evaluates the filter again, so the program may let more through, never less.
void check_agreement(const Expr& expr, Bytes program) {
  if (program.empty() || std::ranges::any_of(expr.predicates(), is_cut)) return;
  // The evaluator looks at the bytes of an address and, as the original, not at its family.
  const auto is_foreign = [&](Family family) {
    return std::ranges::any_of(expr.predicates(), [&](const Predicate& predicate) {
      const auto* host = std::get_if<HostPredicate>(&predicate);
      return host != nullptr && std::ranges::any_of(host->addresses, [&](const AddressPrefix& prefix) {
               return prefix.family != Family::unspecified && prefix.family != family;
             });
    });
  };
  each_edge(expr, [&](const Socket& socket) {
    if (is_foreign(socket.family)) return;
    for (const bool bound : {false, true}) {
      // Whether the kernel chose the port is no member of a socket: the evaluator guesses by the range.
      const bool guesses = bytecode_needs(program).port_bound;
      if (!guesses && matches(expr, socket, EvalContext{}))
        require(run_bytecode(program, entry_of(socket, bound)), "the kernel's filter lets every wanted socket through");
    }
  });
}

void check_expr(const Expr& expr) {
  require(!dump(expr).empty(), "a filter can be shown");
  const std::vector<std::byte> program = compile_bytecode(expr);
  require(!disassemble(program).starts_with("invalid"), "the kernel takes the program");
  check_agreement(expr, program);
  const UnixDetail name{.name = "/run/x"};
  for (const Family family : kFamilies) {
    Socket socket;
    socket.family = family;
    socket.unix_domain = family == Family::unix_domain ? &name : nullptr;
    matches(expr, socket, EvalContext{});
    BytecodeEntry entry;
    entry.family = family;
    run_bytecode(program, entry);
  }
}

/// A predicate in words, or nullopt if there are none for it: several addresses of a name, a control group's id, and
/// hosts of the other families.
std::optional<std::string> words_for(const HostPredicate& host) {
  const bool local = host.side == Side::local;
  if (host.addresses.size() != 1 || !host.pattern.empty()) return std::nullopt;
  const AddressPrefix& prefix = host.addresses.front();
  const std::string port = host.port == -1 ? "" : std::to_string(host.port);
  if (prefix == AddressPrefix{}) {
    if (host.port < 0) return std::nullopt;
    return std::string(local ? "sport" : "dport") + " = :" + port;
  }
  if ((prefix.family != Family::inet && prefix.family != Family::inet6) || host.port < -1) return std::nullopt;
  char text[64];
  inet_ntop(static_cast<int>(prefix.family), prefix.address.data(), text, sizeof text);
  const bool inet6 = prefix.family == Family::inet6;
  std::string address = std::string(text) + "/" + std::to_string(prefix.bits);
  address = inet6 ? "inet6:[" + address + "]" : "inet:" + address;
  if (host.port != -1) address += ":" + port;
  return std::string(local ? "src" : "dst") + " " + address;
}

std::optional<std::string> words_for(const Predicate& predicate) {
  if (const auto* host = std::get_if<HostPredicate>(&predicate)) return words_for(*host);
  if (const auto* port = std::get_if<PortPredicate>(&predicate)) {
    if (port->port < 0) return std::nullopt;
    return std::string(port->side == Side::local ? "sport" : "dport") + " " +
           (port->relation == PortPredicate::Relation::at_least ? ">=" : "<=") + " :" + std::to_string(port->port);
  }
  if (const auto* mark = std::get_if<MarkPredicate>(&predicate))
    return "fwmark = " + std::to_string(mark->mark) + "/" + std::to_string(mark->mask);
  if (std::holds_alternative<AutoboundPredicate>(predicate)) return "autobound";
  return std::nullopt;
}

/// The whole filter with every parenthesis.
std::optional<std::string> words_for(const Expr& expr) {
  std::vector<std::string> done;
  for (const Expr::Node& node : expr.nodes()) {
    if (node.kind == Expr::Kind::predicate) {
      auto words = words_for(expr.predicates()[node.predicate]);
      if (!words) return std::nullopt;
      done.push_back(std::move(*words));
      continue;
    }
    std::string right = std::move(done.back());
    done.pop_back();
    if (node.kind == Expr::Kind::negation) {
      done.push_back("not ( " + right + " )");
    } else {
      const std::string_view word = node.kind == Expr::Kind::conjunction ? "and" : "or";
      done.back() = "( " + done.back() + " " + std::string(word) + " " + right + " )";
    }
  }
  return done.back();
}

std::vector<std::string> split_at_blanks(std::string text) {
  std::ranges::replace(text, ' ', '\0');
  return fuzz::words_of(text);
}

/// Written out, the filter is the same.
void check_again(const Expr& expr, const ParserContext& context) {
  const std::optional<std::string> words = words_for(expr);
  if (!words || expr.nodes().size() > 64) return;
  const Parsed again = parse_filter(split_at_blanks(*words), context);
  if (!again.expr || dump(*again.expr) != dump(expr))
    std::fprintf(stderr, "once: %s\nagain: %s\n", dump(expr).c_str(), again.expr ? dump(*again.expr).c_str() : "-");
  require(again.expr && dump(*again.expr) == dump(expr), "a filter that is written out is parsed as the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<std::string> words = fuzz::words_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  MapLookup names;
  const ParserContext context{names, (data[0] & 1) != 0, (data[0] & 2) != 0,
                              kFamilies[(data[0] >> 3) % std::size(kFamilies)], (data[0] & 4) != 0};
  const Parsed parsed = parse_filter(words, context);
  require(!(parsed.expr && !parsed.ok()), "a filter with an error is none");
  if (!parsed.ok()) check_error(parsed.error, words);
  if (parsed.expr) {
    check_expr(*parsed.expr);
    check_again(*parsed.expr, context);
  }
  run_bytecode({reinterpret_cast<const std::byte*>(data), size}, BytecodeEntry{});
  return 0;
}
