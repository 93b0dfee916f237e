// Rates that are asked of clients: min_send_rate and min_receive_rate.
#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace asyncd {

// A client's rate is judged over so long. A thread that looks at it later than rate_look was held
// up itself, and does not judge.
inline constexpr Duration rate_grace = std::chrono::seconds(5);
inline constexpr Duration rate_look = std::chrono::seconds(1);

// How long `bytes` take.
inline Duration time_of(std::uint64_t bytes, std::uint64_t bytes_a_second) {
  constexpr std::uint64_t most = 1'000'000'000;  // seconds
  const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_a_second);
  if (seconds >= most) return unlimited_time;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace asyncd
