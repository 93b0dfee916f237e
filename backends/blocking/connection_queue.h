// ConnectionQueue: accepted connections that wait for a worker; bounded. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "core/io/listener.h"

namespace asyncd {

class ConnectionQueue {
 public:
  struct Counts {
    std::uint64_t queued = 0;       // connections in all
    std::uint64_t most_queued = 0;  // at once
    std::uint64_t times_full = 0;   // accepting had to wait
    Duration longest_wait{};        // of one connection
  };

  explicit ConnectionQueue(std::size_t capacity) : capacity_(capacity) {}

  // False: the queue is closed.
  bool wait_for_room();
  void push(NewConnection connection);
  // Nothing: the queue is closed and empty, or something has been announced since `news` was last brought up to date.
  std::optional<NewConnection> pop(std::uint64_t& news);
  void announce();

  void close();
  bool finished() const;  // closed and empty
  Counts counts() const;

 private:
  struct Entry {
    NewConnection connection;
    Instant since;
  };

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable drained_;
  std::deque<Entry> entries_;
  Counts counts_;
  std::uint64_t news_ = 0;
  bool closed_ = false;
};

}  // namespace asyncd
