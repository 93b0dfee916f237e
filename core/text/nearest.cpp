#include "core/text/nearest.h"

#include <algorithm>
#include <vector>

namespace asyncd::text {
namespace {

// Differences that do not count: case, and the two ways to write a gap between words.
char folded(char letter) {
  if (letter >= 'A' && letter <= 'Z') return static_cast<char>(letter - 'A' + 'a');
  return letter == '_' ? '-' : letter;
}

bool same(char left, char right) { return folded(left) == folded(right); }

// How many letters to insert, drop, replace or swap with a neighbour to get from one word to the
// other.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1), last(right.size() + 1),
      current(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (same(left[i - 1], right[j - 1]) ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped =
          i > 1 && j > 1 && same(left[i - 1], right[j - 2]) && same(left[i - 2], right[j - 1]);
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[right.size()];
}

bool begins_with(std::string_view candidate, std::string_view word) {
  return candidate.size() >= word.size() &&
         std::equal(word.begin(), word.end(), candidate.begin(), same);
}

// The candidate that `word` is the beginning of; of several the one that the others begin with, or
// nothing.
std::optional<std::string_view> completion(std::string_view word,
                                           std::span<const std::string_view> candidates) {
  std::optional<std::string_view> found;
  for (const std::string_view candidate : candidates) {
    if (!begins_with(candidate, word)) continue;
    if (!found || begins_with(*found, candidate))
      found = candidate;
    else if (!begins_with(candidate, *found))
      return std::nullopt;
  }
  return found;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t most = longer / 3;
    if (longer - std::min(word.size(), candidate.size()) > most) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > most || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  if (best || word.size() < 2) return best;
  return completion(word, candidates);
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? "; did you mean '" + std::string(*meant) + "'?" : "";
}

}  // namespace asyncd::text
