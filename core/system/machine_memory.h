// How much memory this process may have. Start-up and reload only.
#pragma once

#include <cstdint>
#include <string>

namespace asyncd {

struct MachineMemory {
  std::uint64_t bytes = 0;  // 0: the system does not tell
  std::string source;       // what bounds it: "machine", "control group", "address space"

  // Another bound, where it is lower.
  void lower(std::uint64_t other, const char* its_source) {
    if (other == 0 || (bytes != 0 && other >= bytes)) return;
    bytes = other;
    source = its_source;
  }
};

MachineMemory machine_memory();

}  // namespace asyncd
