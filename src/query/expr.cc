// Builds filter expressions, links their predicates for evaluation, and prints them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/expr.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/overloaded.h"

namespace duostat {

void ExprBuilder::predicate(Predicate predicate) {
  open_.push_back(static_cast<std::uint32_t>(expr_.nodes_.size()));
  expr_.nodes_.push_back({Expr::Kind::predicate, 0, static_cast<std::uint32_t>(expr_.predicates_.size())});
  expr_.predicates_.push_back(std::move(predicate));
}

void ExprBuilder::negation() {
  assert(!open_.empty());
  open_.back() = static_cast<std::uint32_t>(expr_.nodes_.size());
  expr_.nodes_.push_back({Expr::Kind::negation});
}

void ExprBuilder::join(Expr::Kind kind) {
  assert(open_.size() >= 2);
  open_.pop_back();
  const std::uint32_t left = open_.back();
  open_.back() = static_cast<std::uint32_t>(expr_.nodes_.size());
  expr_.nodes_.push_back({kind, left});
}

Expr ExprBuilder::finish() && {
  assert(open_.size() == 1);
  expr_.thread();
  return std::move(expr_);
}

// Jump targets are passed down from the root: an operand continues where its parent would.
void Expr::thread() {
  const std::size_t count = nodes_.size();
  std::vector<std::uint32_t> first(count);  // the predicate evaluated first for a node
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = nodes_[i];
    first[i] = node.kind == Kind::predicate ? node.predicate : first[node.kind == Kind::negation ? i - 1 : node.left];
  }
  std::vector<Step> targets(count);
  steps_.resize(predicates_.size());
  targets[count - 1] = {kAccept, kReject};
  for (std::size_t i = count; i-- > 0;) {
    const Node& node = nodes_[i];
    const Step target = targets[i];
    switch (node.kind) {
      case Kind::predicate:
        steps_[node.predicate] = target;
        break;
      case Kind::negation:
        targets[i - 1] = {target.on_false, target.on_true};
        break;
      case Kind::conjunction:
        targets[i - 1] = target;
        targets[node.left] = {first[i - 1], target.on_false};
        break;
      case Kind::disjunction:
        targets[i - 1] = target;
        targets[node.left] = {target.on_true, first[i - 1]};
        break;
    }
  }
}

namespace {

FieldSet fields_of(const Predicate& predicate) {
  // Each family has its own meaning for address and port: see matches().
  return std::visit(Overloaded{
                        [](const HostPredicate& host) {
                          FieldSet fields{Field::unix_name};
                          if (host.port != -1) fields |= {Field::inode, Field::unix_peer};
                          return fields;
                        },
                        [](const PortPredicate&) { return FieldSet{Field::inode, Field::unix_peer}; },
                        [](const DevicePredicate&) { return FieldSet{Field::interface}; },
                        [](const MarkPredicate&) { return FieldSet{Field::mark}; },
                        [](const CgroupPredicate&) { return FieldSet{Field::cgroup}; },
                        [](const AutoboundPredicate&) { return FieldSet{Field::unix_name, Field::interface}; },
                    },
                    predicate);
}

struct FamilyWord {
  Family family;
  const char* word;
};
constexpr FamilyWord kFamilyWords[] = {
    {Family::inet, "inet"}, {Family::inet6, "inet6"},     {Family::unix_domain, "unix"},
    {Family::packet, "link"}, {Family::netlink, "netlink"}, {Family::vsock, "vsock"},
    {Family::tipc, "tipc"}, {Family::xdp, "xdp"},
};

std::string dump(const AddressPrefix& prefix) {
  std::string text;
  for (const auto& [family, word] : kFamilyWords)
    if (family == prefix.family) text = word;
  if (prefix.family == Family::inet || prefix.family == Family::inet6) {
    char address[INET6_ADDRSTRLEN];
    inet_ntop(static_cast<int>(prefix.family), prefix.address.data(), address, sizeof address);
    return fmt::format("{} {}/{}", text, address, prefix.bits);
  }
  if (prefix.bits == 0) return text;
  std::uint32_t node = 0;
  std::memcpy(&node, prefix.address.data(), sizeof node);
  return fmt::format("{} {}", text, node);
}

std::string dump(const HostPredicate& host) {
  const bool local = host.side == Side::local;
  const AddressPrefix& first = host.addresses.front();
  if (first == AddressPrefix{} && host.addresses.size() == 1 && host.port != -1)
    return fmt::format("{}{{= {}}}", local ? "sport" : "dport", host.port);
  std::string text = first.family == Family::unix_domain ? "unix " + host.pattern : "";
  for (const AddressPrefix& prefix : host.addresses) {
    if (prefix.family == Family::unix_domain) continue;
    if (&prefix != &first) text += ", ";
    text += prefix == AddressPrefix{} ? "any" : dump(prefix);
  }
  if (host.port != -1) text += fmt::format(" port {}", host.port);
  return fmt::format("{}{{{}}}", local ? "src" : "dst", text);
}

}  // namespace

std::string dump(const Predicate& predicate) {
  return std::visit(
      Overloaded{
          [](const HostPredicate& host) { return dump(host); },
          [](const PortPredicate& p) {
            return fmt::format("{}{{{} {}}}", p.side == Side::local ? "sport" : "dport",
                               p.relation == PortPredicate::Relation::at_least ? ">=" : "<=", p.port);
          },
          [](const DevicePredicate& p) { return fmt::format("dev{{{}}}", p.ifindex); },
          [](const MarkPredicate& p) { return fmt::format("fwmark{{{:#x}/{:#x}}}", p.mark, p.mask); },
          [](const CgroupPredicate& p) { return fmt::format("cgroup{{{}}}", p.id); },
          [](const AutoboundPredicate&) { return std::string("autobound"); },
      },
      predicate);
}

FieldSet fields_of(const Expr& expr) {
  FieldSet fields;
  for (const Predicate& predicate : expr.predicates()) fields |= fields_of(predicate);
  return fields;
}

std::string dump(const Expr& expr) {
  using Kind = Expr::Kind;
  constexpr std::uint32_t kClose = 0xffffffff;
  const auto nodes = expr.nodes();
  std::string text;
  std::vector<std::uint32_t> pending{static_cast<std::uint32_t>(nodes.size() - 1)};
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    if (at == kClose) {
      text += '}';
      continue;
    }
    const Expr::Node& node = nodes[at];
    if (node.kind == Kind::predicate) {
      text += dump(expr.predicates()[node.predicate]);
      continue;
    }
    text += node.kind == Kind::negation ? "not{" : node.kind == Kind::conjunction ? "and{" : "or{";
    pending.push_back(kClose);
    pending.push_back(at - 1);
    if (node.kind != Kind::negation) pending.push_back(node.left);
  }
  return text;
}

}  // namespace duostat
