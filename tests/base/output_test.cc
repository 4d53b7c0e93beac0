// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/output.h"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "src/base/fd.h"

using duostat::Fd;
using duostat::FdSink;
using duostat::Output;
using duostat::StringSink;

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(keeps_order_across_full_buffers) {
  StringSink sink;
  {
    Output out(sink, 8);
    out.append("abc");
    out.append(std::string_view());
    out.append("defghijklmnop");  // longer than the buffer
    out.append('q');
    out.append(20, '.');
    char* at = out.reserve(2);
    *at++ = 'r';
    out.advance(at);
  }
  BOOST_TEST(sink.text == "abcdefghijklmnopq....................r");
}

BOOST_AUTO_TEST_CASE(keeps_the_first_error) {
  struct Full final : duostat::ByteSink {
    int write(std::string_view) noexcept override { return ++calls == 1 ? 28 : 5; }
    int calls = 0;
  } sink;
  Output out(sink, 4);
  out.append("abcd");
  out.append("efgh");
  out.append("ijkl");
  BOOST_TEST(out.flush() == 28);
  BOOST_TEST(sink.calls == 1);
}

boost::test_tools::assertion_result has_dev_full(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(access("/dev/full", W_OK) == 0);
  result.message() << "/dev/full cannot be written to";
  return result;
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told, *boost::unit_test::precondition(has_dev_full)) {
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  FdSink sink(full.get());
  BOOST_TEST(sink.write("x") == ENOSPC);
  BOOST_TEST(sink.write("") == 0);
  Output out(sink, 16);
  out.append("a row\n");
  BOOST_TEST(out.error() == 0);
  BOOST_TEST(out.flush() == ENOSPC);
  BOOST_TEST(out.error() == ENOSPC);
}

BOOST_AUTO_TEST_CASE(a_descriptor_gets_every_byte) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  Fd in(ends[0]), out(ends[1]);
  BOOST_TEST(FdSink(out.get()).write("all of it") == 0);
  out.reset();
  char buffer[16];
  BOOST_TEST(read(in.get(), buffer, sizeof buffer) == 9);
  BOOST_TEST(FdSink(-1).write("x") == EBADF);
}

BOOST_AUTO_TEST_CASE(output_left_in_the_buffer_is_written_at_the_end) {
  StringSink sink;
  {
    Output out(sink);
    out.append("last");
    BOOST_TEST(sink.text.empty());
  }
  BOOST_TEST(sink.text == "last");
}

BOOST_AUTO_TEST_SUITE_END()
