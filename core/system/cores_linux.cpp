#include <sched.h>

#include "core/system/cgroup_linux.h"
#include "core/system/cores.h"

namespace asyncd {

Cores cores_of(std::uint64_t process) {
  cpu_set_t set;
  CPU_ZERO(&set);
  Cores cores;
  if (::sched_getaffinity(static_cast<pid_t>(process), sizeof set, &set) != 0) return cores;
  for (unsigned core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  return cores;
}

Cores own_cores() { return cores_of(0); }

std::optional<double> own_core_quota() { return cgroup_limits().cores; }

bool move_to(const Cores& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned core : cores) CPU_SET(core, &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace asyncd
