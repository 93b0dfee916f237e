#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

#include "tests/support/client.h"

namespace asyncd::test {

namespace {

constexpr timeval patience{30, 0};

}  // namespace

Client::Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const int fd = static_cast<int>(socket_.handle());
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  set_no_delay(socket_.handle());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failure = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  EXPECT_EQ(failure, 0) << "connect: " << error_text(errno);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(static_cast<int>(socket_.handle()), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Client::send_bytewise(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1));
}

void Client::end_output() { shutdown_write(socket_.handle()); }

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(static_cast<int>(socket_.handle()), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

std::string Client::read_to_end() {
  std::string result;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::recv(static_cast<int>(socket_.handle()), buffer, sizeof buffer, 0);
    if (count == 0) return result;
    if (count < 0) return result + (errno == EAGAIN ? "<timeout>" : "<reset>");
    result.append(buffer, static_cast<std::size_t>(count));
  }
}

std::string Client::read(std::size_t bytes) {
  std::string result(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const ssize_t count = ::recv(static_cast<int>(socket_.handle()), result.data() + have, bytes - have, 0);
    if (count <= 0) break;
    have += static_cast<std::size_t>(count);
  }
  result.resize(have);
  return result;
}

bool Client::readable_within(Duration wait) { return wait_ready(socket_.handle(), true, false, wait).readable; }

int port_of(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

}  // namespace asyncd::test
