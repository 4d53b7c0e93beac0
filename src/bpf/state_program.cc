// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/state_program.h"

#include <cstring>
#include <string>

namespace duostat {
namespace {

using Step = BpfFailure::Step;

constexpr std::size_t kRingBytes = std::size_t{4} << 20;  // some 35,000 records: a thousand connections are 9,000
constexpr std::int16_t kStateChangeAt = -static_cast<std::int16_t>(sizeof(StateChange));
constexpr std::int16_t kScratch = kStateChangeAt - 8;  ///< a key, or the ids of a process
constexpr std::int32_t kInet6 = 10;             // AF_INET6
constexpr std::int32_t kNoWakeup = 1;           // BPF_RB_NO_WAKEUP: the reader looks at intervals

constexpr std::int16_t at(std::size_t offset) {
  return static_cast<std::int16_t>(kStateChangeAt + static_cast<std::int16_t>(offset));
}
#define DUOSTAT_AT(member) at(offsetof(StateChange, member))

/// Stores the addresses of the socket in R7, whose family is in R1.
void store_addresses(Program& p) {
  using enum Register;
  const Program::Label six = p.label("six"), stored = p.label("stored");
  p.jump_if_equal(r1, kInet6, six);
  p.load(r1, r7, "sock.__sk_common.skc_rcv_saddr");
  p.store(DUOSTAT_AT(local), r1, 4);
  p.load(r1, r7, "sock.__sk_common.skc_daddr");
  p.store(DUOSTAT_AT(remote), r1, 4);
  p.jump(stored);
  p.place(six);
  for (std::int16_t i = 0; i < 16; i += 8) {
    p.load_8(r1, r7, "sock.__sk_common.skc_v6_rcv_saddr", i);
    p.store(static_cast<std::int16_t>(DUOSTAT_AT(local) + i), r1, 8);
    p.load_8(r1, r7, "sock.__sk_common.skc_v6_daddr", i);
    p.store(static_cast<std::int16_t>(DUOSTAT_AT(remote) + i), r1, 8);
  }
  p.place(stored);
}

/// Stores the id and the name of the running process.
void store_process(Program& p, PidNamespace reader) {
  using enum Register;
  const Program::Label elsewhere = p.label("elsewhere");
  p.load_constant(r1, reader.device);
  p.load_constant(r2, reader.inode);
  p.move(r3, r10);
  p.add(r3, kScratch);
  p.move(r4, 8);
  p.call(uapi::kBpfNamespacePid);
  p.jump_unless_equal(r0, 0, elsewhere);
  p.load_frame(r1, static_cast<std::int16_t>(kScratch + 4), 4);  // struct bpf_pidns_info: pid, tgid
  p.store(DUOSTAT_AT(pid), r1, 4);
  p.place(elsewhere);
  p.move(r1, r10);
  p.add(r1, DUOSTAT_AT(comm));
  p.move(r2, sizeof(StateChange::comm));
  p.call(uapi::kBpfCurrentComm);
}

/// Counts a record that found the ring full.
void count_lost(Program& p, int lost, Program::Label end) {
  using enum Register;
  p.move(r1, 0);
  p.store(kScratch, r1, 8);
  p.load_map(r1, lost);
  p.move(r2, r10);
  p.add(r2, kScratch);
  p.call(uapi::kBpfMapFind);
  p.jump_if_equal(r0, 0, end);
  p.move(r1, 1);
  p.add_atomic(r0, r1);
}

}  // namespace

Program state_program(int ring, int lost, PidNamespace reader) {
  using enum Register;
  Program p;
  const Program::Label end = p.label("end");
  p.move(r6, r1);
  p.load_argument(r7, r6, 0);
  p.move(r1, r7);
  p.call(uapi::kBpfTcpSock);
  p.jump_if_equal(r0, 0, end);  // no TCP
  p.move(r8, r0);
  p.move(r1, 0);
  for (std::size_t i = 0; i < sizeof(StateChange); i += 8) p.store(at(i), r1, 8);
  p.store(kScratch, r1, 8);
  p.store(DUOSTAT_AT(key), r7, 8);
  p.load_argument(r1, r6, 1);
  p.store(DUOSTAT_AT(before), r1, 4);
  p.load_argument(r1, r6, 2);
  p.store(DUOSTAT_AT(after), r1, 4);
  p.load(r1, r7, "sock.__sk_common.skc_cookie.counter");
  p.store(DUOSTAT_AT(cookie), r1, 8);
  p.load(r1, r8, "tcp_sock.bytes_acked");
  p.store(DUOSTAT_AT(acked), r1, 8);
  p.load(r1, r8, "tcp_sock.bytes_received");
  p.store(DUOSTAT_AT(received), r1, 8);
  p.load(r1, r7, "sock.__sk_common.skc_net.net");
  p.load(r1, r1, "net.ns.inum");
  p.store(DUOSTAT_AT(netns), r1, 4);
  p.load(r1, r8, "tcp_sock.inet_conn.icsk_inet.inet_sport");
  p.store(DUOSTAT_AT(local_port), r1, 2);
  p.load(r1, r7, "sock.__sk_common.skc_dport");
  p.store(DUOSTAT_AT(remote_port), r1, 2);
  p.load(r1, r7, "sock.__sk_common.skc_family");
  p.store(DUOSTAT_AT(family), r1, 2);
  store_addresses(p);
  store_process(p, reader);
  p.call(uapi::kBpfTime);
  p.store(DUOSTAT_AT(time_ns), r0, 8);
  p.load_map(r1, ring);
  p.move(r2, r10);
  p.add(r2, kStateChangeAt);
  p.move(r3, sizeof(StateChange));
  p.move(r4, kNoWakeup);
  p.call(uapi::kBpfRingOutput);
  p.jump_if_equal(r0, 0, end);
  count_lost(p, lost, end);
  p.place(end);
  p.move(r0, 0);
  p.exit();
  return p;
}

#undef DUOSTAT_AT

std::unique_ptr<StateChanges> StateChanges::open(BpfCall& kernel, PidNamespace reader, BpfFailure& failure) {
  std::unique_ptr<StateChanges> changes(new StateChanges(kernel));
  return changes->load(reader, failure) ? std::move(changes) : nullptr;
}

bool StateChanges::load(PidNamespace reader, BpfFailure& failure) {
  KernelBtf btf;
  if (const int error = kernel_.kernel_btf(btf); error != 0) return failure = {Step::types, error}, false;
  const std::string_view names[] = {kStateTracepoint};
  const auto types = KernelTypes::parse(btf.bytes(), state_program(0, 0, {}).structures(), {}, names);
  if (!types) return failure = {Step::types, 0, "damaged, or of a kernel of 32 bits"}, false;
  const std::uint32_t tracepoint = types->alias(kStateTracepoint);
  if (tracepoint == 0) return failure = {Step::offsets, 0, std::string(kStateTracepoint)}, false;
  if (!ring_.open(kernel_, kRingBytes, failure)) return false;
  lost_ = make_counter(kernel_, failure);
  if (!lost_) return false;
  std::string_view missing;
  const auto code = state_program(ring_.fd(), lost_.get(), reader).link(*types, missing);
  if (!code) return failure = {Step::offsets, 0, std::string(missing)}, false;
  const Fd program =
      load_program(kernel_, {"duostat_events", uapi::kBpfTraceRawPoint, tracepoint}, *code, failure);
  if (!program) return false;
  uapi::BpfRawTracepoint attach{0, static_cast<std::uint32_t>(program.get()), 0};
  const long result = kernel_.call(uapi::kBpfRawTracepointOpen, &attach, sizeof attach);
  if (result < 0) return failure = {Step::link, static_cast<int>(-result)}, false;
  link_ = Fd(static_cast<int>(result));
  return true;
}

void StateChanges::read(FunctionRef<void(const StateChange&)> take) {
  ring_.read([&](Bytes record) {
    StateChange change;
    if (!read_at(record, 0, change)) return;
    change.comm[sizeof change.comm - 1] = '\0';
    take(change);
  });
}

std::uint64_t StateChanges::lost() const { return read_counter(kernel_, lost_.get()); }

}  // namespace duostat
