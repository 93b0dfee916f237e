#include "tests/support/client.h"

#include <gtest/gtest.h>

#include <array>
#include <asio/io_context.hpp>
#include <cstdlib>

#include "tests/support/cipher_stage.h"

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
  if (stages_in_use() == nullptr) return;
  cipher_ = std::make_unique<CipherClient>();
  send_raw(cipher_->hello());
}

void Client::send(std::string_view bytes) {
  if (cipher_)
    send_raw(cipher_->encode(bytes));
  else
    send_raw(bytes);
}

void Client::send_raw(std::string_view bytes) {
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

void Client::end_output() {
  if (cipher_) send_raw(cipher_->end());
  shutdown_write(handle());
}

void Client::reset() {
  socket_.set_option(asio::socket_base::linger(true, 0));
  socket_.close();
}

IoResult Client::receive(std::span<char> buffer) {
  const IoResult at_once = receive_at_once(buffer);
  if (at_once.status != IoResult::Status::would_block || !readable_within(most_wait))
    return at_once;
  return receive_at_once(buffer);
}

IoResult Client::receive_at_once(std::span<char> buffer) {
  return cipher_
             ? cipher_->receive(
                   buffer, [this](std::span<char> wire) { return receive_some(handle(), wire); })
             : receive_some(handle(), buffer);
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

// Of the wire more may have come than means anything to the test.
bool Client::readable_within(Duration wait) {
  if (!cipher_) return wait_ready(handle(), true, false, wait).readable;
  for (const Instant end = after(Clock::now(), wait);;) {
    if (receive_at_once({}).status != IoResult::Status::would_block) return true;
    const Duration left = end - Clock::now();
    if (left <= Duration::zero() || !wait_ready(handle(), true, false, left).readable) return false;
  }
}

std::shared_ptr<const StageMaker> stages_in_use() {
  static const std::shared_ptr<const StageMaker> stages =
      std::getenv("ASYNCD_TEST_STAGE") == nullptr ? nullptr : std::make_shared<CipherStages>();
  return stages;
}

int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

}  // namespace asyncd::test
