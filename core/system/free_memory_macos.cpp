#include <malloc/malloc.h>

#include "core/system/free_memory.h"

namespace asyncd {

void bound_free_memory(unsigned) noexcept {}

void return_free_memory() noexcept { ::malloc_zone_pressure_relief(nullptr, 0); }

}  // namespace asyncd
