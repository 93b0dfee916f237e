// ExitGuard: while one lives, no thread may end the process by exit. Whoever does so all the same would have it taken
// down under threads that still run; instead a function of the program's choice ends it.
//
// Every Thread has one, and whoever makes one: the owner is the function that runs the thread.
#pragma once

namespace asyncd {

class ExitGuard {
 public:
  ExitGuard();
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;

  // Called on the thread concerned. Must not return. Set once, before the first guard.
  static void on_breach(void (*end)());

  // exit undoes things from the last to the first: from now on what exists already outlives the call of `end`. For
  // whoever has loaded code that may call exit. (A destructor of the thread's own would come before all others, but the
  // system ends the process where it has no memory to note it.)
  static void stand_first();
};

}  // namespace asyncd
