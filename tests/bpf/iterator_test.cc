// Loading, linking and reading through a scripted kernel that fails at each step.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/iterator.h"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "tests/bpf/made_kernel.h"

namespace duostat {
namespace {

using wire::ScriptedBpf;

constexpr uapi::BpfInstruction kCode[] = {{0xb7, 0, 0, 0}, {0x95, 0, 0, 0}};
constexpr BpfTarget kTarget{"a_name_that_is_too_long", uapi::kBpfTraceIterator, 4711};

std::vector<std::byte> bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

/// Reads records of four bytes.
std::string read_all(ScriptedBpf& kernel, BpfFailure& failure, bool& whole, std::size_t buffer_size = 16) {
  auto iterator = BpfIterator::open(kernel, kTarget, kCode, failure);
  if (!iterator) return {};
  std::vector<std::byte> buffer(buffer_size);
  std::string text;
  whole = iterator->read(buffer, 4, [&](Bytes records) {
    BOOST_TEST(records.size() % 4 == 0u);
    text.append(reinterpret_cast<const char*>(records.data()), records.size()).push_back('|');
    return text.find('!') == std::string::npos;
  }, failure);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bpf_iterator)

BOOST_AUTO_TEST_CASE(program_is_described) {
  ScriptedBpf kernel;
  BpfFailure failure;
  BOOST_TEST(bool(load_program(kernel, kTarget, kCode, failure)));
  uapi::BpfProgramLoad load;
  BOOST_REQUIRE(kernel.attributes_of_last.size() == sizeof load);
  std::memcpy(&load, kernel.attributes_of_last.data(), sizeof load);
  BOOST_TEST(load.type == 26u);
  BOOST_TEST(load.instructions == 2u);
  BOOST_TEST(load.attach_type == 28u);
  BOOST_TEST(load.attach_btf_id == 4711u);
  BOOST_TEST(std::string(load.name) == "a_name_that_is_");
  BOOST_TEST(std::string(reinterpret_cast<const char*>(static_cast<std::uintptr_t>(load.licence_at))) == "GPL");
}

BOOST_AUTO_TEST_CASE(every_step_can_be_refused) {
  const struct {
    std::uint32_t command;
    BpfFailure::Step step;
    std::string text;
  } kRows[] = {{5, BpfFailure::Step::load, "load the program: Operation not permitted"},
               {28, BpfFailure::Step::link, "link the program: Operation not permitted"},
               {33, BpfFailure::Step::open, "open the iterator: Operation not permitted"}};
  for (const auto& row : kRows) {
    ScriptedBpf kernel;
    kernel.refused = row.command;
    BpfFailure failure;
    BOOST_TEST(!BpfIterator::open(kernel, kTarget, kCode, failure).has_value());
    BOOST_TEST((failure.step == row.step));
    BOOST_TEST(kernel.commands.back() == row.command);
    BOOST_TEST(text_of(failure) == row.text);
  }
}

BOOST_AUTO_TEST_CASE(interruptions_are_read_on) {
  ScriptedBpf kernel;
  kernel.reads = {{{}, EAGAIN}, {bytes("aaaa"), 0}, {{}, EINTR}, {{}, EAGAIN}, {{}, EAGAIN}, {bytes("bbbbcccc"), 0}};
  BpfFailure failure;
  bool whole = false;
  BOOST_TEST(read_all(kernel, failure, whole) == "aaaa|bbbbcccc|");
  BOOST_TEST(whole);
  BOOST_TEST((failure.step == BpfFailure::Step::none));
}

BOOST_AUTO_TEST_CASE(records_may_be_split_anywhere) {
  for (std::size_t most = 1; most <= 9; ++most) {
    ScriptedBpf kernel;
    kernel.most = most;
    kernel.reads = {{bytes("aaaabbbbccccdddd"), 0}};
    BpfFailure failure;
    bool whole = false;
    std::string text = read_all(kernel, failure, whole, 10);
    std::erase(text, '|');
    BOOST_TEST(text == "aaaabbbbccccdddd");
    BOOST_TEST(whole);
  }
}

BOOST_AUTO_TEST_CASE(failures_of_reading) {
  const struct {
    std::deque<ScriptedBpf::Read> reads;
    BpfFailure::Step step;
    std::string text;
  } kRows[] = {
      {{{bytes("aaaa"), 0}, {{}, EIO}}, BpfFailure::Step::read, "read the iterator: Input/output error"},
      {{{bytes("aaaabb"), 0}}, BpfFailure::Step::record, "check the records: the last record is cut off"},
      {{{bytes("aaa!"), 0}, {bytes("bbbb"), 0}},
       BpfFailure::Step::record,
       "check the records: a record that cannot be"}};
  for (const auto& row : kRows) {
    ScriptedBpf kernel;
    kernel.reads = row.reads;
    BpfFailure failure;
    bool whole = true;
    read_all(kernel, failure, whole);
    BOOST_TEST(!whole);
    BOOST_TEST((failure.step == row.step));
    BOOST_TEST(text_of(failure) == row.text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
