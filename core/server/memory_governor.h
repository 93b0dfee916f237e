// MemoryGovernor: what is done when the connections of the process hold nearly as much memory as
// they may, or more. Near the limit those that hold most are not read, so that they hold no more.
// Where that does not help for a while, or at the limit, those that hold most are closed, and no
// more of them than needed. After much has been freed it goes back to the system.
//
// Its thread sleeps until the budget rings. Time is an argument of tend, which a test may call by
// itself.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "core/base/clock.h"
#include "core/base/memory_budget.h"
#include "core/base/result.h"
#include "core/base/thread.h"
#include "core/log/limit.h"

namespace asyncd {

class MemoryGovernor {
 public:
  explicit MemoryGovernor(MemoryBudget& budget);
  ~MemoryGovernor();
  MemoryGovernor(const MemoryGovernor&) = delete;
  MemoryGovernor& operator=(const MemoryGovernor&) = delete;

  Result<void> start();  // once it has a thread there is nothing more to start

  // Looks, and acts. The answer is when to look again; `never`: once the budget rings.
  Instant tend(Instant now);

 private:
  enum class Return : std::uint8_t { nothing, waiting, dropping };  // of freed memory

  void run();
  void press(Instant now, const MemoryBudget::Figures& figures);
  void relax(const MemoryBudget::Figures& figures);
  void tell(Instant now, const MemoryBudget::Figures& figures, const MemoryOrder& order);
  Instant return_freed(Instant now, std::uint64_t held);
  void set_marks(const MemoryBudget::Figures& figures);

  MemoryBudget& budget_;
  std::uint64_t pause_above_ = MemoryOrder::none;  // of the last order
  bool pressed_ = false;
  bool tight_ = false;       // so near the limit that all connections that hold much pause
  bool closing_ = false;     // until it is far enough from it
  std::uint64_t least_ = 0;  // held since patience_ends_ was set
  Instant patience_ends_{};
  Instant close_again_at_{};  // the last order to close is being carried out until then
  std::uint64_t most_ = 0;    // held since freed memory went back
  Return returning_ = Return::nothing;
  Instant return_at_ = never;
  Instant returned_{};
  log::RateLimit near_log_;
  log::RateLimit close_log_;
  log::RateLimit none_log_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
  bool ends_ = false;
  bool started_ = false;
  Thread thread_;
};

}  // namespace asyncd
