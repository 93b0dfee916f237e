#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <atomic>

#include "backends/proactor/inbox.h"

namespace asyncd {

struct Inbox::Queue {
  asio::executor_work_guard<asio::io_context::executor_type> work;
  OperationMemory& memory;
  const std::function<void()> on_wake;
  std::atomic<bool> woken{false};  // so there is one wake-up at a time, and its memory is enough
};

Inbox::Inbox(asio::io_context& context, OperationMemory& memory, std::function<void()> on_wake)
    : queue_(new Queue{asio::make_work_guard(context), memory, std::move(on_wake)}) {}

Inbox::~Inbox() = default;

void Inbox::post(Task task) { asio::post(queue_->work.get_executor(), std::move(task)); }

void Inbox::wake() noexcept {
  if (queue_->woken.exchange(true)) return;
  asio::post(queue_->work.get_executor(), Completion{&queue_->memory, [queue = queue_.get()] {
                                                       queue->woken = false;
                                                       queue->on_wake();
                                                     }});
}

void Inbox::close() { queue_->work.reset(); }

}  // namespace asyncd
