// What the process has freed, and its allocator may keep otherwise.
#pragma once

namespace asyncd {

// Before the first other thread: bounds how much the allocator may keep, by the cores that the
// process may use.
void bound_free_memory(unsigned cores) noexcept;

// Gives it back to the system. Takes the allocator's locks, and milliseconds where there is much:
// now and then. Any thread.
void return_free_memory() noexcept;

}  // namespace asyncd
