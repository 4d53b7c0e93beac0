// The program that finds owners, interpreted over structures of kernels with other offsets and widths; every failure of
// its run.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/owner_program.h"

#include <boost/test/unit_test.hpp>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "tests/bpf/interpreter.h"
#include "tests/bpf/made_kernel.h"

namespace duostat {
namespace {

using wire::Interpreter;
using wire::Layout;
using wire::ScriptedBpf;

/// One descriptor of one task, and the task that reads.
struct Case {
  std::uint32_t mode = 0140777;
  std::uint64_t magic = 0x534f434b, inode = 4711;
  std::uint32_t pid = 1000, tgid = 1000;
  std::vector<std::uint32_t> numbers{1000};  ///< of the task, by level
  std::uint32_t reader_level = 0;
  bool has_task = true, has_file = true, has_pid = true;
  std::string comm = "a) b\nc";
};

using Structure = std::array<std::byte, 512>;

class Memory {
 public:
  Memory(const Layout& layout, const Case& c) : l_(layout) {
    put(meta_, 0, std::uint64_t{0x1000});
    put(pid_, l_.level_at(), static_cast<std::uint32_t>(c.numbers.size() - 1));
    for (std::size_t i = 0; i < c.numbers.size(); ++i)
      put(pid_, l_.numbers_at() + static_cast<std::uint32_t>(i) * 16 + 4, c.numbers[i]);
    put(reader_pid_, l_.level_at(), c.reader_level);
    put(reader_, l_.thread_pid_at(), at(reader_pid_));
    put(task_, l_.pid_at(), c.pid);
    put(task_, l_.tgid_at(), c.tgid);
    put(task_, l_.thread_pid_at(), c.has_pid ? at(pid_) : 0);
    std::memcpy(task_.data() + l_.comm_at(), c.comm.data(), c.comm.size());
    put(super_block_, l_.magic_at(), c.magic);
    put_wide(inode_, l_.mode_at(), c.mode, l_.mode_size);
    put(inode_, l_.sb_at(), at(super_block_));
    put_wide(inode_, l_.ino_at(), c.inode, l_.inode_size);
    put(file_, l_.f_inode_at(), at(inode_));
    put(context_, 0, at(meta_));
    put(context_, l_.task_at(), c.has_task ? at(task_) : 0);
    put(context_, l_.fd_at(), std::uint32_t{5});
    put(context_, l_.file_at(), c.has_file ? at(file_) : 0);
  }

  std::vector<OwnerRecord> run(const Program::Code& code) {
    Interpreter machine;
    for (const Structure* s :
         {&context_, &meta_, &task_, &pid_, &reader_, &reader_pid_, &file_, &inode_, &super_block_})
      machine.allow(*s);
    machine.current_task = at(reader_);
    BOOST_TEST(machine.run(code, at(context_)) == 0u);
    std::vector<OwnerRecord> records(machine.written.size() / sizeof(OwnerRecord));
    BOOST_TEST(machine.written.size() % sizeof(OwnerRecord) == 0u);
    if (!records.empty()) std::memcpy(records.data(), machine.written.data(), machine.written.size());
    return records;
  }

 private:
  template <class T>
  static void put(Structure& s, std::uint32_t offset, T value) {
    std::memcpy(s.data() + offset, &value, sizeof value);
  }
  static void put_wide(Structure& s, std::uint32_t offset, std::uint64_t value, std::uint32_t size) {
    if (size == 8) put(s, offset, value);
    else if (size == 4) put(s, offset, static_cast<std::uint32_t>(value));
    else put(s, offset, static_cast<std::uint16_t>(value));
  }
  static std::uint64_t at(const Structure& s) { return reinterpret_cast<std::uintptr_t>(s.data()); }

  Layout l_;
  alignas(8) Structure context_{}, meta_{}, task_{}, pid_{}, reader_{}, reader_pid_{};
  alignas(8) Structure file_{}, inode_{}, super_block_{};
};

Program::Code linked(const Layout& layout, unsigned levels = kPidLevels) {
  const Program program = owner_program(levels);
  const auto btf = wire::made_btf(layout);
  const std::string_view functions[] = {kOwnerFunction};
  const auto types = KernelTypes::parse(btf, program.structures(), functions);
  std::string_view missing;
  auto code = program.link(types.value(), missing);
  BOOST_REQUIRE_MESSAGE(code.has_value(), missing);
  return *code;
}

std::vector<std::byte> records(std::initializer_list<OwnerRecord> list) {
  std::vector<std::byte> bytes;
  for (const OwnerRecord& r : list) {
    const auto one = std::as_bytes(std::span(&r, 1));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(owner_program_of_bpf)

BOOST_AUTO_TEST_CASE(sockets_of_leaders_are_written) {
  for (const Layout& layout : {Layout{}, Layout{.shift = 4}, Layout{.shift = 200, .mode_size = 4, .inode_size = 4}}) {
    const Program::Code code = linked(layout);
    const auto found = Memory(layout, {}).run(code);
    BOOST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found[0].inode == 4711u);
    BOOST_TEST(found[0].pid == 1000u);
    BOOST_TEST(found[0].fd == 5u);
    BOOST_TEST(std::string(found[0].comm) == "a) b\nc");
  }
}

BOOST_AUTO_TEST_CASE(other_files_and_threads_are_not) {
  const Layout layout;
  const Program::Code code = linked(layout);
  const auto silent = [&](const Case& c) { BOOST_TEST(Memory(layout, c).run(code).empty()); };
  silent({.mode = 0100644});
  silent({.mode = 0010644});
  silent({.magic = 0xef53});              // the file that stands for a UNIX socket
  silent({.magic = 0x1534f434b});
  silent({.pid = 1001});                  // a thread with a table of its own
  silent({.has_task = false});
  silent({.has_file = false});
  silent({.has_pid = false});             // it has just exited
  silent({.numbers = {1000, 0}, .reader_level = 1});
}

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_readers_namespace) {
  const Layout layout;
  const Program::Code code = linked(layout);
  const std::vector<std::uint32_t> numbers{1000, 77, 6, 5, 4};
  for (std::uint32_t level = 0; level < 5; ++level) {
    const auto found = Memory(layout, {.numbers = numbers, .reader_level = level}).run(code);
    BOOST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found[0].pid == (level < kPidLevels ? numbers[level] : 0), level);
  }
  // Of an old kernel only the first number can be read.
  const Program::Code old = linked(layout, 1);
  BOOST_TEST(old.size() < code.size());
  BOOST_TEST(Memory(layout, {.numbers = numbers}).run(old).at(0).pid == 1000u);
  BOOST_TEST(Memory(layout, {.numbers = numbers, .reader_level = 1}).run(old).at(0).pid == 0u);
}

BOOST_AUTO_TEST_CASE(a_whole_run) {
  ScriptedBpf kernel;
  kernel.btf = wire::made_btf({});
  kernel.reads = {{records({{1, 10, 3, "a"}, {2, 10, 4, "a"}, {3, 11, 3, "b"}}), 0}};
  OwnerReader reader(kernel);
  BpfFailure failure;
  BOOST_REQUIRE(reader.prepare(failure) && reader.load(failure));
  std::uint64_t inodes = 0;
  const auto add = [&](std::span<const OwnerRecord> some) {
    for (const OwnerRecord& r : some) inodes += r.inode;
  };
  BOOST_TEST(reader.read(add, failure));
  BOOST_TEST(inodes == 6u);
  BOOST_TEST((kernel.commands == std::vector<std::uint32_t>{5, 28, 33}));
}

BOOST_AUTO_TEST_CASE(an_old_kernel_gets_the_short_program) {
  for (const std::uint32_t numbers : {0u, 1u, 4u}) {
    ScriptedBpf kernel;
    kernel.btf = wire::made_btf({.numbers = numbers});
    OwnerReader reader(kernel);
    BpfFailure failure;
    BOOST_REQUIRE(reader.prepare(failure));
    BOOST_REQUIRE(bool(reader.load(failure)));
  }
}

BOOST_AUTO_TEST_CASE(every_failure_is_named) {
  const auto failure_of = [](ScriptedBpf& kernel) {
    OwnerReader reader(kernel);
    BpfFailure failure;
    const auto ignore = [](std::span<const OwnerRecord>) {};
    const bool done = reader.prepare(failure) && reader.load(failure) && reader.read(ignore, failure);
    BOOST_TEST(!done);
    return text_of(failure);
  };
  ScriptedBpf kernel;
  kernel.btf_error = ENOENT;
  BOOST_TEST(failure_of(kernel) == "read the kernel's types: No such file or directory");
  kernel.btf_error = 0;
  BOOST_TEST(failure_of(kernel) == "read the kernel's types: damaged, or of a kernel of 32 bits");
  kernel.btf = wire::made_btf({.long_size = 4});
  BOOST_TEST(failure_of(kernel) == "read the kernel's types: damaged, or of a kernel of 32 bits");
  for (const std::string_view name : {"task_struct", "inode", "super_block", "file", "pid", "bpf_iter_meta"}) {
    kernel.btf = wire::made_btf({.without = name});
    BOOST_TEST(failure_of(kernel).starts_with("find the kernel's structures: " + std::string(name) + "."), name);
  }
  kernel.btf = wire::made_btf({.without = "bpf_iter_task_file"});
  BOOST_TEST(failure_of(kernel) == "find the kernel's structures: bpf_iter_task_file");
  kernel.btf = wire::made_btf({});
  for (const std::uint32_t command : {5u, 28u, 33u}) {
    kernel.refused = command;
    kernel.error = ENOSYS;
    BOOST_TEST(failure_of(kernel).ends_with(": Function not implemented"), command);
  }
  kernel.refused = 0;
  kernel.reads = {{{}, ENOMEM}};
  BOOST_TEST(failure_of(kernel) == "read the iterator: Cannot allocate memory");
  kernel.reads = {{records({{1, 10, 3, "a"}, {2, 9, 4, "a"}}), 0}};
  BOOST_TEST(failure_of(kernel) == "check the records: a record that cannot be");
  kernel.reads = {{records({{1, 0, 3, "a"}}), 0}};
  BOOST_TEST(failure_of(kernel) == "check the records: PID namespaces are nested too deep");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
