// LoopWaker: makes a loop look at what other threads want of it. wake may be called from any
// thread, everything else on the loop's. Asio's own way would need locks around everything that a
// loop does where Asio waits for readiness, so there it is a descriptor that the loop waits for;
// where the system's completion port is a queue, it is that one.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "backends/proactor/operation_memory.h"

namespace asyncd {

class LoopWaker {
 public:
  // `memory` outlives the context. Throws std::exception where the system has nothing left to make
  // it of.
  LoopWaker(asio::io_context& context, OperationMemory& memory, std::function<void()> on_wake);
  ~LoopWaker();
  LoopWaker(const LoopWaker&) = delete;
  LoopWaker& operator=(const LoopWaker&) = delete;

  // on_wake is called on the loop, soon; perhaps not any more once this is closed
  void wake() noexcept;

  // No longer keeps the loop running.
  void close();

 private:
  struct System;
  std::unique_ptr<System> system_;
};

}  // namespace asyncd
