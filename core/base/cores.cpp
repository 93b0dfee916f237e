#include "core/base/cores.h"

#include <algorithm>
#include <thread>

namespace asyncd {

unsigned own_core_count() {
  const auto own = static_cast<unsigned>(own_cores().size());
  return own != 0 ? own : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace asyncd
