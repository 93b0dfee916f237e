// ExitGuard: while one lives on a thread, that thread may not end the process by exit. exit
// would destroy objects that other threads still use; instead a function of the program's choice
// ends the process.
//
// Every Thread has one.
#pragma once

namespace asyncd {

class ExitGuard {
 public:
  // `noted`: with the system, which ends the process where it has no memory for that. A thread that
  // begins while memory may be short does without; its exit is noticed a little later.
  explicit ExitGuard(bool noted = true);
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;

  // Called on the thread concerned, before anything is destroyed; for a thread without a guard
  // later, but while another one has one. Must not return. Set once, before the first guard.
  static void on_breach(void (*end)());

  // From now on any thread may end the process by exit: for a program that returns from main while
  // threads with guards are left behind.
  static void lift_all();

 private:
  const bool noted_;
};

}  // namespace asyncd
