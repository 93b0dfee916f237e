// Watchdog: a thread that tells of hooks which do not return, while they last, at growing
// intervals, and once they have returned. One for the process. It looks at the records of all
// threads that call hooks; any thread registers its own.
#pragma once

#include <condition_variable>
#include <mutex>

#include "core/accept/hook_record.h"
#include "core/base/thread.h"

namespace asyncd {

class Watchdog {
 public:
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  Result<void> start();  // once; again does nothing

 private:
  friend class HookRecord;

  void add(HookRecord& record);
  void remove(HookRecord& record);
  void on_over(HookRecord& record, Instant since);  // on the record's thread

  // With the lock held, all of them.
  void run();
  bool look(Instant now);
  bool look(HookRecord& record, Instant now);
  static bool may_tell(const HookRecord& record, Duration lasts, Instant now);
  static void tell(const HookRecord& record, Duration lasts, bool over);
  static void tell_over(HookRecord& record, Instant now);

  std::mutex mutex_;
  std::condition_variable changed_;
  HookRecord* first_ = nullptr;
  bool started_ = false;
  bool ending_ = false;
  int lines_left_ = 0;  // of this look
  Thread thread_;
};

}  // namespace asyncd
