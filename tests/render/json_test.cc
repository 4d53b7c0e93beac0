// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/json.h"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace duostat;

namespace {

template <class Write>
std::string written(Write write) {
  StringSink sink;
  Output out(sink);
  Json json(out);
  write(json);
  out.flush();
  return sink.text;
}

std::string text_of(std::string_view bytes) {
  return written([&](Json& json) {
    json.begin_object();
    json.text("comm", bytes);
    json.end_object();
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(numbers_keep_their_value) {
  const std::string text = written([](Json& json) {
    json.begin_array();
    json.value(std::numeric_limits<std::uint64_t>::max());
    json.value(std::numeric_limits<std::int64_t>::min());
    json.value(0.125);
    json.value(std::numeric_limits<double>::infinity());
    json.value(true);
    json.null();
    json.end_array();
  });
  BOOST_TEST(text == "[18446744073709551615,-9223372036854775808,0.125,null,true,null]");
}

BOOST_AUTO_TEST_CASE(utf8_stays_as_it_is) {
  BOOST_TEST(text_of("gr\xc3\xbc\xc3\x9f") == "{\"comm\":\"gr\xc3\xbc\xc3\x9f\"}");
}

BOOST_AUTO_TEST_CASE(controls_and_quotes_are_escaped) {
  BOOST_TEST(text_of(std::string_view("a\n\"\\\0b", 6)) == R"({"comm":"a\n\"\\\u0000b"})");
}

BOOST_AUTO_TEST_CASE(what_a_terminal_acts_upon_is_escaped) {
  BOOST_TEST(text_of("\x1b\x7f\xc2\x80\xc2\x9b\xc2\xa0\t\b\f\r") ==
             "{\"comm\":\"\\u001B\\u007F\\u0080\\u009B\xc2\xa0\\t\\b\\f\\r\"}");
  BOOST_TEST(text_of("\u202a\u202e\u2066\u2069\u2028\u2029\u2027\u2065") ==
             "{\"comm\":\"\\u202A\\u202E\\u2066\\u2069\\u2028\\u2029\u2027\u2065\"}");
  BOOST_TEST(written([](Json& json) {
               json.begin_array();
               json.element_text("\xc2\x9b[31m");
               json.end_array();
             }) == R"(["\u009B[31m"])");
}

BOOST_AUTO_TEST_CASE(other_bytes_are_in_a_member_of_their_own) {
  BOOST_TEST(text_of("a\xff\xfe" "b") == "{\"comm\":\"a\xef\xbf\xbd\xef\xbf\xbd" "b\",\"comm_hex\":\"61fffe62\"}");
}

BOOST_AUTO_TEST_CASE(truncated_overlong_and_surrogate_sequences_are_not_utf8) {
  for (const std::string_view bytes : {"\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"})
    BOOST_TEST(text_of(bytes).find("comm_hex") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_document_a_line) {
  const std::string text = written([](Json& json) {
    for (int i = 0; i < 2; ++i) {
      json.begin_object();
      json.member("row", i);
      json.end_object();
      json.end_line();
    }
  });
  BOOST_TEST(text == "{\"row\":0}\n{\"row\":1}\n");
}

BOOST_AUTO_TEST_SUITE_END()
