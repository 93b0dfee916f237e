// Windows tells none of it.
#include "cmd/bench/system/contention.h"

namespace asyncd::bench {

std::optional<CoreTimes> core_times(const std::string&) { return std::nullopt; }
std::optional<GroupTimes> throttled_times(std::uint64_t, const std::string&) {
  return std::nullopt;
}
Duration core_tick() { return {}; }

}  // namespace asyncd::bench
