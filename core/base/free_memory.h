// What the process has freed goes back to the system, which its allocator may keep otherwise. Takes the allocator's
// locks, and milliseconds where there is much: now and then. Any thread.
#pragma once

namespace asyncd {

void return_free_memory() noexcept;

}  // namespace asyncd
