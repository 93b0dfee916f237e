// macOS has no way to say where a process runs.
#include "core/system/cores.h"

namespace asyncd {

Cores own_cores() { return {}; }
std::optional<double> own_core_quota() { return std::nullopt; }
bool move_to(const Cores&) { return false; }
Cores cores_of(std::uint64_t) { return {}; }

}  // namespace asyncd
