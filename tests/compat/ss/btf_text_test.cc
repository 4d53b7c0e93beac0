// Values of BPF maps as text, compared with the output of ss 7.1.0 with libbpf 1.1.2 for the same bytes
// (tests/data/btf).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/btf_text.h"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "compat/ss/btf_declaration.h"
#include "tests/bpf/raw_btf.h"
#include "tests/recorded_data.h"

namespace duostat::ss {
namespace {

std::string directory() {
  const char* top = std::getenv("top_srcdir");
  return std::string(top != nullptr ? top : ".") + "/tests/data/btf/";
}

std::vector<std::byte> file(const std::string& name) {
  std::ifstream in(directory() + name, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    plain += !escape ? text[i] : text[++i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
  }
  return plain;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::string written(const Btf& btf, std::uint32_t type, Bytes value, bool oneline, int& error) {
  std::string text;
  error = put_btf_value(btf, type, value, oneline, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(btf_text)

// The recorded values have eight-byte pointers.
BOOST_AUTO_TEST_CASE(recorded_values, *little_endian_data<sizeof(void*) == 8>()) {
  std::map<std::string, Btf> types;
  std::ifstream lines(directory() + "values.tsv");
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const auto fields = fields_of(line);
    BOOST_REQUIRE(fields.size() == 6u);
    if (!types.contains(fields[0])) {
      auto btf = Btf::parse(file(fields[0] + ".btf"));
      BOOST_REQUIRE(btf.has_value());
      types.emplace(fields[0], std::move(*btf));
    }
    const auto type = static_cast<std::uint32_t>(std::stoul(fields[1]));
    const auto value = from_hex(fields[2]);
    for (const bool oneline : {false, true}) {
      int error = 0;
      BOOST_TEST(written(types[fields[0]], type, value, oneline, error) == unescaped(fields[oneline ? 5 : 4]), line);
      BOOST_TEST(error == std::stoi(fields[3]));
    }
    ++rows;
  }
  BOOST_TEST(rows > 100u);
}

// No type and no size of value leads to a read beyond the value.
BOOST_AUTO_TEST_CASE(short_values) {
  for (const char* name : {"kinds.btf", "arrays.btf", "bits.btf", "failures.btf"}) {
    const auto btf = Btf::parse(file(name));
    if (std::endian::native != std::endian::little) continue;
    BOOST_REQUIRE(btf.has_value());
    for (std::uint32_t type = 0; type < 200; ++type) {
      declaration(*btf, type);
      for (std::size_t size = 0; size < 24; ++size) {
        const std::vector<std::byte> value(size, std::byte{0x41});
        int error = 0;
        written(*btf, type, value, true, error);
        const auto whole = btf->size_of(type);
        BOOST_TEST((error != 0 || (whole && *whole <= size)));
      }
    }
  }
}

/// BTF with these words of types and an empty string table.
std::vector<std::byte> btf_of(std::initializer_list<std::uint32_t> types) {
  return wire::raw_btf(wire::Wire().words("types", types), {"\0", 1});
}

// Clang's and GCC's sanitizers abort if it shifts by the full width of a number.
BOOST_AUTO_TEST_CASE(a_signed_number_of_no_bytes_is_zero) {
  constexpr std::uint32_t kInt = 1u << 24, kSigned = 1u << 24;
  const std::vector<std::byte> raw = btf_of({0, kInt, 0, kSigned});
  const auto btf = Btf::parse(raw);
  BOOST_REQUIRE(btf.has_value());
  int error = 0;
  BOOST_TEST(written(*btf, 1, Bytes(raw).first(4), true, error) == "()0");
}

// Big-endian compilers begin with the highest bits.
BOOST_AUTO_TEST_CASE(bit_fields_lie_where_this_compiler_puts_them) {
  struct Bits {
    std::uint32_t three : 3, seven : 7, rest : 22;
  };
  constexpr std::uint32_t kInt = 1u << 24, kStructOfBits = 1u << 31 | 4u << 24;
  const std::vector<std::byte> raw = btf_of({0, kInt, 4, 32,             // 1
                                             0, kStructOfBits | 2, 4,    // 2
                                             0, 1, 3u << 24, 0, 1, 7u << 24 | 3});
  const auto btf = Btf::parse(raw);
  BOOST_REQUIRE(btf.has_value());
  const Bits bits{5, 100, 0};
  int error = 0;
  const std::string text = written(*btf, 2, std::as_bytes(std::span(&bits, 1)), true, error);
  BOOST_TEST(error == 0);
  BOOST_TEST(text.find(")0x5,") < text.find(")0x64,"), text);
  BOOST_TEST(text.find(")0x64,") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(an_array_without_end_is_given_up) {
  constexpr std::uint32_t kStruct = 4u << 24, kInt = 1u << 24, kArray = 3u << 24;
  const std::vector<std::byte> raw = btf_of({0, kStruct, 0,                    // 1: an empty structure
                                             0, kInt, 4, 32,                   // 2: the type of the index
                                             0, kArray, 0, 1, 2, 0xffffffff});  // 3
  const auto btf = Btf::parse(raw);
  BOOST_REQUIRE(btf.has_value());
  std::size_t pieces = 0;
  put_btf_value(*btf, 3, Bytes(raw).first(4), true, [&](std::string_view) { ++pieces; });
  BOOST_TEST(pieces > 1000u);
  BOOST_TEST(pieces < 10'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
