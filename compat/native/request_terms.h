// Decodes a netlink request into members with the kernel's names and constants.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compat/native/plan.h"

namespace duostat::native {

/// One member of a structure.
struct Term {
  std::string_view name;           ///< "idiag_states"
  std::uint64_t value = 0;         ///< in host order
  unsigned size = 0;               ///< bytes on the wire; above 8 `value` is 0 and `text` has it
  bool bits = false;               ///< shown in hexadecimal
  std::vector<std::string> words;  ///< the constant, or the flags that are set
  std::string text{};              ///< a value that is no number: an address
};

/// One structure of a message, or one attribute.
struct Part {
  std::string_view structure;  ///< "inet_diag_req_v2"; of an attribute: "INET_DIAG_REQ_BYTECODE"
  std::size_t offset, size;    ///< in the message, bytes
  bool attribute = false;      ///< size is nla_len, header included
  std::vector<Term> terms;
  std::string note{};  ///< a line about the whole
};

struct DecodedRequest {
  std::string title;          ///< "SOCK_DIAG_BY_FAMILY AF_INET IPPROTO_TCP"
  std::string_view protocol;  ///< "NETLINK_SOCK_DIAG"
  std::vector<Part> parts;
  std::vector<std::byte> bytecode;  ///< of INET_DIAG_REQ_BYTECODE
};

DecodedRequest decode(const PlannedRequest& request);

/// A member of one, two or four bytes in the given order; of eight: a cookie, two such words with the low one first.
std::uint64_t wire_number(Bytes member, std::endian order);

/// The kernel's constants.
std::string_view family_constant(std::uint64_t family);          ///< "AF_INET"; empty: unknown
std::vector<std::string> state_constants(std::uint64_t states);  ///< "TCP_ESTABLISHED", … of a mask
std::string_view group_constant(std::uint32_t group);            ///< "SKNLGRP_INET_TCP_DESTROY"

}  // namespace duostat::native
