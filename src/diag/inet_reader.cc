// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/inet_reader.h"

#include <algorithm>

#include "src/diag/wide_protocol.h"

namespace duostat {
namespace {

/// Adds the fields that is_connection_request() needs.
FieldSet with_marks_of_requests(FieldSet wanted) {
  return wanted.has(Field::uid) ? wanted | FieldSet{Field::shutdown} : wanted;
}

}  // namespace

void ListenerUids::add(const Socket& listener) {
  rows_.push_back({listener.local.port, listener.family, listener.ifindex, listener.uid, listener.local.address});
  sorted_ = false;
}

void ListenerUids::fill(Socket& request) {
  if (!sorted_) std::ranges::sort(rows_, {}, &Row::port);
  sorted_ = true;
  int best = -1;
  bool agreed = false;
  // Not equal_range(): clang 14 cannot use the subrange of libstdc++ 12.
  auto row = std::ranges::lower_bound(rows_, request.local.port, {}, &Row::port);
  for (; row != rows_.end() && row->port == request.local.port; ++row) {
    const int fit = fitness(*row, request);
    if (fit < 0 || fit < best) continue;
    agreed = fit > best || (agreed && row->uid == request.uid);
    best = fit;
    request.uid = row->uid;
  }
  if (best >= 0 && agreed) request.present.add(Field::uid);
}

int ListenerUids::fitness(const Row& row, const Socket& request) noexcept {
  const bool exact = row.address == request.local.address;
  if (row.family != request.family || (!exact && !is_unspecified(row.address))) return -1;
  if (row.ifindex != 0 && row.ifindex != request.ifindex) return -1;
  return (exact ? 2 : 0) + (row.ifindex != 0 ? 1 : 0);
}

InetReader::InetReader(Dump& dump, const Query& query, Protocol protocol)
    : dump_(dump),
      query_(query),
      protocol_(protocol),
      attributes_(inet_attributes(with_marks_of_requests(query.wanted), protocol, dump.replayed())),
      resolve_uid_(query.wanted.has(Field::uid) && in_mask(query.states, State::listen) &&
                   in_mask(query.states, State::syn_recv)) {}

Dump::Decoded InetReader::operator()(Bytes payload, Socket& socket, std::size_t slot) {
  if (held_ != nullptr && is_about_ipv6(payload)) return held_->add(payload), Dump::Decoded::skipped;
  if (protocol_ == Protocol::mptcp && !is_of_mptcp()) return Dump::Decoded::skipped;
  if (!details_) details_ = std::make_unique_for_overwrite<InetDetail[]>(Dump::kBatch);
  if (!decode(payload, socket, details_[slot])) return Dump::Decoded::malformed;
  if (!families_.empty() && !families_.has(socket.family)) return Dump::Decoded::skipped;
  if (resolve_uid_) {
    if (socket.state == State::listen) listeners_.add(socket);
    if (socket.state == State::syn_recv && !socket.has(Field::uid)) listeners_.fill(socket);
  }
  return Dump::Decoded::row;
}

bool InetReader::decode(Bytes payload, Socket& socket, InetDetail& detail) {
  if (dump_.replayed()) {
    if (const Protocol protocol = protocol_in(payload, protocol_); protocol != protocol_)
      return decode_inet(payload, protocol, inet_attributes(query_.wanted, protocol, true), socket, detail,
                         dump_.coverage());
  }
  return decode_inet(payload, protocol_, attributes_, socket, detail, dump_.coverage());
}

// quirk: mptcp-old-kernel the original shows, and closes, the TCP sockets that a kernel before 5.9 answers with.
/// Asks the kernel at the first row, over another transport, so that a host without MPTCP sockets does not pay for it.
/// If the kernel cannot be asked, no row is shown and the table is incomplete: a TCP socket shown as an MPTCP one would
/// be a wrong row.
bool InetReader::is_of_mptcp() {
  if (of_mptcp_ || dump_.replayed()) return of_mptcp_.value_or(true);
  WideProtocol kernel;
  OpenError refused;
  const auto transport = dump_.open_another(&refused);
  kernel.error = refused;
  if (transport) kernel = probe_wide_protocol(*transport);
  if (Coverage& c = dump_.coverage(); kernel.error != 0 && c.error == 0) {
    c.error = kernel.error;
    c.operation = transport ? Operation::diag_receive : operation_of(refused.step);
    c.object = row_of(protocol_).id;
  }
  return *(of_mptcp_ = kernel.is_read);
}

}  // namespace duostat
