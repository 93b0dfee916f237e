#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <stdexcept>
#include <utility>

#include "backends/proactor/listener_watch.h"
#include "core/net/socket.h"

namespace asyncd {

namespace {

int second_handle(NativeSocket socket) {
  Socket copy = duplicate(socket);
  if (!copy) throw std::runtime_error("no descriptor left for accepting");
  return static_cast<int>(copy.release());
}

}  // namespace

struct ListenerWatch::System {
  System(asio::io_context& context, int descriptor)
      : socket(context, asio::generic::stream_protocol(asio::ip::tcp::v4()), descriptor) {}

  asio::generic::stream_protocol::socket socket;  // the listener's, by a descriptor of our own: only waited on
};

ListenerWatch::ListenerWatch(asio::io_context& context, NativeSocket listening)
    : system_(std::make_unique<System>(context, second_handle(listening))) {}

ListenerWatch::~ListenerWatch() = default;

void ListenerWatch::wait(std::function<void()> ready) {
  system_->socket.async_wait(asio::socket_base::wait_read, [ready = std::move(ready)](const asio::error_code& error) {
    if (!error) ready();
  });
}

void ListenerWatch::close() {
  asio::error_code ignored;
  system_->socket.close(ignored);
}

}  // namespace asyncd
