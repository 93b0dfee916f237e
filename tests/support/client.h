// Client: a plain blocking TCP client, as a third party would write it. Every wait is bounded, so
// that a test fails rather than hangs. One thread.
//
// With ASYNCD_TEST_STAGE in the environment a TestServer has a CipherStage on each connection, and
// a Client speaks its language; what a test sees of both stays the same.
#pragma once

#include <asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/net/socket.h"
#include "tests/support/cipher_client.h"

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
  void send_raw(std::string_view bytes);
  IoResult receive(std::span<char> buffer);  // waits
  IoResult receive_at_once(std::span<char> buffer);

  asio::ip::tcp::socket socket_;
  std::unique_ptr<CipherClient> cipher_;  // null: there is no stage
};

// Of each connection of a TestServer; null: none.
std::shared_ptr<const StageMaker> stages_in_use();

// The port of "127.0.0.1:4711".
int port_of(const std::string& address);

}  // namespace asyncd::test
