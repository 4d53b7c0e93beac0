// Arbitrary bytes as what the kernel's tracepoint gives: the text that describes its records, a page of the trace
// buffer, the ring of perf_event_open(2). The first byte selects the row.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <string_view>
#include <utility>
#include <vector>

#include "src/collect/perf_records.h"
#include "src/collect/trace_format.h"
#include "src/collect/trace_page.h"
#include "tests/collect/trace_format_sample.h"
#include "tests/fuzz/input.h"

using namespace duostat;
using fuzz::require;

namespace {

bool inside(Bytes part, Bytes whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

TraceFormat known_format() {
  std::string_view missing;
  const auto format = TraceFormat::parse(test::kTraceFormat, missing);
  require(format.has_value(), "the recorded format is understood");
  return *format;
}

/// The text of a format, a NUL byte, and a record.
void format(fuzz::Input input) {
  const std::string_view text = input.rest_text();
  const auto end = std::min(text.find('\0'), text.size());
  std::string_view missing;
  const auto parsed = TraceFormat::parse(text.substr(0, end), missing);
  require(parsed.has_value() || !missing.empty(), "a format that is refused lacks a field");
  StateRecord record;
  const Bytes raw = input.rest().subspan(std::min(end + 1, text.size()));
  if (parsed) parsed->decode(raw, record);
  known_format().decode(raw, record);
}

void page(fuzz::Input input) {
  const std::uint8_t flags = input.byte();
  const TracePageLayout layout{(flags & 1) != 0 ? std::size_t{4} : std::size_t{8},
                               (flags & 2) != 0 ? std::endian::big : std::endian::little};
  const TraceFormat format = known_format();
  std::size_t bytes = 0;
  read_trace_page(
      input.rest(),
      [&](std::int64_t, Bytes raw) {
        require(inside(raw, input.rest()), "a record is a part of its page");
        bytes += raw.size();
        StateRecord record;
        format.decode(raw, record);
      },
      layout);
  require(bytes <= input.rest().size(), "no byte belongs to two records");
}

void ring(fuzz::Input input) {
  PerfRing ring{.tail = input.number()};
  ring.head = ring.tail + input.word();
  std::vector<std::byte> data(std::bit_floor(std::clamp<std::size_t>(input.rest().size(), 8, 4096)));
  std::copy_n(input.rest().begin(), std::min(data.size(), input.rest().size()), data.begin());
  ring.data = data;
  PerfCounts counts;
  const std::uint64_t tail = read_perf_records(ring, known_format(), counts, [](StateRecord&&) {});
  require(tail - ring.tail <= ring.head - ring.tail || counts.malformed != 0, "reading ends at the newest record");
}

constexpr void (*kRows[])(fuzz::Input) = {format, page, ring};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto row = kRows[input.byte() % std::size(kRows)];
  row(input);
  return 0;
}
