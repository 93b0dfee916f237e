#include "tests/support/client.h"

#include <gtest/gtest.h>

#include <array>
#include <asio/io_context.hpp>

namespace asyncd::test {

namespace {

// One for all clients: each context takes descriptors of its own, and select() can watch only so
// many in a process.
asio::io_context& context() {
  static asio::io_context shared;
  return shared;
}

asio::ip::tcp::endpoint loopback(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)};
}

}  // namespace

Client::Client(int port) : socket_(context()) {
  asio::error_code failure;
  socket_.connect(loopback(port), failure);
  EXPECT_FALSE(failure) << "connect: " << failure.message();
  set_no_delay(handle());
  set_non_blocking(handle(), true);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult sent = send_some(handle(), bytes);
    if (sent.status == IoResult::Status::would_block) {
      if (!wait_ready(handle(), false, true, most_wait).writable) return;
    } else if (sent.status != IoResult::Status::ok) {
      return;
    }
    bytes.remove_prefix(sent.bytes);
  }
}

void Client::send_bytewise(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1));
}

void Client::end_output() { shutdown_write(handle()); }

void Client::reset() {
  socket_.set_option(asio::socket_base::linger(true, 0));
  socket_.close();
}

IoResult Client::receive(std::span<char> buffer) {
  const IoResult at_once = receive_some(handle(), buffer);
  if (at_once.status != IoResult::Status::would_block || !readable_within(most_wait))
    return at_once;
  return receive_some(handle(), buffer);
}

std::string Client::read_to_end() {
  std::string result;
  std::array<char, 65536> buffer;
  for (;;) {
    const IoResult received = receive(buffer);
    if (received.status == IoResult::Status::eof) return result;
    if (received.status != IoResult::Status::ok)
      return result + (received.status == IoResult::Status::would_block ? "<timeout>" : "<reset>");
    result.append(buffer.data(), received.bytes);
  }
}

std::string Client::read(std::size_t bytes) {
  std::string result(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const IoResult received = receive({result.data() + have, bytes - have});
    if (received.status != IoResult::Status::ok) break;
    have += received.bytes;
  }
  result.resize(have);
  return result;
}

bool Client::readable_within(Duration wait) {
  return wait_ready(handle(), true, false, wait).readable;
}

int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

}  // namespace asyncd::test
