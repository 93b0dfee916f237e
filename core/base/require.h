// Contracts between the parts of asyncd, checked in release builds, too. One that is broken is a
// mistake in asyncd: going on could hand a client another's bytes, so the process ends, with the
// place named on standard error. Never about what a client, a handler or a user does.
#pragma once

#include <thread>

namespace asyncd {

[[noreturn]] void end_by_broken_contract(const char* contract, const char* file, int line) noexcept;

// A part that belongs to one thread, from `claim` on.
class OwnThread {
 public:
  void claim() { owner_ = std::this_thread::get_id(); }
  bool is_current() const {
    return owner_ == std::thread::id() || owner_ == std::this_thread::get_id();
  }

 private:
  std::thread::id owner_;  // none: not claimed yet
};

}  // namespace asyncd

// `contract` says in words what holds. Costs a comparison; the condition must have no effect.
#define ASYNCD_REQUIRE(condition, contract) \
  (static_cast<bool>(condition) ? void()    \
                                : ::asyncd::end_by_broken_contract(contract, __FILE__, __LINE__))
