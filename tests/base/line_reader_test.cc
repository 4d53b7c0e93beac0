// Lines, at every division of the file into blocks.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/line_reader.h"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "src/base/fd.h"
#include "tests/base/scratch.h"

using namespace duostat;

namespace {

Fd open_file(const std::string& path) { return Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

/// Each line in brackets, then the reader's state at the end.
std::string read_all(std::string_view text, std::size_t capacity) {
  const test::Scratch scratch;
  const Fd fd = open_file(scratch.write("file", text));
  LineReader lines(fd.get(), capacity);
  std::string result;
  for (std::string_view line; lines.next(line);) result.append("[").append(line).append("]");
  if (lines.torn()) result += " torn";
  if (lines.cut() != 0) result += " cut " + std::to_string(lines.cut());
  if (lines.error() != 0) result += " error";
  return result + " " + std::to_string(lines.number());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_reader)

BOOST_AUTO_TEST_CASE(lines_by_example) {
  struct {
    std::string_view text, wanted;
  } const kCases[] = {
      {"", " 0"},
      {"\n", "[] 1"},
      {"a\n\nb\n", "[a][][b] 3"},
      {"a\nb", "[a][b] torn 2"},
      {"1234567\n1234567\n", "[1234567][1234567] 2"},
      {"12345678\nx\n", "[12345678][x] cut 1 2"},  // eight bytes and a newline exceed a buffer of eight
      {"123456789\nx\n", "[12345678][x] cut 1 2"},
      {"12345678901234567890\nx\n", "[12345678][x] cut 1 2"},
      {"12345678\n\nx\n", "[12345678][][x] cut 1 3"},
      {"123456789\n123456789\n", "[12345678][12345678] cut 2 2"},
      {"a\n123456789", "[a][12345678] torn cut 1 2"},
      {"a\n12345678", "[a][12345678] torn cut 1 2"},
  };
  for (const auto& c : kCases) BOOST_TEST(read_all(c.text, 8) == c.wanted, c.text << " gives " << read_all(c.text, 8));
}

BOOST_AUTO_TEST_CASE(the_block_size_does_not_matter) {
  std::string text, wanted;
  for (int i = 0; i < 400; ++i) {
    const std::string line(static_cast<std::size_t>(i * 7 % 60), static_cast<char>('a' + i % 26));
    text += line + "\n";
    wanted += "[" + line + "]";
  }
  for (const std::size_t capacity : {61u, 64u, 100u, 4096u, 65536u})
    BOOST_TEST(read_all(text, capacity) == wanted + " 400");
}

BOOST_AUTO_TEST_CASE(a_line_in_two_reads) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  Fd in(ends[0]), out(ends[1]);
  LineReader lines(in.get(), 16);
  BOOST_REQUIRE(write(out.get(), "one\ntwo\nth", 10) == 10);
  std::string_view line;
  BOOST_TEST(lines.next(line));
  BOOST_TEST(line == "one");
  BOOST_TEST(lines.number() == 1u);
  BOOST_TEST(lines.next(line));
  BOOST_TEST(line == "two");
  BOOST_REQUIRE(write(out.get(), "ree\n", 4) == 4);
  out.reset();
  BOOST_TEST(lines.next(line));
  BOOST_TEST(line == "three");
  BOOST_TEST(!lines.next(line));
  BOOST_TEST(!lines.torn());
  BOOST_TEST(!lines.next(line));  // still at the end
}

BOOST_AUTO_TEST_CASE(a_read_that_fails) {
  const Fd directory = open_file("/");
  LineReader lines(directory.get());
  std::string_view line;
  BOOST_TEST(!lines.next(line));
  BOOST_TEST(lines.error() == EISDIR);
  BOOST_TEST(!lines.torn());
  LineReader none(-1);
  BOOST_TEST(!none.next(line));
  BOOST_TEST(none.error() == EBADF);
}

BOOST_AUTO_TEST_SUITE_END()
