// A made-up kernel for tests: its BTF, and a kernel whose answers are scripted.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/bpf/call.h"
#include "tests/bpf/raw_btf.h"

namespace duostat::wire {

/// BTF under construction. Each function adds a type and returns its number.
class MadeBtf {
 public:
  struct Member {
    std::string_view name;
    std::uint32_t type, offset;  ///< in bytes
  };
  std::uint32_t integer(std::string_view name, std::uint32_t size) {
    return add(name, 1u << 24, size, {size * 8});
  }
  std::uint32_t pointer(std::uint32_t to) { return add("", 2u << 24, to); }
  std::uint32_t alias(std::string_view name, std::uint32_t of) { return add(name, 8u << 24, of); }
  std::uint32_t constant(std::uint32_t of) { return add("", 10u << 24, of); }
  std::uint32_t array(std::uint32_t of, std::uint32_t elements) { return add("", 3u << 24, 0, {of, 1, elements}); }
  std::uint32_t function(std::string_view name) { return add(name, 12u << 24, 0); }
  std::uint32_t structure(std::string_view name, std::uint32_t size, const std::vector<Member>& members,
                          bool is_union = false) {
    const auto info = (is_union ? 5u : 4u) << 24 | static_cast<std::uint32_t>(members.size());
    const std::uint32_t id = add(name, info, size);
    for (const Member& m : members) types_.words("member", {string(m.name), m.type, m.offset * 8});
    return id;
  }
  std::vector<std::byte> bytes() const { return raw_btf(types_, strings_); }

 private:
  std::uint32_t string(std::string_view text) {
    if (text.empty()) return 0;
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_.append(text).push_back('\0');
    return at;
  }
  std::uint32_t add(std::string_view name, std::uint32_t info, std::uint32_t size,
                    std::initializer_list<std::uint32_t> more = {}) {
    types_.words("type", {string(name), info, size}).words("details", more);
    return ++count_;
  }
  Wire types_;
  std::string strings_ = std::string(1, '\0');
  std::uint32_t count_ = 0;
};

/// Offsets and widths that differ from kernel to kernel.
struct Layout {
  std::uint32_t shift = 0;       ///< bytes before every member that is read
  std::uint32_t mode_size = 2;   ///< of umode_t
  std::uint32_t inode_size = 8;  ///< of i_ino
  std::uint32_t numbers = 0;     ///< elements of pid.numbers; 0: as many as allocated
  std::string_view without{};    ///< this structure does not exist
  std::uint32_t long_size = 8;

  // Where made_btf() puts the members.
  std::uint32_t task_at() const { return 8; }
  std::uint32_t fd_at() const { return 16; }
  std::uint32_t file_at() const { return 24; }
  std::uint32_t pid_at() const { return 16 + shift; }
  std::uint32_t tgid_at() const { return 24 + shift; }
  std::uint32_t thread_pid_at() const { return 32 + shift; }
  std::uint32_t comm_at() const { return 41 + shift; }
  std::uint32_t f_inode_at() const { return 8 + shift; }
  std::uint32_t mode_at() const { return 4 + shift; }
  std::uint32_t sb_at() const { return 16 + shift; }
  std::uint32_t ino_at() const { return 32 + shift; }
  std::uint32_t magic_at() const { return 8 + shift; }
  std::uint32_t level_at() const { return 4 + shift; }
  std::uint32_t numbers_at() const { return 16 + shift; }
};

inline std::vector<std::byte> made_btf(const Layout& l) {
  MadeBtf b;
  const auto name = [&](std::string_view wanted) { return wanted == l.without ? "other" : wanted; };
  const auto ulong = b.integer("long unsigned int", l.long_size), integer = b.integer("int", 4);
  const auto character = b.integer("char", 1), mode = b.alias("umode_t", b.integer("mode", l.mode_size));
  const auto pid_t = b.alias("pid_t", integer), ino = b.integer("ino", l.inode_size), pointer = b.pointer(0);
  const auto upid = b.structure("upid", 16, {{"nr", pid_t, 4}, {"ns", pointer, 8}});
  b.structure(name("pid"), 16 + l.shift,
              {{"level", b.constant(integer), l.level_at()}, {"numbers", b.array(upid, l.numbers), l.numbers_at()}});
  // As in the kernel with randomized layout, members stand in a structure without a name.
  const auto inner =
      b.structure("", 80, {{"tgid", pid_t, 8}, {"thread_pid", pointer, 16}, {"comm", b.array(character, 16), 25}});
  b.structure(name("task_struct"), 128 + l.shift, {{"pid", pid_t, l.pid_at()}, {"", inner, l.pid_at()}});
  b.structure(name("file"), 64 + l.shift, {{"f_inode", pointer, l.f_inode_at()}});
  b.structure(name("inode"), 64 + l.shift,
              {{"i_mode", mode, l.mode_at()}, {"i_sb", pointer, l.sb_at()}, {"i_ino", ino, l.ino_at()}});
  b.structure(name("super_block"), 64 + l.shift, {{"s_magic", ulong, l.magic_at()}});
  const auto meta = b.structure("", 8, {{"meta", pointer, 0}}, true);
  const auto task = b.structure("", 8, {{"task", pointer, 0}}, true);
  const auto file = b.structure("", 8, {{"file", pointer, 0}}, true);
  b.structure(name("bpf_iter__task_file"), 32,
              {{"", meta, 0}, {"", task, 8}, {"fd", b.integer("unsigned int", 4), 16}, {"", file, 24}});
  b.structure(name("bpf_iter_meta"), 24, {{"seq", pointer, 0}});
  b.function(name("bpf_iter_task_file"));
  return b.bytes();
}

/// Answers each call of bpf(2) with a descriptor until one is refused, and reads with what is scripted.
class ScriptedBpf final : public BpfCall {
 public:
  struct Read {
    std::vector<std::byte> bytes;
    int error = 0;
  };
  long call(std::uint32_t command, void* attributes, std::uint32_t size) noexcept override {
    commands.push_back(command);
    const auto* bytes = static_cast<const std::byte*>(attributes);
    attributes_of_last.assign(bytes, bytes + size);
    if (command == refused) return -error;
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  long read(int, std::span<std::byte> buffer) noexcept override {
    if (reads.empty()) return 0;
    Read& next = reads.front();
    if (next.error != 0) {
      const int failed = next.error;
      reads.pop_front();
      return -failed;
    }
    const std::size_t n = std::min({buffer.size(), next.bytes.size(), most});
    std::copy_n(next.bytes.begin(), n, buffer.begin());
    next.bytes.erase(next.bytes.begin(), next.bytes.begin() + static_cast<std::ptrdiff_t>(n));
    if (next.bytes.empty()) reads.pop_front();
    return static_cast<long>(n);
  }
  int kernel_btf(KernelBtf& types) noexcept override {
    if (btf_error != 0) return btf_error;
    types = KernelBtf(btf);
    return 0;
  }

  std::uint32_t refused = 0;  ///< command that fails with `error`
  int error = EPERM, btf_error = 0;
  std::size_t most = SIZE_MAX;  ///< bytes that one read returns
  std::vector<std::byte> btf;
  std::deque<Read> reads;
  std::vector<std::uint32_t> commands;
  std::vector<std::byte> attributes_of_last;
};

}  // namespace duostat::wire
