// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/iterator.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "src/base/error.h"

namespace duostat {
namespace {

using Step = BpfFailure::Step;

/// The kernel reserves some helpers for programs whose licence is this very word.
constexpr char kLicence[] = "GPL";

}  // namespace

std::string text_of(const BpfFailure& failure) {
  constexpr std::string_view kSteps[] = {"",
                                         "read the kernel's types",
                                         "find the kernel's structures",
                                         "create a map",
                                         "load the program",
                                         "link the program",
                                         "open the iterator",
                                         "read the iterator",
                                         "check the records"};
  static_assert(std::size(kSteps) == static_cast<std::size_t>(Step::count_));
  std::string text(kSteps[static_cast<std::size_t>(failure.step)]);
  if (!failure.object.empty()) text += ": " + failure.object;
  if (failure.error != 0) text += ": " + error_text(failure.error);
  return text;
}

Fd load_program(BpfCall& kernel, const BpfTarget& target, std::span<const uapi::BpfInstruction> code,
                BpfFailure& failure) {
  uapi::BpfProgramLoad load{};
  load.type = uapi::kBpfTracing;
  load.instructions = static_cast<std::uint32_t>(code.size());
  load.code_at = uapi::pointer_value(code.data());
  load.licence_at = uapi::pointer_value(kLicence);
  load.attach_type = target.attach_type;
  load.attach_btf_id = target.function;
  std::memcpy(load.name, target.name.data(), std::min(target.name.size(), sizeof load.name - 1));
  const long result = kernel.call(uapi::kBpfProgramLoad, &load, sizeof load);
  if (result >= 0) return Fd(static_cast<int>(result));
  failure = {Step::load, static_cast<int>(-result)};
  return {};
}

std::optional<BpfIterator> BpfIterator::open(BpfCall& kernel, const BpfTarget& target,
                                             std::span<const uapi::BpfInstruction> code, BpfFailure& failure) {
  const Fd program = load_program(kernel, target, code, failure);
  if (!program) return std::nullopt;
  uapi::BpfLinkCreate create{static_cast<std::uint32_t>(program.get()), 0, target.attach_type, 0};
  long result = kernel.call(uapi::kBpfLinkCreate, &create, sizeof create);
  if (result < 0) return failure = {Step::link, static_cast<int>(-result)}, std::nullopt;
  const Fd link(static_cast<int>(result));
  uapi::BpfIteratorCreate iterate{static_cast<std::uint32_t>(link.get()), 0};
  result = kernel.call(uapi::kBpfIteratorCreate, &iterate, sizeof iterate);
  if (result < 0) return failure = {Step::open, static_cast<int>(-result)}, std::nullopt;
  return BpfIterator(kernel, Fd(static_cast<int>(result)));
}

// A read returns EAGAIN after a million objects for which the program wrote nothing (bpf_seq_read()). The next one goes
// on there.
bool BpfIterator::read(std::span<std::byte> buffer, std::size_t size, FunctionRef<bool(Bytes)> take,
                       BpfFailure& failure) {
  std::size_t have = 0;  // the beginning of a record that the last read cut off
  for (;;) {
    const long n = kernel_->read(records_.get(), buffer.subspan(have));
    if (n == -EAGAIN || n == -EINTR) continue;
    if (n < 0) return failure = {Step::read, static_cast<int>(-n)}, false;
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
    const std::size_t whole = have - have % size;
    if (whole != 0 && !take(buffer.first(whole))) return failure = {Step::record, 0, "a record that cannot be"}, false;
    std::memmove(buffer.data(), buffer.data() + whole, have - whole);
    have -= whole;
  }
  if (have != 0) return failure = {Step::record, 0, "the last record is cut off"}, false;
  return true;
}

}  // namespace duostat
