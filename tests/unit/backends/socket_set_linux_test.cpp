#include "backends/readiness/epoll_set_linux.h"
#include "tests/unit/backends/socket_set_support.h"

namespace asyncd::test {

INSTANTIATE_TYPED_TEST_SUITE_P(Epoll, SocketSets, EpollSet);

using EpollSets = SocketSets<EpollSet>;

// A read ends before it, though there is more.
TEST_F(EpollSets, WhatComesAfterAnUrgentByteIsReadable) {
  const auto one = pair();
  const std::size_t slot = add(*one);
  ASSERT_FALSE(set_->want_readable(slot));
  send(*one, "before");
  ASSERT_EQ(one->client.send(asio::buffer("!", 1), asio::ip::tcp::socket::message_out_of_band), 1U);
  send(*one, "after");
  std::string text;
  while (text != "beforeafter") {
    expect_readable(slot);
    ASSERT_FALSE(HasFailure()) << text;
    text += read(*one, slot);
  }
}

}  // namespace asyncd::test
