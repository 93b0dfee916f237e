#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <stdexcept>

#include "backends/proactor/loop_waker.h"
#include "core/net/waker.h"

namespace asyncd {

namespace {

Waker make_waker() {
  Result<Waker> waker = Waker::create();
  if (!waker) throw std::runtime_error(waker.error().message);
  return std::move(*waker);
}

}  // namespace

struct LoopWaker::System {
  System(asio::io_context& context, OperationMemory& its_memory, std::function<void()> its_on_wake)
      : waker(make_waker()),
        socket(context, asio::generic::stream_protocol(asio::ip::tcp::v4()),
               static_cast<int>(waker.handle())),
        memory(its_memory),
        on_wake(std::move(its_on_wake)) {}

  void watch();

  Waker waker;
  asio::generic::stream_protocol::socket socket;  // borrows the waker's descriptor
  OperationMemory& memory;
  const std::function<void()> on_wake;
  bool closed = false;
};

void LoopWaker::System::watch() {
  socket.async_wait(asio::socket_base::wait_read,
                    Completion{&memory, [this](const asio::error_code& error) {
                                 if (error) return;
                                 // what comes now wakes again
                                 waker.drain();
                                 on_wake();
                                 if (!closed) watch();
                               }});
}

LoopWaker::LoopWaker(asio::io_context& context, OperationMemory& memory,
                     std::function<void()> on_wake)
    : system_(std::make_unique<System>(context, memory, std::move(on_wake))) {
  system_->watch();
}

LoopWaker::~LoopWaker() { close(); }

void LoopWaker::wake() noexcept { system_->waker.wake(); }

void LoopWaker::close() {
  if (system_->closed) return;
  system_->closed = true;
  asio::error_code ignored;
  system_->socket.release(ignored);  // cancels the wait and leaves the descriptor to the waker
}

}  // namespace asyncd
