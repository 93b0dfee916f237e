// What is counted on a connection. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/members.h"

namespace asyncd {

struct SessionCounters {
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;  // replies of any kind
  std::uint64_t errors_sent = 0;    // those that begin with "error: "
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;

  SessionCounters& operator+=(const SessionCounters& other);
  bool operator==(const SessionCounters&) const = default;
};

// Each of them, for all that sums or copies them.
inline constexpr std::array session_counters{
    &SessionCounters::messages_received, &SessionCounters::messages_sent,
    &SessionCounters::errors_sent, &SessionCounters::bytes_received, &SessionCounters::bytes_sent};
static_assert(session_counters.size() == member_count<SessionCounters>);

inline SessionCounters& SessionCounters::operator+=(const SessionCounters& other) {
  for (const auto counter : session_counters) this->*counter += other.*counter;
  return *this;
}

}  // namespace asyncd
