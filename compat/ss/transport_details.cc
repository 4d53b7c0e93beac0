// Internals of MPTCP and SCTP.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "compat/ss/details.h"
#include "compat/ss/row.h"

namespace duostat::ss {
namespace {

// ---- MPTCP ----

const MptcpInfo& mptcp_info_of(const Socket& socket) { return socket.inet->mptcp_info.value; }

template <Label label, auto member>
void mptcp_count(View& view, const Socket& socket) {
  const std::uint64_t value = mptcp_info_of(socket).*member;
  if (value != 0) Piece(view.layout, label.view()).dec(value);
}

template <Label word, std::uint32_t bit>
void mptcp_flag(View& view, const Socket& socket) {
  if ((mptcp_info_of(socket).flags & bit) != 0) view.layout.put(word.view());
}

void mptcp_token(View& view, const Socket& socket) {
  if (mptcp_info_of(socket).token != 0) Piece(view.layout, " token:").hex(mptcp_info_of(socket).token);
}

constexpr Item kMptcpItems[] = {
    mptcp_count<" subflows:", &MptcpInfo::subflows>,
    mptcp_count<" add_addr_signal:", &MptcpInfo::add_addr_signal>,
    mptcp_count<" add_addr_accepted:", &MptcpInfo::add_addr_accepted>,
    mptcp_count<" subflows_max:", &MptcpInfo::subflows_max>,
    mptcp_count<" add_addr_signal_max:", &MptcpInfo::add_addr_signal_max>,
    mptcp_count<" add_addr_accepted_max:", &MptcpInfo::add_addr_accepted_max>,
    mptcp_flag<" fallback", 1>,
    mptcp_flag<" remote_key", 2>,
    mptcp_token,
    mptcp_count<" write_seq:", &MptcpInfo::write_seq>,
    mptcp_count<" snd_una:", &MptcpInfo::snd_una>,
    mptcp_count<" rcv_nxt:", &MptcpInfo::rcv_nxt>,
    mptcp_count<" local_addr_used:", &MptcpInfo::local_addr_used>,
    mptcp_count<" local_addr_max:", &MptcpInfo::local_addr_max>,
    mptcp_count<" csum_enabled:", &MptcpInfo::csum_enabled>,
    mptcp_count<" retransmits:", &MptcpInfo::retransmits>,
    mptcp_count<" bytes_retrans:", &MptcpInfo::bytes_retrans>,
    mptcp_count<" bytes_sent:", &MptcpInfo::bytes_sent>,
    mptcp_count<" bytes_received:", &MptcpInfo::bytes_received>,
    mptcp_count<" bytes_acked:", &MptcpInfo::bytes_acked>,
    mptcp_count<" subflows_total:", &MptcpInfo::subflows_total>,
    mptcp_count<" endp_laminar_max:", &MptcpInfo::endp_laminar_max>,
    mptcp_count<" last_data_sent:", &MptcpInfo::last_data_sent>,
    mptcp_count<" last_data_recv:", &MptcpInfo::last_data_recv>,
    mptcp_count<" last_ack_recv:", &MptcpInfo::last_ack_recv>,
};

// ---- SCTP ----

constexpr std::size_t kSockaddrStorage = 128;

/// Addresses of an association: consecutive struct sockaddr_storage, as words separated by commas.
void addresses(View& view, std::string_view label, Bytes list) {
  for (std::size_t at = 0; at + kSockaddrStorage <= list.size(); at += kSockaddrStorage) {
    std::uint16_t family = 0;
    read_at(list, at, family);
    Piece piece(view.layout, at == 0 ? label : ",");
    Address address{};
    if (family == static_cast<std::uint16_t>(Family::inet)) {
      std::array<std::uint8_t, 4> bytes{};
      read_at(list, at + 4, bytes);
      std::ranges::copy(bytes, address.begin());
      view.labels.address(piece, Family::inet, address);
    } else if (family == static_cast<std::uint16_t>(Family::inet6)) {
      read_at(list, at + 8, address);
      view.labels.address(piece, Family::inet6, address);
    }
  }
}

/// An item of struct sctp_info (include/uapi/linux/sctp.h) by its place.
struct SctpItem {
  enum class Form : std::uint8_t { decimal, hexadecimal, state };
  std::string_view label;
  std::uint16_t offset;
  std::uint8_t size;
  Form form = Form::decimal;
};
using Form = SctpItem::Form;
constexpr SctpItem kSctpItems[] = {
    {" tag:", 0, 4, Form::hexadecimal}, {" state:", 4, 4, Form::state}, {" rwnd:", 8, 4},       {" unackdata:", 12, 2},
    {" penddata:", 14, 2},              {" instrms:", 16, 2},           {" outstrms:", 18, 2},  {" inqueue:", 24, 4},
    {" outqueue:", 28, 4},              {" overerr:", 32, 4},           {" maxburst:", 36, 4},  {" maxseg:", 40, 4},
    {" prwnd:", 44, 4},                 {" ptag:", 48, 4, Form::hexadecimal}, {" pcapable:", 52, 1}, {" psack:", 53, 1},
    {" autoclose:", 344, 4},            {" adapind:", 348, 4},          {" pdpoint:", 352, 4},  {" nodelay:", 356, 1},
    {" nofrag:", 357, 1},               {" v4mapped:", 358, 1},         {" fraginl:", 359, 1},
};

std::uint32_t number_at(Bytes bytes, const SctpItem& item) {
  std::uint8_t byte = 0;
  std::uint16_t half = 0;
  std::uint32_t word = 0;
  if (item.size == 1) return read_at(bytes, item.offset, byte), byte;
  if (item.size == 2) return read_at(bytes, item.offset, half), half;
  return read_at(bytes, item.offset, word), word;
}

}  // namespace

void print_mptcp_internals(View& view, const Socket& socket) {
  if (!socket.has(Field::mptcp_info)) return;
  for (const Item item : kMptcpItems) item(view, socket);
}

void print_sctp_internals(View& view, const Socket& socket) {
  if (socket.inet == nullptr) return;
  addresses(view, " locals:", socket.inet->local_addresses);
  addresses(view, " peers:", socket.inet->peer_addresses);
  if (!view.request.info && !view.replayed) return;
  for (const SctpItem& item : kSctpItems) {
    const std::uint32_t value = number_at(socket.inet->sctp_info, item);
    if (value == 0) continue;
    Piece piece(view.layout, item.label);
    if (item.form == Form::hexadecimal) {
      piece.hex(value);
    } else if (item.form == Form::state) {
      piece.text(sctp_state_word(value));
    } else {
      piece.sdec(static_cast<std::int32_t>(value));
    }
  }
}

}  // namespace duostat::ss
