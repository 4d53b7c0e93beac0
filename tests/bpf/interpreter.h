// Runs BPF programs in tests: the operation codes that src/bpf/program.h can write, over memory that the test lays out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/bpf/abi.h"

namespace duostat::wire {

/// Memory that a program may read. As in the kernel, what a pointer to kernel memory leads to may be gone: a load there
/// gives 0.
class Interpreter {
 public:
  std::vector<std::byte> written;  ///< by bpf_seq_write(), bpf_ringbuf_output()
  std::uint64_t current_task = 0;  ///< bpf_get_current_task_btf()
  std::uint64_t tcp_sock = 0;      ///< bpf_skc_to_tcp_sock()
  std::uint64_t time = 0;          ///< bpf_ktime_get_ns()
  std::string comm;                ///< bpf_get_current_comm()
  std::array<std::uint32_t, 2> ids{};              ///< bpf_get_ns_current_pid_tgid(), for `pid_namespace`
  std::array<std::uint64_t, 2> pid_namespace{};    ///< device and inode
  bool ring_full = false;
  std::uint64_t counter = 0;       ///< bpf_map_lookup_elem()

  /// The program may read `memory`. Returns its address.
  std::uint64_t allow(std::span<const std::byte> memory) {
    readable_.push_back(memory);
    return reinterpret_cast<std::uintptr_t>(memory.data());
  }

  /// Returns R0. Throws std::runtime_error at anything that the verifier would refuse.
  std::uint64_t run(std::span<const uapi::BpfInstruction> code, std::uint64_t context) {
    r_.fill(0);
    r_[1] = context;
    frame_.fill(std::byte{0xa5});
    r_[10] = reinterpret_cast<std::uintptr_t>(frame_.data()) + frame_.size();
    for (std::size_t pc = 0; pc < code.size();) {
      const uapi::BpfInstruction& i = code[pc++];
      const std::uint8_t registers = i.registers;
      const unsigned low = registers & 15, high = registers >> 4;
      const bool big = std::endian::native == std::endian::big;
      if (!step(i, big ? high : low, big ? low : high, pc)) return r_[0];
    }
    throw std::runtime_error("the program has no end");
  }

 private:
  bool step(const uapi::BpfInstruction& i, unsigned to, unsigned from, std::size_t& pc) {
    using namespace uapi;
    const auto widened = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t operand = (i.code & kBpfRegister) != 0 ? r_[from] : widened(i.value);
    const auto jump = [&](bool taken) { pc += taken ? static_cast<std::size_t>(std::int64_t{i.offset}) : 0; };
    switch (i.code) {
      case kBpfAlu64 | kBpfMove: case kBpfAlu64 | kBpfMove | kBpfRegister: r_[to] = operand; return true;
      case kBpfAlu64 | kBpfAdd: r_[to] += operand; return true;
      case kBpfAlu64 | kBpfAnd: r_[to] &= operand; return true;
      case kBpfJump | kBpfAlways: jump(true); return true;
      case kBpfJump | kBpfEqual: jump(r_[to] == operand); return true;
      case kBpfJump | kBpfUnequal: case kBpfJump | kBpfUnequal | kBpfRegister: jump(r_[to] != operand); return true;
      case kBpfJump | kBpfCall: call(i.value); return true;
      case kBpfJump | kBpfExit: return false;
      case kBpfLoadConstant | kBpf8: r_[to] = static_cast<std::uint32_t>(i.value); last_ = to; return true;
      case 0: r_[last_] |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(i.value)) << 32; return true;
      case kBpfStore | kBpfAtomic | kBpf8:
        if (i.value != kBpfAdd || r_[to] != reinterpret_cast<std::uintptr_t>(&counter))
          throw std::runtime_error("adds to no counter");
        counter += r_[from];
        return true;
      default: break;
    }
    const std::size_t width = std::array<std::size_t, 4>{4, 2, 1, 8}[i.code >> 3 & 3];
    const std::uint8_t kind = i.code & 0xe7;
    if (kind == (kBpfLoad | kBpfMemory)) r_[to] = load(r_[from] + widened(i.offset), width);
    else if (kind == (kBpfStore | kBpfMemory)) store(r_[to] + widened(i.offset), r_[from], width);
    else throw std::runtime_error("operation code " + std::to_string(i.code));
    return true;
  }

  std::uint64_t load(std::uint64_t at, std::size_t width) const {
    for (const auto memory : readable_) {
      const auto begin = reinterpret_cast<std::uintptr_t>(memory.data());
      if (at >= begin && at + width <= begin + memory.size()) return load_from(at, width);
    }
    const auto frame = reinterpret_cast<std::uintptr_t>(frame_.data());
    if (at >= frame && at + width <= frame + frame_.size()) return load_from(at, width);
    if (at < 4096) return 0;
    throw std::runtime_error("load outside of every structure");
  }

  static std::uint64_t load_from(std::uint64_t at, std::size_t width) {
    std::array<std::byte, 8> bytes{};
    const std::size_t skip = std::endian::native == std::endian::big ? 8 - width : 0;
    std::memcpy(bytes.data() + skip, reinterpret_cast<const void*>(static_cast<std::uintptr_t>(at)), width);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  /// `size` bytes of the frame.
  std::span<std::byte> in_frame(std::uint64_t at, std::uint64_t size) {
    const auto begin = reinterpret_cast<std::uintptr_t>(frame_.data());
    if (at < begin || at + size > begin + frame_.size()) throw std::runtime_error("not in the frame");
    return std::span(frame_).subspan(at - begin, size);
  }

  void store(std::uint64_t at, std::uint64_t value, std::size_t width) {
    const auto begin = reinterpret_cast<std::uintptr_t>(frame_.data());
    if (at < begin || at + width > begin + frame_.size() || at % width != 0)
      throw std::runtime_error("store outside of the frame, or unaligned");
    const std::size_t skip = std::endian::native == std::endian::big ? 8 - width : 0;
    std::memcpy(frame_.data() + (at - begin), reinterpret_cast<const std::byte*>(&value) + skip, width);
  }

  void call(std::int32_t helper) {
    if (helper == uapi::kBpfCurrentTask) {
      r_[0] = current_task;
    } else if (helper == uapi::kBpfTcpSock) {
      r_[0] = r_[1] == 0 ? 0 : tcp_sock;
    } else if (helper == uapi::kBpfTime) {
      r_[0] = time;
    } else if (helper == uapi::kBpfCurrentComm) {
      const auto to = in_frame(r_[1], r_[2]);
      std::memset(to.data(), 0, to.size());
      std::memcpy(to.data(), comm.data(), std::min(comm.size(), to.size() - 1));
      r_[0] = 0;
    } else if (helper == uapi::kBpfNamespacePid) {
      const auto to = in_frame(r_[3], r_[4]);
      const bool here = r_[1] == pid_namespace[0] && r_[2] == pid_namespace[1];
      std::memset(to.data(), 0, to.size());
      if (here) std::memcpy(to.data(), ids.data(), sizeof ids);
      r_[0] = here ? 0 : static_cast<std::uint64_t>(-22);
    } else if (helper == uapi::kBpfMapFind) {
      in_frame(r_[2], 4);
      r_[0] = reinterpret_cast<std::uintptr_t>(&counter);
    } else if (helper == uapi::kBpfRingOutput) {
      const auto from = in_frame(r_[2], r_[3]);
      if (!ring_full) written.insert(written.end(), from.begin(), from.end());
      r_[0] = ring_full ? static_cast<std::uint64_t>(-11) : 0;
    } else if (helper == uapi::kBpfSeqWrite) {
      if (r_[1] == 0) throw std::runtime_error("seq_write() to nowhere");
      for (std::uint64_t i = 0; i < r_[3]; ++i) {
        const auto* byte = reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(r_[2] + i));
        if (byte < frame_.data() || byte >= frame_.data() + frame_.size()) throw std::runtime_error("writes no frame");
        written.push_back(*byte);
      }
      r_[0] = 0;
    } else {
      throw std::runtime_error("helper " + std::to_string(helper));
    }
    for (unsigned i = 1; i <= 5; ++i) r_[i] = 0xdead0000dead0000;  // a call destroys its arguments
  }

  std::array<std::uint64_t, 11> r_{};
  unsigned last_ = 0;  ///< register of a constant of which the lower half was loaded
  alignas(8) std::array<std::byte, 512> frame_{};
  std::vector<std::span<const std::byte>> readable_;
};

}  // namespace duostat::wire
