// macOS has no way to say where a process runs.
#include "cmd/asyncd/bench/cores.h"

namespace asyncd::bench {

Cores own_cores() { return {}; }
bool move_to(const Cores&) { return false; }
Cores cores_of(std::uint64_t) { return {}; }

}  // namespace asyncd::bench
