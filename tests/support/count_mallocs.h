// Counts the process's allocations, of whatever kind and in whatever library: operator new, too,
// comes down to malloc. Linking count_mallocs_linux.cpp puts a counting malloc before the system's;
// under a sanitizer, whose own it must be, the sanitizer is asked to tell. Any thread.
#pragma once

#include <cstdint>

namespace asyncd::test {

// Since the start of the process, by all threads that are counted: those that were not taken out.
std::uint64_t mallocs_counted();

// What this thread allocates is not counted from now on.
void do_not_count_this_thread();

}  // namespace asyncd::test
