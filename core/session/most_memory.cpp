#include "core/session/most_memory.h"

#include <algorithm>
#include <bit>

#include "core/session/async_call.h"
#include "core/session/service.h"

namespace asyncd {

// A buffer doubles, so it has at most twice what it holds. Input: an unfinished message and what
// one read brings. Output: less than the high-water mark, and the reply that passes it, in either
// of two buffers.
std::uint64_t most_buffered(const Limits& limits) {
  constexpr std::uint64_t framing = 32;  // or what an error begins with
  const std::uint64_t most_input = limits.max_message + most_around_message;
  const std::uint64_t input = std::max(most_input + limits.input_buffer, 2 * most_input);
  const std::uint64_t output = std::max(
      limits.output_high_water + std::max<std::uint64_t>(limits.max_reply, least_window) + framing,
      2 * limits.output_high_water);
  return std::bit_ceil(input) + 2 * std::bit_ceil(output);
}

// Of each call: itself with its message, and a window that has grown.
std::uint64_t most_in_calls(const Service& service) {
  if (!service.asynchronous()) return 0;
  const Limits& limits = service.limits;
  const std::uint64_t call = std::bit_ceil(sizeof(AsyncCall) + limits.max_message + least_window);
  const std::uint64_t window =
      std::bit_ceil(std::max<std::uint64_t>(limits.max_reply, least_window));
  return limits.max_in_flight * (call + window);
}

}  // namespace asyncd
