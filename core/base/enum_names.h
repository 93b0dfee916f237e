// Enums whose values count from 0 and have names. Such an enum has one table: a function
//     constexpr std::string_view name_of(E)
// beside it, whose switch has a case for each value and no default, and after which it returns "".
// The compiler refuses a switch without all values; what else is asked of the enum is found here.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace asyncd {

template <class E>
constexpr std::size_t count_values() {
  std::size_t count = 0;
  while (!name_of(static_cast<E>(count)).empty()) ++count;
  return count;
}

template <class E>
inline constexpr std::size_t value_count = count_values<E>();

template <class E>
constexpr std::optional<E> value_named(std::string_view name) {
  for (std::size_t i = 0; i < value_count<E>; ++i)
    if (name_of(static_cast<E>(i)) == name) return static_cast<E>(i);
  return std::nullopt;
}

// In their order.
template <class E>
constexpr std::array<std::string_view, value_count<E>> names_of() {
  std::array<std::string_view, value_count<E>> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = name_of(static_cast<E>(i));
  return names;
}

}  // namespace asyncd
