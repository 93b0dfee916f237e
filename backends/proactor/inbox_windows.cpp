#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include "backends/proactor/inbox.h"

namespace asyncd {

struct Inbox::Queue {
  asio::executor_work_guard<asio::io_context::executor_type> work;
};

Inbox::Inbox(asio::io_context& context) : queue_(std::make_unique<Queue>(Queue{asio::make_work_guard(context)})) {}

Inbox::~Inbox() = default;

void Inbox::post(Task task) { asio::post(queue_->work.get_executor(), std::move(task)); }

void Inbox::close() { queue_->work.reset(); }

}  // namespace asyncd
