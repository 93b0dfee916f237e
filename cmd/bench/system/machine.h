// Machine: where a result was measured, for who reads it later: what is not readable here is left
// out. Plain values.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace asyncd::bench {

// a key for programs, and its value
using Facts = std::vector<std::pair<std::string, std::string>>;

// Kernel, processor, limits and settings of this machine.
Facts machine_facts();

// Of the whole machine, whichever this process may run on.
unsigned core_count();

}  // namespace asyncd::bench
