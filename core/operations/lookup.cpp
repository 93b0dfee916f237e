#include "core/operations/lookup.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace asyncd {

// They begin with the first names, and last as long as the process; detached, so that its end need
// not wait for a name's.
class LookupThreads {
 public:
  // Never destroyed: its threads may outlive all else.
  static LookupThreads& all() {
    static LookupThreads& only = *new LookupThreads;
    return only;
  }

  bool begin(std::shared_ptr<Lookup> lookup) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      if (idle_ <= waiting_.size() && threads_ < most_threads && !begin_thread() && threads_ == 0)
        return false;
      waiting_.push_back(std::move(lookup));
      changed_.notify_one();
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

 private:
  static constexpr std::size_t most_threads = 16;  // they only wait

  bool begin_thread() {
    try {
      std::thread([this] { work(); }).detach();
    } catch (const std::exception&) {
      return false;
    }
    ++threads_;
    return true;
  }

  [[noreturn]] void work() {
    for (;;) {
      std::shared_ptr<Lookup> lookup;
      {
        std::unique_lock lock(mutex_);
        ++idle_;
        changed_.wait(lock, [this] { return !waiting_.empty(); });
        --idle_;
        lookup = std::move(waiting_.front());
        waiting_.pop_front();
      }
      lookup->run();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Lookup>> waiting_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
};

bool Lookup::begin(std::shared_ptr<Lookup> lookup) noexcept {
  return LookupThreads::all().begin(std::move(lookup));
}

void Lookup::run() noexcept {
  try {
    if (!forgotten_) {
      Result<std::vector<Endpoint>> found = resolve(address_);
      if (found) endpoints = std::move(*found);
    }
  } catch (const std::bad_alloc&) {
    endpoints.clear();
  }
  on_end();
}

}  // namespace asyncd
