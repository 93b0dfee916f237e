// Of this process alone: macOS tells the rest to its own tools.
#include <sys/resource.h>

#include "cmd/bench/system/usage.h"

namespace asyncd::bench {

struct UsageProbe::State {};

UsageProbe::UsageProbe(std::uint64_t) {}
UsageProbe::~UsageProbe() = default;
Usage UsageProbe::read() const { return {}; }

Usage own_usage() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  Usage usage;
  usage.cpu = std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
              std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  return usage;
}

std::uint64_t find_listener(const Peer&) { return 0; }

}  // namespace asyncd::bench
