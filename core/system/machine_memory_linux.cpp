#include <sys/resource.h>
#include <unistd.h>

#include "core/system/cgroup_linux.h"
#include "core/system/machine_memory.h"

namespace asyncd {

MachineMemory machine_memory() {
  MachineMemory memory;
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    memory.lower(static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page), "machine");
  memory.lower(cgroup_limits().memory.value_or(0), "control group");
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    memory.lower(space.rlim_cur, "address space");
  return memory;
}

}  // namespace asyncd
