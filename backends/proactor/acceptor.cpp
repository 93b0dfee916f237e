#include "backends/proactor/acceptor.h"

#include <asio/post.hpp>

namespace asyncd {

Acceptor::Acceptor(Listener& listener, std::span<const std::unique_ptr<AsioLoop>> loops)
    : listener_(listener),
      loops_(loops),
      watch_(loops.front()->context(), listener.handle()),
      retry_(loops.front()->context()) {}

Acceptor::~Acceptor() { stop(); }

void Acceptor::watch() {
  if (watching_ || stopped_) return;
  watching_ = true;
  watch_.wait([this] {
    watching_ = false;
    accept();
  });
}

void Acceptor::accept() {
  if (stopped_) return;
  for (int i = 0; i < Listener::accepts_per_turn; ++i) {
    NewConnection connection;
    switch (listener_.accept(Clock::now(), connection)) {
      case Listener::Answer::accepted:
        hand_out(std::move(connection));
        break;
      case Listener::Answer::next:
        break;
      case Listener::Answer::empty:
        if (finishing_) return stop();
        watch();
        return retry_later();
      case Listener::Answer::later:
      case Listener::Answer::full:
        return retry_later();
      case Listener::Answer::broken:
        return stop();
    }
  }
  // Others have their turn before the rest of the queue.
  asio::post(loops_.front()->context(), [this] { accept(); });
}

void Acceptor::retry_later() {
  if (listener_.retry_at() == never) return;
  retry_.expires_at(listener_.retry_at());
  retry_.async_wait([this](const asio::error_code& error) {
    if (!error) accept();
  });
}

void Acceptor::hand_out(NewConnection connection) {
  AsioLoop& loop = *loops_[next_loop_];
  next_loop_ = (next_loop_ + 1) % loops_.size();
  if (&loop == loops_.front().get()) return loop.adopt(std::move(connection));
  try {
    // Shared only because a task must be copyable.
    loop.post(
        [&loop, shared = std::make_shared<NewConnection>(std::move(connection))] { loop.adopt(std::move(*shared)); });
  } catch (const std::bad_alloc&) {
    listener_.reject(std::move(connection), RejectReason::no_memory);
  }
}

void Acceptor::finish_when_empty() {
  finishing_ = true;
  accept();
}

void Acceptor::stop() {
  if (stopped_) return;
  stopped_ = true;
  retry_.cancel();
  watch_.close();
  listener_.finish();
  for (const auto& loop : loops_) loop->post([&loop] { loop->release(); });
}

}  // namespace asyncd
