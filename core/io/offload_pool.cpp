#include "core/io/offload_pool.h"

#include <algorithm>
#include <exception>

namespace asyncd {

OffloadPool::~OffloadPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  for (Thread& thread : threads_) thread.join();
}

void OffloadPool::set_threads(std::size_t most) {
  const std::lock_guard lock(mutex_);
  most_threads_ = most;
  changed_.notify_all();
}

std::uint64_t OffloadPool::run(std::function<void()> job) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (idle_ <= jobs_.size() && running_ < most_threads_ && !begin_thread() && running_ == 0) return 0;
    jobs_.push_back({++last_number_, std::move(job)});
    changed_.notify_one();
    return last_number_;
  } catch (const std::exception&) {
    return 0;
  }
}

bool OffloadPool::begin_thread() {
  threads_.reserve(threads_.size() + 1);
  Result<Thread> thread = Thread::start(0, [this] { work(); });
  if (!thread) return false;
  threads_.push_back(std::move(*thread));
  ++running_;
  return true;
}

bool OffloadPool::withdraw(std::uint64_t number) noexcept {
  const std::lock_guard lock(mutex_);
  return std::erase_if(jobs_, [number](const Job& job) { return job.number == number; }) != 0;
}

void OffloadPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty() || running_ > most_threads_; });
    --idle_;
    if (ending_ || (jobs_.empty() && running_ > most_threads_)) break;
    const std::function<void()> job = std::move(jobs_.front().run);
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
  --running_;
}

}  // namespace asyncd
