// Cores: the processors that a process may run on. Where a system does not tell, or let us choose, all of this is
// empty. Plain values.
#pragma once

#include <cstdint>
#include <vector>

namespace asyncd {

// Processor numbers.
using Cores = std::vector<unsigned>;

Cores own_cores();
unsigned own_core_count();  // of the whole machine where the system does not tell; at least 1
Cores cores_of(std::uint64_t process);
// Moves this thread, and the children that it starts from now on; false: cannot be.
bool move_to(const Cores& cores);

}  // namespace asyncd
