#include <sys/sysctl.h>
#include <sys/types.h>

#include "core/system/machine_memory.h"

namespace asyncd {

MachineMemory machine_memory() {
  MachineMemory memory;
  std::uint64_t bytes = 0;
  std::size_t size = sizeof bytes;
  if (::sysctlbyname("hw.memsize", &bytes, &size, nullptr, 0) == 0) memory.lower(bytes, "machine");
  return memory;
}

}  // namespace asyncd
