// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/unknown_owners.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace duostat {
namespace {

bool asks_owner(const Column* column) { return column->needs.has(Field::owner); }

}  // namespace

void UnknownOwners::look_in(const OwnerIndex& owners, const OwnerCoverage& coverage, Asked asked) {
  look_in(owners, coverage);
  own_port_ = static_cast<std::uint32_t>(::getpid());
  where_ = nullptr;
  keys_.clear();
  shown_.clear();
  if (asked.where != nullptr && asked.where->needs().has(Field::owner)) where_ = asked.where;
  std::ranges::copy_if(asked.keys, std::back_inserter(keys_), asks_owner);
  // Sockets counted for a key are not counted again when they are shown.
  if (keys_.empty() && asked.shown != nullptr)
    std::ranges::copy_if(*asked.shown, std::back_inserter(shown_), asks_owner);
}

bool UnknownOwners::is_unknown(const Column& column, const Socket& socket) const {
  if (!column.needs.has(Field::owner)) return false;
  if (!column.protocols.empty() && !column.protocols.has(socket.protocol)) return false;
  // The kernel's own netlink sockets have inodes, and port 0, which no process can bind. This program opened its own
  // after the scan for owners.
  if (socket.family == Family::netlink && (socket.local.port == 0 || socket.local.port == own_port_)) return false;
  const std::uint64_t inode = column.held_inode(socket);
  return inode != 0 && owners_->first(inode).pid == 0;
}

bool UnknownOwners::has_unknown(const std::vector<const Column*>& columns, const Socket& socket) const {
  return std::ranges::any_of(columns, [&](const Column* column) { return is_unknown(*column, socket); });
}

void UnknownOwners::filtered(ColumnContext& context, const Socket& socket, bool matched) {
  if (where_ == nullptr) return;
  if (!where_->depends_on(context, socket, [&](const Column& column) { return is_unknown(column, socket); })) return;
  ++(matched ? perhaps_unwanted_ : perhaps_wanted_);
  const bool counted_later = matched && (has_unknown(keys_, socket) || has_unknown(shown_, socket));
  if (!counted_later) ++sockets_;  // otherwise by taken() or shown()
}

void UnknownOwners::taken(const Socket& socket) {
  if (!has_unknown(keys_, socket)) return;
  ++sockets_;
  ++without_key_;
}

void UnknownOwners::shown(const Socket& socket) {
  if (has_unknown(shown_, socket)) ++sockets_;
}

}  // namespace duostat
