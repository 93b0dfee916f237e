#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "backends/proactor/inbox.h"
#include "core/net/waker.h"

namespace asyncd {

namespace {

Waker make_waker() {
  Result<Waker> waker = Waker::create();
  if (!waker) throw std::runtime_error(waker.error().message);
  return std::move(*waker);
}

}  // namespace

struct Inbox::Queue {
  Queue(asio::io_context& context, OperationMemory& its_memory, std::function<void()> its_on_wake)
      : waker(make_waker()),
        socket(context, asio::generic::stream_protocol(asio::ip::tcp::v4()), static_cast<int>(waker.handle())),
        memory(its_memory),
        on_wake(std::move(its_on_wake)) {}

  void watch();
  void run_tasks();

  Waker waker;
  asio::generic::stream_protocol::socket socket;  // borrows the waker's descriptor
  OperationMemory& memory;
  const std::function<void()> on_wake;
  std::mutex mutex;
  std::vector<Task> tasks;
  bool closed = false;
};

void Inbox::Queue::watch() {
  socket.async_wait(asio::socket_base::wait_read, Completion{&memory, [this](const asio::error_code& error) {
                                                               if (error) return;
                                                               run_tasks();
                                                               on_wake();
                                                               if (!closed) watch();
                                                             }});
}

void Inbox::Queue::run_tasks() {
  waker.drain();  // before the tasks are taken: what is posted from now on wakes again
  std::vector<Task> due;
  {
    const std::lock_guard lock(mutex);
    due.swap(tasks);
  }
  for (const Task& task : due) task();
}

Inbox::Inbox(asio::io_context& context, OperationMemory& memory, std::function<void()> on_wake)
    : queue_(std::make_unique<Queue>(context, memory, std::move(on_wake))) {
  queue_->watch();
}

Inbox::~Inbox() { close(); }

void Inbox::post(Task task) {
  // Woken with the lock held: once the task has run, the loop may end.
  const std::lock_guard lock(queue_->mutex);
  const bool first = queue_->tasks.empty();
  queue_->tasks.push_back(std::move(task));
  if (first) queue_->waker.wake();
}

void Inbox::wake() noexcept { queue_->waker.wake(); }

void Inbox::close() {
  if (queue_->closed) return;
  queue_->closed = true;
  asio::error_code ignored;
  queue_->socket.release(ignored);  // cancels the wait and leaves the descriptor to the waker
}

}  // namespace asyncd
