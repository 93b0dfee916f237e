#include "backends/blocking/connection_queue.h"

#include <algorithm>

namespace asyncd {

void ConnectionQueue::push(NewConnection connection) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(connection), Clock::now()});
    ++counts_.queued;
    counts_.most_queued = std::max<std::uint64_t>(counts_.most_queued, entries_.size());
  }
  filled_.notify_one();
}

std::optional<NewConnection> ConnectionQueue::pop(std::uint64_t& news) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return !entries_.empty() || closed_ || news != news_; });
  news = news_;
  if (entries_.empty()) return std::nullopt;
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  counts_.longest_wait = std::max<Duration>(counts_.longest_wait, Clock::now() - entry.since);
  return std::move(entry.connection);
}

std::optional<NewConnection> ConnectionQueue::take_back() {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return std::nullopt;
  std::optional<NewConnection> last(std::move(entries_.back().connection));
  entries_.pop_back();
  return last;
}

void ConnectionQueue::announce() {
  const std::lock_guard lock(mutex_);
  ++news_;
  filled_.notify_all();
}

bool ConnectionQueue::finished() const {
  const std::lock_guard lock(mutex_);
  return closed_ && entries_.empty();
}

void ConnectionQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  filled_.notify_all();
}

ConnectionQueue::Counts ConnectionQueue::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace asyncd
