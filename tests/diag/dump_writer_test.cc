// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/dump_writer.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// A dump in a seekable file, or in a pipe.
class Copy {
 public:
  explicit Copy(bool seekable = true)
      : copy(sink, [this, seekable](std::uint64_t size) { return seekable ? (sink.text.resize(size), 0) : ESPIPE; }) {}

  const std::string& text() const { return sink.text; }

 private:
  StringSink sink;

 public:
  AnswerCopy copy;
};

Wire request(std::uint8_t family, std::uint32_t sequence = 123456) {
  return message(Wire().u8("sdiag_family", family).zeros("the rest", 55),
                 {.flags = 0x301, .sequence = sequence, .port_id = 0});
}
Wire row(std::uint16_t port, std::uint32_t sequence = 123456) {
  return message(Inet{.sport = port}.payload(), {.sequence = sequence});
}
Wire end(std::uint32_t sequence = 123456) {
  return message(Wire().u32("error", 0), {.type = kDone, .sequence = sequence});
}

std::string text_of(std::initializer_list<Wire> parts) {
  std::string text;
  for (const Wire& part : parts) text.append(reinterpret_cast<const char*>(part.bytes().data()), part.size());
  return text;
}

/// Sends the request and receives until the script has no more datagrams for it.
void ask(Transport& transport, const Wire& request, int datagrams) {
  std::vector<std::byte> buffer(65536);
  transport.send(request.bytes());
  for (int i = 0; i < datagrams; ++i) transport.receive(buffer);
}

struct Asked {
  Wire request;
  int datagrams;
};
/// Sends the requests over one transport, receives their answers and ends the copy.
void record(Copy& copy, Script& script, std::initializer_list<Asked> requests) {
  OpenError error;
  const auto transport = copy.copy.over(open_script(script))(4, error);
  for (const Asked& asked : requests) ask(*transport, asked.request, asked.datagrams);
  copy.copy.finish();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dump_writer)

BOOST_AUTO_TEST_CASE(whole_answers_stay) {
  Script script;
  script.datagram(row(1)).datagram(end()).datagram(row(2)).datagram(end());
  Copy copy;
  record(copy, script, {{request(2), 2}, {request(10), 2}});
  BOOST_TEST((copy.text() == text_of({row(1), end(), row(2), end()})));
  BOOST_TEST(copy.copy.rewind_error() == 0);
}

BOOST_AUTO_TEST_CASE(a_broken_answer_is_taken_back) {
  Script script;
  script.datagram(row(1)).datagram(end()).datagram(row(2)).error(ENOBUFS);
  Copy copy;
  record(copy, script, {{request(2), 2}, {request(10), 2}});
  BOOST_TEST((copy.text() == text_of({row(1), end()})));
}

/// A new transport and a new sequence number, while the failed one still exists.
BOOST_AUTO_TEST_CASE(the_second_attempt_replaces_the_first) {
  Script first, second;
  first.datagram(row(1)).error(ENOBUFS);
  // The 9 is left over from the first attempt.
  second.datagram(row(9, 123455)).datagram(row(1, 123457)).datagram(row(2, 123457)).datagram(end(123457));
  Copy copy;
  OpenError error;
  const auto broken = copy.copy.over(open_script(first))(4, error);
  ask(*broken, request(2), 2);
  const auto transport = copy.copy.over(open_script(second))(4, error);
  ask(*transport, request(2, 123457), 4);
  copy.copy.finish();
  BOOST_TEST((copy.text() == text_of({row(1, 123457), row(2, 123457), end(123457)})));
}

/// The messages are complete, but the dump is requested again because a datagram was truncated or the table changed.
BOOST_AUTO_TEST_CASE(what_is_asked_for_again_replaces_a_whole_answer) {
  Script script;
  script.datagram(row(1)).truncated(row(2)).datagram(end()).datagram(row(1, 2)).datagram(row(2, 2)).datagram(end(2));
  Copy copy;
  record(copy, script, {{request(2), 3}, {request(2, 2), 3}});
  BOOST_TEST((copy.text() == text_of({row(1, 2), row(2, 2), end(2)})));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_no_answer) {
  Script script;
  script.datagram(refused(EPERM)).datagram(row(1)).datagram(end());
  Copy copy;
  record(copy, script, {{request(2), 1}, {request(0), 2}});
  BOOST_TEST((copy.text() == text_of({row(1), end()})));
}

BOOST_AUTO_TEST_CASE(a_pipe_does_not_go_back) {
  Script script;
  script.datagram(row(1)).error(ENOBUFS).datagram(row(1)).datagram(end());
  Copy copy(false);
  record(copy, script, {{request(2), 2}, {request(2), 2}});
  BOOST_TEST(copy.copy.rewind_error() == ESPIPE);
  BOOST_TEST((copy.text() == text_of({row(1), row(1), end()})));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_padded) {
  Script script;
  script.datagram(Wire().append(message(Wire().u32("error", 0), {.type = kDone})).u8("odd", 7));
  Copy copy;
  OpenError error;
  const auto transport = copy.copy.over(open_script(script))(4, error);
  ask(*transport, request(2), 1);
  BOOST_TEST(copy.text().size() == 24u);
}

BOOST_AUTO_TEST_SUITE_END()
