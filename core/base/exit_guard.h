// ExitGuard: while one lives on a thread, that thread may not end the process by exit. Whoever does so all the same
// would have it taken down under threads that still run; instead a function of the program's choice ends it.
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

  // Called on the thread concerned, before anything is destroyed; for a thread without a guard later, but while
  // another one has one. Must not return. Set once, before the first guard.
  static void on_breach(void (*end)());
};

}  // namespace asyncd
