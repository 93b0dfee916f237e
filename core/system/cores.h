// Cores: the processors that a process may run on. Where a system does not tell, or let us choose,
// all of this is empty. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace asyncd {

// Processor numbers.
using Cores = std::vector<unsigned>;

Cores own_cores();

// How much of the machine this process may use.
struct CoreShare {
  // that it may run on; of the whole machine where the system does not tell
  unsigned cores = 1;
  std::optional<double> quota;  // the time that a control group or a job object allows it, in cores

  unsigned usable() const;         // the smaller of both, rounded up
  std::string quota_text() const;  // "0.4", or empty
  std::string text() const;        // "cores=2 quota=0.4"
};
CoreShare core_share();
Cores cores_of(std::uint64_t process);
std::optional<double> own_core_quota();
// Moves this thread, and the children that it starts from now on; false: cannot be.
bool move_to(const Cores& cores);

}  // namespace asyncd
