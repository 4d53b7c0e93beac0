// The program that writes changes of states, interpreted over made-up structures; the ring that it fills; every failure
// of its start.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/state_program.h"

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
using wire::MadeBtf;
using wire::ScriptedBpf;

/// Where the made-up kernel has its members.
constexpr std::uint32_t kFamily = 16, kSaddr = 4, kDaddr = 0, kDport = 12, kNet = 48, kCookie = 96, kSaddr6 = 72,
                        kDaddr6 = 56, kSport = 40, kAcked = 80, kReceived = 64, kNs = 24, kInum = 16;

std::vector<std::byte> made_btf(std::string_view without = {}) {
  MadeBtf b;
  const auto name = [&](std::string_view wanted) { return wanted == without ? "other" : wanted; };
  b.integer("long unsigned int", 8);
  const auto u16 = b.integer("short unsigned int", 2), u32 = b.integer("unsigned int", 4),
             u64 = b.integer("long long unsigned int", 8), byte = b.integer("unsigned char", 1), pointer = b.pointer(0);
  const auto in6 = b.structure("in6_addr", 16, {{"u6_addr8", b.array(byte, 16), 0}});
  const auto possible = b.alias("possible_net_t", b.structure("", 8, {{"net", pointer, 0}}));
  const auto atomic = b.alias("atomic64_t", b.structure("", 8, {{"counter", u64, 0}}));
  const auto common = b.structure("sock_common", 120,
                                  {{"skc_daddr", u32, kDaddr}, {"skc_rcv_saddr", u32, kSaddr},
                                   {"skc_dport", u16, kDport}, {"skc_family", u16, kFamily},
                                   {"skc_net", possible, kNet},
                                   {"skc_v6_daddr", in6, kDaddr6}, {"skc_v6_rcv_saddr", in6, kSaddr6},
                                   {"skc_cookie", atomic, kCookie}});
  b.structure(name("sock"), 200, {{"__sk_common", common, 0}});
  const auto inet = b.structure("inet_sock", 60, {{"inet_sport", u16, kSport}});
  const auto connection = b.structure("inet_connection_sock", 60, {{"icsk_inet", inet, 0}});
  b.structure(name("tcp_sock"), 200,
              {{"inet_conn", connection, 0}, {"bytes_received", u64, kReceived}, {"bytes_acked", u64, kAcked}});
  const auto ns = b.structure("ns_common", 24, {{"inum", u32, kInum}});
  b.structure(name("net"), 100, {{"ns", ns, kNs}});
  b.alias(name(kStateTracepoint), pointer);
  return b.bytes();
}

constexpr PidNamespace kReader{4, 0xeffffffc};  // the upper bit of 32 is set

struct Kernel {
  std::array<std::byte, 200> sock{}, tcp{}, net{};
  std::array<std::uint64_t, 3> arguments{};
  Interpreter machine;

  template <class T>
  static void put(std::span<std::byte> to, std::uint32_t at, const T& value) {
    std::memcpy(to.data() + at, &value, sizeof value);
  }
  explicit Kernel(std::uint16_t family = 2) {
    put(sock, kFamily, family);
    put(sock, kSaddr, std::array<std::uint8_t, 4>{10, 0, 0, 1});
    put(sock, kDaddr, std::array<std::uint8_t, 4>{10, 0, 0, 2});
    put(sock, kDport, std::uint16_t{0x1234});
    put(sock, kNet, machine.allow(net));
    put(sock, kCookie, std::uint64_t{0x100000005});
    for (std::uint8_t i = 0; i < 16; ++i) {
      put(sock, kSaddr6 + i, i);
      put(sock, kDaddr6 + i, static_cast<std::uint8_t>(0x80 + i));
    }
    put(tcp, kSport, std::uint16_t{0x5678});
    put(tcp, kAcked, std::uint64_t{111});
    put(tcp, kReceived, std::uint64_t{222});
    put(net, kNs + kInum, std::uint32_t{4026531840u});
    arguments = {machine.allow(sock), 1, 4};
    machine.tcp_sock = machine.allow(tcp);
    machine.time = 987654321;
    machine.comm = "a name that is too long";
    machine.ids = {12, 11};
    machine.pid_namespace = {kReader.device, kReader.inode};
  }
  std::vector<StateChange> run() {
    const std::string_view aliases[] = {kStateTracepoint};
    const auto btf = made_btf();
    const Program program = state_program(7, 8, kReader);
    const auto types = KernelTypes::parse(btf, program.structures(), {}, aliases);
    BOOST_REQUIRE(types.has_value());
    BOOST_TEST(types->alias(kStateTracepoint) != 0u);
    std::string_view missing;
    const auto code = program.link(*types, missing);
    BOOST_REQUIRE_MESSAGE(code.has_value(), missing);
    machine.written.clear();
    BOOST_TEST(machine.run(*code, machine.allow(std::as_bytes(std::span(arguments)))) == 0u);
    std::vector<StateChange> changes(machine.written.size() / sizeof(StateChange));
    if (!changes.empty()) std::memcpy(changes.data(), machine.written.data(), machine.written.size());
    return changes;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(state_program_suite)

BOOST_AUTO_TEST_CASE(a_change) {
  Kernel kernel;
  const auto changes = kernel.run();
  BOOST_REQUIRE(changes.size() == 1u);
  const StateChange& c = changes[0];
  BOOST_TEST(c.time_ns == 987654321u);
  BOOST_TEST(c.key == kernel.arguments[0]);
  BOOST_TEST(c.cookie == 0x100000005u);
  BOOST_TEST(c.acked == 111u);
  BOOST_TEST(c.received == 222u);
  BOOST_TEST((c.before == 1 && c.after == 4));
  BOOST_TEST(c.netns == 4026531840u);
  BOOST_TEST(c.pid == 11u);
  BOOST_TEST((c.family == 2 && c.local_port == 0x5678 && c.remote_port == 0x1234));
  BOOST_TEST((c.local[0] == 10 && c.local[3] == 1 && c.local[4] == 0 && c.remote[3] == 2 && c.remote[15] == 0));
  BOOST_TEST(std::string_view(c.comm) == "a name that is ");
}

BOOST_AUTO_TEST_CASE(six) {
  const auto changes = Kernel(10).run();
  BOOST_REQUIRE(changes.size() == 1u);
  for (std::uint8_t i = 0; i < 16; ++i)
    BOOST_TEST((changes[0].local[i] == i && changes[0].remote[i] == 0x80 + i));
}

BOOST_AUTO_TEST_CASE(a_process_of_another_namespace_has_no_id) {
  Kernel kernel;
  kernel.machine.pid_namespace[1] = 5;
  const auto changes = kernel.run();
  BOOST_REQUIRE(changes.size() == 1u);
  BOOST_TEST(changes[0].pid == 0u);
}

BOOST_AUTO_TEST_CASE(a_full_ring_is_counted) {
  Kernel kernel;
  kernel.machine.ring_full = true;
  BOOST_TEST(kernel.run().empty());
  BOOST_TEST(kernel.run().empty());
  BOOST_TEST(kernel.machine.counter == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_no_tcp_is_left_out) {
  Kernel kernel;
  kernel.machine.tcp_sock = 0;
  BOOST_TEST(kernel.run().empty());
  BOOST_TEST(kernel.machine.counter == 0u);
}

BOOST_AUTO_TEST_CASE(rings) {
  constexpr std::size_t kSize = 128;
  std::vector<std::uint64_t> memory(2 * kSize / 8);
  const std::span<std::byte> data = std::as_writable_bytes(std::span(memory));
  const auto put = [&](std::uint64_t at, std::uint32_t length, std::uint8_t first) {
    for (std::size_t i = 0; i < 2; ++i)  // the mapping has everything twice
      for (std::uint32_t k = 0; k < 8; ++k) {
        const std::size_t place = (at + k) % kSize + i * kSize;
        data[place] = reinterpret_cast<const std::byte*>(&length)[k % 4];
        data[(at + 8) % kSize + i * kSize] = std::byte{first};
      }
  };
  constexpr std::uint32_t kBusy = 1u << 31, kDiscarded = 1u << 30;
  put(112, 16, 1);               // over the end
  put(136, 8 | kDiscarded, 2);
  put(152, 5, 3);                // 13 bytes take 16
  put(168, 8 | kBusy, 4);        // still being written
  std::vector<std::pair<std::uint8_t, std::size_t>> got;
  const auto take = [&](Bytes record) { got.emplace_back(static_cast<std::uint8_t>(record[0]), record.size()); };
  BOOST_TEST(read_ring_records(data, 112, 184, take) == 168u);
  BOOST_TEST((got == std::vector<std::pair<std::uint8_t, std::size_t>>{{1, 16}, {3, 5}}));
  BOOST_TEST(read_ring_records(data, 168, 168, take) == 168u);
}

BOOST_AUTO_TEST_CASE(failures) {
  const auto failure_of = [](ScriptedBpf& kernel) {
    BpfFailure failure;
    BOOST_TEST(StateChanges::open(kernel, kReader, failure) == nullptr);
    return text_of(failure);
  };
  ScriptedBpf none;
  none.btf_error = ENOENT;
  BOOST_TEST(failure_of(none) == "read the kernel's types: No such file or directory");
  ScriptedBpf damaged;
  BOOST_TEST(failure_of(damaged) == "read the kernel's types: damaged, or of a kernel of 32 bits");
  ScriptedBpf old;
  old.btf = made_btf(kStateTracepoint);
  BOOST_TEST(failure_of(old) == "find the kernel's structures: btf_trace_inet_sock_set_state");
  ScriptedBpf refusing;
  refusing.btf = made_btf();
  refusing.refused = uapi::kBpfMapCreate;
  BOOST_TEST(failure_of(refusing) == "create a map: Operation not permitted");
  ScriptedBpf unmapped;  // the descriptor that the script returns is no map
  unmapped.btf = made_btf();
  BOOST_TEST(failure_of(unmapped).starts_with("create a map: "));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace duostat
