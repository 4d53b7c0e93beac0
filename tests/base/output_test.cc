// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/output.h"

#include <boost/test/unit_test.hpp>

using duostat::Output;
using duostat::StringSink;

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(keeps_order_across_full_buffers) {
  StringSink sink;
  {
    Output out(sink, 8);
    out.append("abc");
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

BOOST_AUTO_TEST_SUITE_END()
