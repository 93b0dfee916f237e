#include <malloc.h>

#include "core/system/free_memory.h"

namespace asyncd {

void bound_free_memory(unsigned) noexcept {}

void return_free_memory() noexcept { ::_heapmin(); }

}  // namespace asyncd
