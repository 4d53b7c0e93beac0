// What BPF needs of the kernel: bpf(2), read(2) of an iterator, and the kernel's own types. Tests script it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/base/bytes.h"

namespace duostat {

/// The kernel's BTF, mapped or read.
class KernelBtf {
 public:
  KernelBtf() noexcept = default;
  /// Owns a mapping of `size` bytes.
  KernelBtf(void* mapping, std::size_t size) noexcept : mapping_(mapping), size_(size) {}
  explicit KernelBtf(std::vector<std::byte> bytes) noexcept : bytes_(std::move(bytes)) {}
  KernelBtf(KernelBtf&& other) noexcept
      : mapping_(std::exchange(other.mapping_, nullptr)), size_(other.size_), bytes_(std::move(other.bytes_)) {}
  KernelBtf& operator=(KernelBtf&& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(size_, other.size_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~KernelBtf();
  Bytes bytes() const noexcept {
    return mapping_ == nullptr ? Bytes(bytes_) : Bytes(static_cast<const std::byte*>(mapping_), size_);
  }

 private:
  void* mapping_ = nullptr;
  std::size_t size_ = 0;
  std::vector<std::byte> bytes_;
};

class BpfCall {
 public:
  virtual ~BpfCall() = default;
  /// bpf(2). Returns a descriptor, 0, or a negated errno. `attributes` is the command's part of union bpf_attr.
  virtual long call(std::uint32_t command, void* attributes, std::uint32_t size) noexcept = 0;
  /// read(2). Returns the number of bytes, or a negated errno.
  virtual long read(int fd, std::span<std::byte> buffer) noexcept = 0;
  /// The types of the running kernel. Returns 0 or errno.
  virtual int kernel_btf(KernelBtf& btf) noexcept = 0;
};

/// The running kernel. It has no state.
BpfCall& kernel_bpf() noexcept;

}  // namespace duostat
