// Stands in for libFuzzer where a target is built without it: runs the inputs of the given directories, then mutations
// of them, each run the same. It looks at no coverage, so it finds less; but it needs no clang++.
//
//   fuzz_NAME [-runs=N] [DIRECTORY...]
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                                                     std::size_t max_size, unsigned seed);
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kMost = 4096;

/// xorshift64: the same numbers in every run and on every machine.
std::uint64_t next_random() {
  static std::uint64_t state = 0x9e3779b97f4a7c15;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next_random() % limit); }

std::vector<Input> read_inputs(const std::vector<std::string>& directories) {
  std::vector<std::string> paths;
  for (const std::string& directory : directories)
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // the order of a directory is not that of another machine
  std::vector<Input> inputs;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void run(const Input& input) {
  // Exactly as large as the input, so that AddressSanitizer sees a read beyond it.
  const Input copy(input);
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

Input mutated(const Input& input) {
  Input next = input;
  const std::size_t size = std::min(next.size(), kMost);
  next.resize(kMost);
  for (std::size_t left = 1 + below(4), now = size; left > 0; --left) {
    now = LLVMFuzzerCustomMutator != nullptr
              ? LLVMFuzzerCustomMutator(next.data(), now, kMost, static_cast<unsigned>(next_random()))
              : LLVMFuzzerMutate(next.data(), now, kMost);
    if (left == 1) next.resize(now);
  }
  return next;
}

}  // namespace

/// One change: a byte, a bit, an interesting number, bytes removed, inserted or copied.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size) {
  constexpr std::uint8_t kInteresting[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', ':', '0', '"', '<', '\\', 0x1b};
  if (size == 0) return max_size == 0 ? 0 : (data[0] = static_cast<std::uint8_t>(next_random()), 1);
  const std::size_t at = below(size);
  switch (below(6)) {
    case 0: data[at] = static_cast<std::uint8_t>(next_random()); return size;
    case 1: data[at] ^= static_cast<std::uint8_t>(1u << below(8)); return size;
    case 2: data[at] = kInteresting[below(std::size(kInteresting))]; return size;
    case 3: {
      const std::size_t length = 1 + below(std::min<std::size_t>(size - at, 16));
      std::memmove(data + at, data + at + length, size - at - length);
      return size - length;
    }
    case 4: {
      const std::size_t length = std::min<std::size_t>(1 + below(8), max_size - size);
      std::memmove(data + at + length, data + at, size - at);
      std::generate_n(data + at, length, [] { return static_cast<std::uint8_t>(next_random()); });
      return size + length;
    }
    default: {
      const std::size_t from = below(size), length = 1 + below(size - std::max(at, from));
      std::memmove(data + at, data + from, length);
      return size;
    }
  }
}

int main(int argc, char** argv) {
  std::size_t runs = 0;
  std::vector<std::string> directories;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    constexpr std::string_view kRuns = "-runs=";
    if (word.starts_with(kRuns))
      runs = std::strtoul(argv[i] + kRuns.size(), nullptr, 10);
    else if (!word.starts_with('-'))
      directories.emplace_back(word);
  }
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::vector<Input> inputs = read_inputs(directories);
  std::size_t done = 0;
  for (const Input& input : inputs) run(input), ++done;
  if (inputs.empty()) inputs.emplace_back();
  for (; done < runs; ++done) run(mutated(inputs[below(inputs.size())]));
  std::fprintf(stderr, "Done %zu runs\n", done);
  return 0;
}
