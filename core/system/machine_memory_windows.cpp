#include <windows.h>

#include "core/system/machine_memory.h"

namespace asyncd {

MachineMemory machine_memory() {
  MachineMemory memory;
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  if (::GlobalMemoryStatusEx(&status) == 0) return memory;
  memory.lower(status.ullTotalPhys, "machine");
  memory.lower(status.ullTotalVirtual, "address space");
  return memory;
}

}  // namespace asyncd
