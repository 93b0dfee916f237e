// Inbox: the way into a loop from other threads. post may be called from any thread, everything else on the loop's.
// Asio's own way would need locks around everything that a loop does where Asio waits for readiness, so there it is a
// queue with a lock of its own; where the system's completion port is the queue, it is that one.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "backends/proactor/operation_memory.h"

namespace asyncd {

class Inbox {
 public:
  using Task = std::function<void()>;

  // `memory` outlives the context. Throws std::exception where the system has nothing left to make it of.
  Inbox(asio::io_context& context, OperationMemory& memory, std::function<void()> on_wake);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // `task` runs on the loop, after all that were posted before it; not at all once the inbox is closed.
  void post(Task task);

  void wake() noexcept;  // on_wake is called on the loop, soon

  // No longer keeps the loop running.
  void close();

 private:
  struct Queue;
  std::unique_ptr<Queue> queue_;
};

}  // namespace asyncd
