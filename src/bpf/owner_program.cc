// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/owner_program.h"

#include <cerrno>
#include <memory>
#include <new>

namespace duostat {
namespace {

constexpr std::int32_t kTypeBits = 0xf000, kIsSocket = 0xc000;  // S_IFMT, S_IFSOCK
// A special file that stands for a UNIX socket has the type, too; only the file of a socket is in this file system.
constexpr std::int32_t kSockFsMagic = 0x534f434b;
constexpr std::int16_t kOwnerRecordAt = -static_cast<std::int16_t>(sizeof(OwnerRecord));
constexpr std::size_t kBufferRecords = 2048;

constexpr std::string_view kNumbers[kPidLevels] = {"pid.numbers[0].nr", "pid.numbers[1].nr", "pid.numbers[2].nr",
                                                   "pid.numbers[3].nr"};
constexpr std::string_view kLevelNames[kPidLevels] = {"level0", "level1", "level2", "level3"};

/// Stores the id of the task in R7 in the namespace of the reader. R1 and R2 are overwritten.
void store_pid(Program& p, unsigned levels, Program::Label skip) {
  using enum Register;
  p.call(uapi::kBpfCurrentTask);
  p.load(r1, r0, "task_struct.thread_pid");
  p.load(r1, r1, "pid.level");
  p.load(r2, r7, "task_struct.thread_pid");
  const Program::Label store = p.label("store");
  Program::Label at[kPidLevels] = {};
  for (unsigned i = 0; i < levels; ++i) {
    at[i] = p.label(kLevelNames[i]);
    p.jump_if_equal(r1, static_cast<std::int32_t>(i), at[i]);
  }
  p.move(r1, 0);
  p.jump(store);
  for (unsigned i = 0; i < levels; ++i) {
    p.place(at[i]);
    p.load(r1, r2, kNumbers[i]);
    p.jump_if_equal(r1, 0, skip);  // it has just exited
    if (i + 1 < levels) p.jump(store);
  }
  p.place(store);
  p.store(kOwnerRecordAt + static_cast<std::int16_t>(offsetof(OwnerRecord, pid)), r1, 4);
}

}  // namespace

Program owner_program(unsigned levels) {
  using enum Register;
  Program p;
  const Program::Label skip = p.label("skip");
  p.move(r6, r1);
  p.load(r7, r6, "bpf_iter__task_file.task");
  p.jump_if_equal(r7, 0, skip);
  p.load(r8, r6, "bpf_iter__task_file.file");
  p.jump_if_equal(r8, 0, skip);
  p.load(r9, r8, "file.f_inode");
  p.load(r1, r9, "inode.i_mode");
  p.and_with(r1, kTypeBits);
  p.jump_unless_equal(r1, kIsSocket, skip);
  p.load(r1, r9, "inode.i_sb");
  p.load(r1, r1, "super_block.s_magic");
  p.jump_unless_equal(r1, kSockFsMagic, skip);
  // quirk: owners-of-threads
  p.load(r1, r7, "task_struct.pid");
  p.load(r2, r7, "task_struct.tgid");
  p.jump_unless_equal(r1, r2, skip);
  p.load(r1, r9, "inode.i_ino");
  p.store(kOwnerRecordAt, r1, 8);
  store_pid(p, levels, skip);
  p.load(r1, r6, "bpf_iter__task_file.fd");
  p.store(kOwnerRecordAt + static_cast<std::int16_t>(offsetof(OwnerRecord, fd)), r1, 4);
  for (std::int16_t i = 0; i < 16; i += 8) {
    p.load_8(r1, r7, "task_struct.comm", i);
    p.store(static_cast<std::int16_t>(kOwnerRecordAt + static_cast<std::int16_t>(offsetof(OwnerRecord, comm)) + i), r1,
            8);
  }
  p.load(r1, r6, "bpf_iter__task_file.meta");
  p.load(r1, r1, "bpf_iter_meta.seq");
  p.move(r2, r10);
  p.add(r2, kOwnerRecordAt);
  p.move(r3, sizeof(OwnerRecord));
  p.call(uapi::kBpfSeqWrite);
  p.place(skip);
  p.move(r0, 0);
  p.exit();
  return p;
}

bool OwnerReader::prepare(BpfFailure& failure) {
  using Step = BpfFailure::Step;
  KernelBtf btf;
  if (const int error = kernel_.kernel_btf(btf); error != 0) return failure = {Step::types, error}, false;
  Program program = owner_program();
  const std::string_view functions[] = {kOwnerFunction};
  const auto types = KernelTypes::parse(btf.bytes(), program.structures(), functions);
  if (!types) return failure = {Step::types, 0, "damaged, or of a kernel of 32 bits"}, false;
  if ((function_ = types->function(kOwnerFunction)) == 0)
    return failure = {Step::offsets, 0, std::string(kOwnerFunction)}, false;
  // Before Linux 6.5 the array has one element, and the verifier accepts no access beyond it.
  if (const auto numbers = types->member("pid.numbers"); numbers && numbers->elements == 1) program = owner_program(1);
  std::string_view missing;
  auto code = program.link(*types, missing);
  if (!code) return failure = {Step::offsets, 0, std::string(missing)}, false;
  code_ = std::move(*code);
  return true;
}

bool OwnerReader::load(BpfFailure& failure) {
  iterator_ = BpfIterator::open(kernel_, {"duostat_owners", uapi::kBpfTraceIterator, function_}, code_, failure);
  return iterator_.has_value();
}

bool OwnerReader::read(FunctionRef<void(std::span<const OwnerRecord>)> take, BpfFailure& failure) {
  const auto records = std::make_unique_for_overwrite<OwnerRecord[]>(kBufferRecords);
  const std::span<OwnerRecord> all(records.get(), kBufferRecords);
  std::uint32_t last = 0;
  bool too_deep = false;
  const auto check = [&](Bytes bytes) {
    const auto some = all.first(bytes.size() / sizeof(OwnerRecord));
    for (OwnerRecord& record : some) {
      record.comm[sizeof record.comm - 1] = '\0';
      if (record.pid == 0) return too_deep = true, false;
      if (record.pid < last) return false;
      last = record.pid;
    }
    take(some);
    return true;
  };
  const bool whole = iterator_->read(std::as_writable_bytes(all), sizeof(OwnerRecord), check, failure);
  iterator_.reset();  // unloads the program
  if (too_deep) failure.object = "PID namespaces are nested too deep";
  return whole;
}

}  // namespace duostat
