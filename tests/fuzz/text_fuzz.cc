// Arbitrary bytes as a /proc file: LineReader must return the same lines as a plain split, whatever its buffer size,
// and Cursor must stay within the line and always reach its end.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/base/cursor.h"
#include "src/base/fd.h"
#include "src/base/line_reader.h"

using namespace duostat;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Tries all reading functions in turn; skips a byte that none of them accepts.
void walk(std::string_view line, unsigned order) {
  Cursor cursor(line);
  for (std::size_t left = line.size(); !cursor.done(); order = order / 4 + 0x40000000u) {
    std::uint64_t number = 0;
    std::string_view word;
    const bool taken = (order & 3) == 0   ? cursor.hex(number)
                       : (order & 3) == 1 ? cursor.dec(number)
                                          : cursor.word(word);
    require(cursor.rest().data() + cursor.rest().size() == line.data() + line.size());
    require(taken == (cursor.rest().size() < left));
    if (!taken && !cursor.expect(cursor.rest().front())) std::abort();
    left = cursor.rest().size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t capacity = 1 + data[0];
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Fd file(memfd_create("fuzz", MFD_CLOEXEC));
  require(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  require(lseek(file.get(), 0, SEEK_SET) == 0);
  LineReader lines(file.get(), capacity);
  unsigned long number = 0, cut = 0;
  bool torn = false;
  for (std::string_view line; lines.next(line);) {
    require(!text.empty());
    const auto newline = text.find('\n');
    const std::string_view wanted = text.substr(0, newline);
    torn = newline == std::string_view::npos;
    cut += wanted.size() >= capacity;
    require(line == wanted.substr(0, capacity));
    require(lines.number() == ++number);
    walk(line, data[1] * 0x01010101u);
    text = torn ? std::string_view{} : text.substr(newline + 1);
  }
  require(text.empty() && lines.torn() == torn && lines.cut() == cut && lines.error() == 0);
  return 0;
}
