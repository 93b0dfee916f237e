// Inbox: the way into a loop from other threads. Asio's own would need locks around everything that the loop does; with
// this one, only what comes from outside is locked. post may be called from any thread, everything else on the loop's.
#pragma once

#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <functional>
#include <mutex>
#include <vector>

#include "core/net/waker.h"

namespace asyncd {

class Inbox {
 public:
  using Task = std::function<void()>;

  Inbox(asio::io_context& context, Waker waker);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // `task` runs on the loop, after all that were posted before it; not at all once the inbox is closed.
  void post(Task task);

  // No longer keeps the loop running.
  void close();

 private:
  void watch();
  void run_tasks();

  Waker waker_;
  asio::generic::stream_protocol::socket socket_;  // borrows the waker's descriptor
  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool closed_ = false;
};

}  // namespace asyncd
