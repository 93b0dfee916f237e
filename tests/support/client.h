// Client: a plain blocking TCP client, as a third party would write it. Every wait is bounded, so
// that a test fails rather than hangs. One thread.
#pragma once

#include <asio/ip/tcp.hpp>
#include <span>
#include <string>
#include <string_view>

#include "core/net/socket.h"

namespace asyncd::test {

// For what has to come, on a machine that has much else to do.
inline constexpr Duration most_wait = std::chrono::seconds(120);

class Client {
 public:
  // Connects to 127.0.0.1; fails the test where that cannot be done.
  explicit Client(int port);

  void send(std::string_view bytes);           // all of it
  void send_bytewise(std::string_view bytes);  // one byte in each segment
  void end_output();                           // half-close
  void reset();                                // gone without a farewell

  std::string
  read_to_end();  // until EOF; "<reset>" or "<timeout>" is appended where it is not clean
  std::string read(std::size_t bytes);  // exactly so many, or fewer at the end
  bool readable_within(Duration wait);

 private:
  NativeSocket handle() { return static_cast<NativeSocket>(socket_.native_handle()); }
  IoResult receive(std::span<char> buffer);  // waits

  asio::ip::tcp::socket socket_;
};

// The port of "127.0.0.1:4711".
int port_of(const std::string& address);

}  // namespace asyncd::test
