// The operations that a source may fail at, with their words in messages and in JSON's "operation".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace duostat {

/// Coverage::operation. Code decides by the value; only messages and JSON use the word.
enum class Operation : std::uint8_t {
  none,
  // A file of the proc directory, or a descriptor of this process.
  open,
  read,
  list,            ///< the source has no table of these sockets
  missing_column,  ///< the first line lacks a required column, Coverage::object; empty: there is no first line
  no_heading,      ///< the file has no first line
  ioctl,
  describe,  ///< the ioctls about one interface
  // NETLINK_SOCK_DIAG.
  diag_open,
  diag_bind,
  diag_send,
  diag_receive,          ///< with ENODATA: a replayed file ends before its NLMSG_DONE
  diag_truncated_error,  ///< an NLMSG_ERROR that is too short
  diag_dump,             ///< the kernel's answer, in an NLMSG_ERROR
  diag_done,             ///< the kernel's answer, in an NLMSG_DONE
  sock_destroy,
  // NETLINK_ROUTE.
  rtnl_open,
  rtnl_send,
  rtnl_receive,
  rtnl_dump,
  count_
};

/// How the source is reached.
enum class Channel : std::uint8_t { none, file, interface, sock_diag, rtnetlink };

struct OperationRow {
  Operation operation;
  std::string_view word;
  Channel channel;
};

/// In the order of the enumeration.
inline constexpr OperationRow kOperations[] = {
    {Operation::none, "", Channel::none},
    {Operation::open, "open", Channel::file},
    {Operation::read, "read", Channel::file},
    {Operation::list, "list", Channel::file},
    {Operation::missing_column, "missing column", Channel::file},
    {Operation::no_heading, "no heading", Channel::file},
    {Operation::ioctl, "ioctl", Channel::interface},
    {Operation::describe, "describe", Channel::interface},
    {Operation::diag_open, "sock_diag open", Channel::sock_diag},
    {Operation::diag_bind, "sock_diag bind", Channel::sock_diag},
    {Operation::diag_send, "sock_diag send", Channel::sock_diag},
    {Operation::diag_receive, "sock_diag receive", Channel::sock_diag},
    {Operation::diag_truncated_error, "sock_diag truncated error", Channel::sock_diag},
    {Operation::diag_dump, "sock_diag dump", Channel::sock_diag},
    {Operation::diag_done, "sock_diag dump end", Channel::sock_diag},
    {Operation::sock_destroy, "SOCK_DESTROY", Channel::none},
    {Operation::rtnl_open, "rtnetlink open", Channel::rtnetlink},
    {Operation::rtnl_send, "rtnetlink send", Channel::rtnetlink},
    {Operation::rtnl_receive, "rtnetlink receive", Channel::rtnetlink},
    {Operation::rtnl_dump, "rtnetlink dump", Channel::rtnetlink},
};
static_assert(std::size(kOperations) == static_cast<unsigned>(Operation::count_));
static_assert([] {
  for (unsigned i = 0; i < std::size(kOperations); ++i)
    if (kOperations[i].operation != static_cast<Operation>(i)) return false;
  return true;
}());

constexpr const OperationRow& row_of(Operation operation) noexcept {
  return kOperations[static_cast<unsigned>(operation)];
}

/// "sock_diag receive"; empty for none.
constexpr std::string_view word_of(Operation operation) noexcept { return row_of(operation).word; }

/// True if the backend "netlink" failed.
constexpr bool is_diag(Operation operation) noexcept { return row_of(operation).channel == Channel::sock_diag; }

/// True if the kernel answered a sock_diag request with an error.
constexpr bool is_kernels_answer(Operation operation) noexcept {
  return operation == Operation::diag_dump || operation == Operation::diag_done;
}

}  // namespace duostat
