// What to do when a thread ends, also where it ends the process by exit: on that thread, before
// anything static is destroyed. Any thread may ask for itself.
#pragma once

namespace asyncd {

// At most four functions in all; each is called once, the last one first. The first on a thread is
// noted with the system, which ends the process where it has no memory for that. On Windows they
// are never called: mingw frees a thread's variables before it destroys them.
void at_thread_end(void (*function)());

}  // namespace asyncd
