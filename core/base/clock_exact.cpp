// Where the system has none.
#include "core/base/clock.h"

namespace asyncd {

Instant coarse_now() { return Clock::now(); }

}  // namespace asyncd
