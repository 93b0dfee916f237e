#include "core/operations/offload_pool.h"

#include <algorithm>
#include <exception>

namespace asyncd {

OffloadPool::~OffloadPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    by_owner_.clear();
    jobs_.clear();
  }
  changed_.notify_all();
  workers_.clear();
}

void OffloadPool::set_threads(std::size_t most) {
  const std::lock_guard lock(mutex_);
  most_threads_ = most;
  changed_.notify_all();
}

bool OffloadPool::run(const void* owner, std::function<void()> job) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (idle_ <= jobs_.size() && running_ < most_threads_ && !begin_thread() && running_ == 0)
      return false;
    std::list<Job> one;
    one.push_back({owner, std::move(job)});
    by_owner_.insert_or_assign(owner, one.begin());
    jobs_.splice(jobs_.end(), one);
    changed_.notify_one();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool OffloadPool::begin_thread() {
  workers_.remove_if([](const Worker& worker) { return worker.ended; });
  Worker& worker = workers_.emplace_back();
  Result<Thread> thread = Thread::start(0, [this, &worker] { work(worker); });
  if (!thread) {
    workers_.pop_back();
    return false;
  }
  worker.thread = std::move(*thread);
  worker.ended = false;
  ++running_;
  return true;
}

bool OffloadPool::withdraw(const void* owner) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return false;
  jobs_.erase(found->second);
  by_owner_.erase(found);
  return true;
}

void OffloadPool::work(Worker& worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty() || running_ > most_threads_; });
    --idle_;
    if (ending_ || (jobs_.empty() && running_ > most_threads_)) break;
    const std::function<void()> job = std::move(jobs_.front().run);
    by_owner_.erase(jobs_.front().owner);
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
  --running_;
  worker.ended = true;
}

}  // namespace asyncd
