#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <atomic>

#include "backends/proactor/loop_waker.h"

namespace asyncd {

struct LoopWaker::System {
  asio::io_context& context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  OperationMemory& memory;
  const std::function<void()> on_wake;
  std::atomic<bool> woken{false};  // so there is one wake-up at a time, and its memory is enough
};

LoopWaker::LoopWaker(asio::io_context& context, OperationMemory& memory,
                     std::function<void()> on_wake)
    : system_(new System{context, asio::make_work_guard(context), memory, std::move(on_wake)}) {}

LoopWaker::~LoopWaker() = default;

void LoopWaker::wake() noexcept {
  if (system_->woken.exchange(true)) return;
  asio::post(system_->context, Completion{&system_->memory, [system = system_.get()] {
                                            system->woken = false;
                                            system->on_wake();
                                          }});
}

void LoopWaker::close() { system_->work.reset(); }

}  // namespace asyncd
