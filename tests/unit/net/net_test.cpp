// What every system's sockets have to be like, so that one loop may be written for all of them.
#include <gtest/gtest.h>

#include <array>
#include <asio/error.hpp>
#include <string>

#include "core/net/connect.h"
#include "core/net/receive_slice.h"
#include "tests/support/client.h"
#include "tests/support/listen_on.h"

namespace asyncd::test {

namespace {

constexpr Duration patience = std::chrono::seconds(30);
constexpr Duration slice = std::chrono::milliseconds(20);

// A listener, a client, and the server's end of the client's connection.
struct Pair {
  Pair() : listening(listen_on({.host = "127.0.0.1"})), client(port_of(listening->name())) {
    EXPECT_TRUE(wait_ready(listening->handle(), true, false, patience).readable);
    EXPECT_EQ(listening->accept(accepted), 0);
    set_receive_slice(server(), slice);
  }

  NativeSocket server() const { return accepted.socket.handle(); }
  IoResult receive() { return receive_within_slice(server(), buffer, slice); }

  Result<ListenSocket> listening;
  Client client;
  Accepted accepted;
  std::array<char, 64> buffer{};
};

// The proactor gets these numbers from Asio, the others from the calls; what they mean is one
// table.
TEST(Net, AConnectionThatIsLostIsAResetWhateverTheSystemCallsIt) {
  for (const asio::error::basic_errors lost :
       {asio::error::connection_reset, asio::error::broken_pipe, asio::error::connection_aborted,
        asio::error::timed_out, asio::error::host_unreachable, asio::error::network_unreachable,
        asio::error::network_reset, asio::error::not_connected})
    EXPECT_EQ(classify_io_error(lost), IoResult::Status::reset) << error_text(lost);
  EXPECT_EQ(classify_io_error(asio::error::would_block), IoResult::Status::would_block);
  for (const asio::error::basic_errors other :
       {asio::error::access_denied, asio::error::bad_descriptor})
    EXPECT_EQ(classify_io_error(other), IoResult::Status::failed) << error_text(other);
}

TEST(Net, AnErrorHasWordsOnOneLine) {
  for (const asio::error::basic_errors error :
       {asio::error::access_denied, asio::error::address_in_use, asio::error::connection_reset}) {
    const std::string words = error_text(error);
    EXPECT_GE(words.size(), 10U) << words;
    EXPECT_EQ(words.find_first_of("\r\n"), std::string::npos) << words;
    EXPECT_EQ(words.find("nknown"), std::string::npos) << words;
  }
}

TEST(Net, AReceiveWaitsForASliceAndNoLonger) {
  Pair pair;
  EXPECT_EQ(pair.receive().status, IoResult::Status::would_block);
  pair.client.send("hello");
  const IoResult received = pair.receive();
  EXPECT_EQ(received.status, IoResult::Status::ok);
  EXPECT_EQ(std::string(pair.buffer.data(), received.bytes), "hello");
  pair.client.end_output();
  EXPECT_EQ(pair.receive().status, IoResult::Status::eof);
}

// A thread that hangs in a send heeds neither deadlines nor the end of the process.
TEST(Net, ASendNeverWaitsNotEvenOnASocketThatWasJustAccepted) {
  Pair pair;
  const std::string block(64 << 10, 'x');
  IoResult sent{IoResult::Status::ok, 0, 0};
  for (int i = 0; i < 10'000 && sent.status == IoResult::Status::ok; ++i)
    sent = send_some(pair.server(), block);
  EXPECT_EQ(sent.status, IoResult::Status::would_block) << error_text(sent.error);
  EXPECT_EQ(receive_some(pair.server(), pair.buffer).status, IoResult::Status::would_block);
}

TEST(Net, SendingToSomebodyWhoIsGoneIsAnErrorAndNoSignal) {
  Pair pair;
  pair.client.reset();
  EXPECT_TRUE(wait_ready(pair.server(), true, false, patience).readable);
  IoResult sent{IoResult::Status::ok, 0, 0};
  for (int i = 0; i < 100 && sent.status == IoResult::Status::ok; ++i)
    sent = send_some(pair.server(), "x");
  EXPECT_EQ(sent.status, IoResult::Status::reset) << error_text(sent.error);
}

// Else a thread that waits to send to a client that has ended its output would be busy all the
// time.
TEST(Net, AWaitToSendIsNotOverBecauseTheOtherSideHasEndedItsOutput) {
  Pair pair;
  pair.client.end_output();
  EXPECT_TRUE(wait_ready(pair.server(), true, false, patience).readable);
  EXPECT_TRUE(wait_ready(pair.server(), false, true, patience).writable);
  const std::string block(64 << 10, 'x');
  IoResult sent{IoResult::Status::ok, 0, 0};
  for (int i = 0; i < 10'000 && sent.status == IoResult::Status::ok; ++i)
    sent = send_some(pair.server(), block);
  EXPECT_FALSE(wait_ready(pair.server(), false, true, slice).writable);
}

TEST(Net, AConnectionThatCannotBeMadeIsToldAndWhy) {
  const auto closed = static_cast<std::uint16_t>(port_of(listen_on({.host = "127.0.0.1"})->name()));
  const Result<std::vector<Endpoint>> endpoints = resolve({.host = "127.0.0.1", .port = closed});
  ASSERT_TRUE(endpoints) << endpoints.error().message;
  int error = 0;
  if (const Socket socket = begin_connect(endpoints->front(), error)) {
    EXPECT_TRUE(wait_ready(socket.handle(), false, true, patience).writable);
    error = connect_error(socket.handle());
  }
  EXPECT_EQ(error, asio::error::connection_refused) << error_text(error);
}

TEST(Net, APortIsNotSharedAndThatIsSaid) {
  const Result<ListenSocket> first = listen_on({.host = "127.0.0.1"});
  ASSERT_TRUE(first) << first.error().message;
  const auto port = static_cast<std::uint16_t>(port_of(first->name()));
  const Result<ListenSocket> second = listen_on({.host = "127.0.0.1", .port = port});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::cannot_create);
  EXPECT_NE(second.error().message.find("another process listens there"), std::string::npos)
      << second.error().message;
}

}  // namespace

}  // namespace asyncd::test
