#include "fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/text/escape.h"

namespace fuzz {

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", std::string(what).c_str());
  std::abort();
}

void require_same(std::string_view got, std::string_view expected, std::string_view what) {
  if (got == expected) return;
  constexpr std::size_t most = 4096;
  std::fprintf(stderr, "got:      %s\nexpected: %s\n", asyncd::text::printable(got, most).c_str(),
               asyncd::text::printable(expected, most).c_str());
  require(false, what);
}

std::uint8_t Input::byte() {
  const std::string_view one = take(1);
  return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
}

std::size_t Input::small() {
  const std::uint8_t value = byte();
  return value >= '0' && value <= '9' ? std::size_t{value} - '0' : std::size_t{value};
}

std::uint64_t Input::number(std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{byte()} << (8 * i);
  return value;
}

std::string_view Input::take(std::size_t bytes) {
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(taken.size());
  return taken;
}

}  // namespace fuzz
