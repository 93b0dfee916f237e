// What a word that is not known was probably meant to be. Pure functions, any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace asyncd::text {

// The candidate that `word` was probably meant to be, or nothing: the one with the least edit
// distance, of at most a third of its length (case, and '-' for '_', count as equal); failing that,
// the one that `word` begins.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

// "; did you mean 'X'?" or "".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace asyncd::text
