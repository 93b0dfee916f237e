// ExitGuard: while it lives nobody may call exit, and asyncd does not: so a handler has. The log says so, and the
// process ends at once as failed, before anything is taken down under threads that still run. One, the main thread's.
#pragma once

namespace asyncd {

class ExitGuard {
 public:
  ExitGuard();
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;
};

}  // namespace asyncd
