// ConnectionQueue: accepted connections that wait for a thread of thread-pool. The listener bounds
// how many there are. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "core/accept/listener.h"

namespace asyncd {

class ConnectionQueue {
 public:
  struct Counts {
    std::uint64_t queued = 0;       // connections in all
    std::uint64_t most_queued = 0;  // at once
    Duration longest_wait{};        // of one connection
  };

  void push(NewConnection connection);
  // Nothing: the queue is closed and empty, or something has been announced since `news` was last
  // brought up to date.
  std::optional<NewConnection> pop(std::uint64_t& news);
  std::optional<NewConnection> take_back();  // one that waits, if any does
  void announce();

  void close();
  bool finished() const;  // closed and empty
  Counts counts() const;

 private:
  struct Entry {
    NewConnection connection;
    Instant since;
  };

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Entry> entries_;
  Counts counts_;
  std::uint64_t news_ = 0;
  bool closed_ = false;
};

}  // namespace asyncd
