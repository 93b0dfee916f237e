#include "backends/proactor/inbox.h"

#include <asio/ip/tcp.hpp>

namespace asyncd {

Inbox::Inbox(asio::io_context& context, Waker waker)
    : waker_(std::move(waker)),
      socket_(context, asio::generic::stream_protocol(asio::ip::tcp::v4()), static_cast<int>(waker_.handle())) {
  watch();
}

Inbox::~Inbox() { close(); }

void Inbox::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (first) waker_.wake();
}

void Inbox::close() {
  if (closed_) return;
  closed_ = true;
  asio::error_code ignored;
  socket_.release(ignored);  // cancels the wait and leaves the descriptor to the waker
}

void Inbox::watch() {
  socket_.async_wait(asio::socket_base::wait_read, [this](const asio::error_code& error) {
    if (error) return;
    run_tasks();
    if (!closed_) watch();
  });
}

void Inbox::run_tasks() {
  waker_.drain();  // before the tasks are taken: what is posted from now on wakes again
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const Task& task : tasks) task();
}

}  // namespace asyncd
