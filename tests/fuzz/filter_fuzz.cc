// Arbitrary words as a filter: the first byte selects the context, zero bytes separate words. A filter that parses must
// survive being shown, evaluated, compiled and run; a filter that compiles must be a program that the kernel would
// accept.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "compat/ss/filter_errors.h"
#include "src/diag/bytecode.h"
#include "src/query/eval.h"
#include "src/query/parser.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

namespace {

constexpr Family kFamilies[] = {Family::unspecified, Family::inet,  Family::inet6, Family::unix_domain, Family::packet,
                                Family::netlink,     Family::vsock, Family::tipc,  Family::xdp};

std::vector<std::string> split_at_zero(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto zero = std::min(text.find('\0'), text.size());
    words.emplace_back(text.substr(0, zero));
    text.remove_prefix(std::min(zero + 1, text.size()));
  }
  return words;
}

void require(bool condition) {
  if (!condition) std::abort();
}

void check_error(const FilterError& error, const std::vector<std::string>& words) {
  require(error.word <= words.size());
  if (error.word < words.size()) require(error.offset + error.length <= words[error.word].size());
  for (const bool terminal : {false, true}) require(ss::filter_failure(error, words, terminal).status != 0);
}

void check_expr(const Expr& expr) {
  require(!dump(expr).empty());
  const std::vector<std::byte> program = compile_bytecode(expr);
  require(!disassemble(program).starts_with("invalid"));
  const UnixDetail name{.name = "/run/x"};
  for (const Family family : kFamilies) {
    Socket socket;
    socket.family = family;
    socket.unix_domain = family == Family::unix_domain ? &name : nullptr;
    matches(expr, socket, EvalContext{});
    BytecodeEntry entry;
    entry.family = family;
    run_bytecode(program, entry);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<std::string> words = split_at_zero({reinterpret_cast<const char*>(data) + 1, size - 1});
  MapLookup names;
  const ParserContext context{names, (data[0] & 1) != 0, (data[0] & 2) != 0,
                              kFamilies[(data[0] >> 3) % std::size(kFamilies)], (data[0] & 4) != 0};
  const Parsed parsed = parse_filter(words, context);
  require(!(parsed.expr && !parsed.ok()));
  if (!parsed.ok()) check_error(parsed.error, words);
  if (parsed.expr) check_expr(*parsed.expr);
  run_bytecode({reinterpret_cast<const std::byte*>(data), size}, BytecodeEntry{});
  return 0;
}
