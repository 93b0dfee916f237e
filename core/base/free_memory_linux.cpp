#include <malloc.h>

#include "core/base/free_memory.h"

namespace asyncd {

// Other C libraries keep little.
void return_free_memory() noexcept {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace asyncd
