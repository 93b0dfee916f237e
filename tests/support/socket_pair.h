// Both ends of a TCP connection in this process, and what this system tells of its end. Any thread.
#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/net/socket.h"
#include "tests/support/listen_on.h"

namespace asyncd::test {

constexpr Duration pair_patience = std::chrono::seconds(30);

struct SocketPair {
  explicit SocketPair(asio::io_context& context) : client(context) {
    Result<ListenSocket> listening = listen_on({.host = "127.0.0.1"});
    if (!listening) throw std::runtime_error(listening.error().message);
    const std::string& name = listening->name();
    const auto port = static_cast<asio::ip::port_type>(std::stoi(name.substr(name.rfind(':') + 1)));
    client.connect({asio::ip::address_v4::loopback(), port});
    Accepted accepted;
    if (!wait_ready(listening->handle(), true, false, pair_patience).readable ||
        listening->accept(accepted) != 0)
      throw std::runtime_error("a client of this process does not arrive");
    server = std::move(accepted.socket);
  }
  NativeSocket client_handle() { return static_cast<NativeSocket>(client.native_handle()); }

  asio::ip::tcp::socket client;
  Socket server;
};

// False under wine: a reset that comes before all has been read looks like an end there.
inline bool tells_late_resets() {
  asio::io_context context;
  SocketPair pair(context);
  send_some(pair.server.handle(), "x");
  reset_on_close(pair.server.handle());
  pair.server.close();
  IoResult last;
  for (std::array<char, 1> byte; last.status == IoResult::Status::ok;) {
    wait_ready(pair.client_handle(), true, false, pair_patience);
    last = receive_some(pair.client_handle(), byte);
  }
  return last.status == IoResult::Status::reset;
}

}  // namespace asyncd::test
