// Input other than sockets from outside: rpcbind's reply, and BPF type information with a value to be formatted by it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compat/ss/btf_text.h"
#include "src/bpf/btf.h"
#include "src/names/rpc_programs.h"

using namespace duostat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  std::uint32_t transaction = 0;
  read_at(bytes, 0, transaction);  // a hostile rpcbind uses the right one
  parse_rpcbind_dump(bytes, __builtin_bswap32(transaction));

  const std::optional<Btf> btf = Btf::parse({bytes.begin(), bytes.end()});
  if (!btf) return 0;
  constexpr std::uint32_t kTypes = 32;
  constexpr std::size_t kValue = 64;
  for (std::uint32_t id = 0; id < kTypes; ++id) {
    const BtfType type = btf->type(id);
    btf->size_of(id);
    btf->resolved(id);
    ss::put_btf_value(*btf, id, bytes.first(std::min(size, kValue)), true, [](std::string_view) {});
    for (std::size_t row = 0; row < type.count && row < kTypes; ++row) {
      btf->member(type, row);
      btf->enumerator(type, row);
      btf->parameter(type, row);
    }
  }
  return 0;
}
