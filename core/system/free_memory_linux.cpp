#include <malloc.h>

#include <algorithm>
#include <cstdlib>

#include "core/system/free_memory.h"

namespace asyncd {

// Other C libraries keep little. Of glibc's arenas each keeps the free end of its memory, up to
// twice the largest block that it has had, and malloc_trim does not return that; by default there
// may be eight arenas for each core.
void bound_free_memory([[maybe_unused]] unsigned cores) noexcept {
#ifdef __GLIBC__
  constexpr unsigned least = 4;
  const bool chosen =
      std::getenv("MALLOC_ARENA_MAX") != nullptr || std::getenv("GLIBC_TUNABLES") != nullptr;
  if (!chosen) ::mallopt(M_ARENA_MAX, static_cast<int>(std::max(least, 2 * cores)));
#endif
}

void return_free_memory() noexcept {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace asyncd
