// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/nearest.h"

#include <algorithm>
#include <array>

namespace duostat {
namespace {

/// Longer than any candidate. The time grows with the product of the lengths.
constexpr std::size_t kLongestWord = 64;

constexpr char plain(char c) { return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment: Levenshtein distance with swaps of neighbours. Both words are at most kLongestWord long.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongestWord + 1>;
  Row rows[3]{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = rows[i % 3];
    const Row &above = rows[(i + 2) % 3], &second = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = plain(a[i - 1]) == plain(b[j - 1]);
      row[j] = std::min({above[j - 1] + (same ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      const bool swapped =
          i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], second[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

bool begins_with(std::string_view candidate, std::string_view word) {
  const std::string_view begin = candidate.substr(0, word.size());
  return std::ranges::equal(begin, word, {}, plain, plain);
}

/// True if the part after the last underscore or hyphen of `candidate` is `word`.
bool ends_with_part(std::string_view candidate, std::string_view word) {
  return candidate.size() > word.size() && begins_with(candidate.substr(candidate.size() - word.size()), word) &&
         plain(candidate[candidate.size() - word.size() - 1]) == '_';
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
  constexpr std::size_t kShortestPrefix = 2, kEdits = 3;  // one edit for so many characters
  word = word.substr(0, kLongestWord);
  std::string_view prefixed, similar;
  std::size_t least = word.size() / kEdits + 1;
  constexpr std::size_t kShortestPart = 4;
  if (word.size() >= kShortestPart) {
    const auto part = std::ranges::find_if(words, [&](std::string_view w) { return ends_with_part(w, word); });
    if (part != words.end()) return *part;
  }
  for (const std::string_view candidate : words) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    const bool shorter = prefixed.empty() || candidate.size() < prefixed.size();
    if (word.size() >= kShortestPrefix && shorter && begins_with(candidate, word)) prefixed = candidate;
    // At least as many edits as the lengths differ.
    const std::size_t shift = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    const std::size_t edits = prefixed.empty() && shift < least ? distance(word, candidate) : least;
    if (edits < least) least = edits, similar = candidate;
  }
  return prefixed.empty() ? similar : prefixed;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> words, std::string_view before) {
  const std::string_view meant = nearest(word, words);
  return meant.empty() ? std::string() : std::string("; did you mean ").append(before).append(meant).append("?");
}

}  // namespace duostat
