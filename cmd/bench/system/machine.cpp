#include "cmd/bench/system/machine.h"

#include <algorithm>
#include <thread>

namespace asyncd::bench {

unsigned core_count() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace asyncd::bench
