// OffloadPool: threads for work that takes its time, off the event loops: what handlers hand over.
// Names are looked up by other threads (lookup.h). Threads begin with the first jobs and last as
// long as the pool, or until set_threads lowers their number. One pool for the process; any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>

#include "core/base/thread.h"

namespace asyncd {

class OffloadPool {
 public:
  explicit OffloadPool(std::size_t most_threads) : most_threads_(most_threads) {}
  ~OffloadPool();  // waits for jobs that run; those that wait are dropped
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;

  void set_threads(std::size_t most);  // fewer: those beyond end after their jobs

  // `job` must not throw. `owner` identifies it for withdraw, and has one job at a time. False:
  // there is neither a thread nor memory for it.
  bool run(const void* owner, std::function<void()> job) noexcept;
  bool withdraw(const void* owner) noexcept;  // true: it had not begun, and will not

 private:
  struct Job {
    const void* owner;
    std::function<void()> run;
  };
  struct Worker {
    Thread thread;
    bool ended = true;  // or not begun
  };
  void work(Worker& worker);
  bool begin_thread();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Job> jobs_;  // that have not begun
  std::unordered_map<const void*, std::list<Job>::iterator> by_owner_;
  std::list<Worker> workers_;
  std::size_t most_threads_;
  std::size_t running_ = 0;  // threads
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace asyncd
