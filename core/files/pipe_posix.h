// A pipe that no other program inherits. Any thread.
#pragma once

namespace asyncd {

// The end to read from, and the end to write to; false and errno where the system gives none. On
// Linux both are closed on exec from their first moment on, so a program that another thread starts
// just then has neither.
bool make_pipe(int (&ends)[2]);

}  // namespace asyncd
