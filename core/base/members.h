// How many members a plain struct has. A table with a row for each of them checks its size by this
// where it is compiled, so that none is forgotten.
#pragma once

#include <cstddef>
#include <utility>

namespace asyncd {
namespace members {

struct Anything {
  template <class T>
  operator T() const noexcept;
};
template <std::size_t>
using AnythingFor = Anything;

template <class Struct, std::size_t... indexes>
constexpr bool are_enough(std::index_sequence<indexes...>) {
  return requires { Struct{AnythingFor<indexes>{}...}; };
}

template <class Struct, std::size_t count>
constexpr std::size_t count_from() {
  if constexpr (are_enough<Struct>(std::make_index_sequence<count + 1>{}))
    return count_from<Struct, count + 1>();
  else
    return count;
}

}  // namespace members

template <class Struct>
inline constexpr std::size_t member_count = members::count_from<Struct, 0>();

}  // namespace asyncd
