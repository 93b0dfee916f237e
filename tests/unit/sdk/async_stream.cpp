// Streams to other servers: what may become of them, in both modes.
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>

#include "modes.h"
#include "sdk/asyncd_async.hpp"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_reply;
using asyncd::handler_of;
using asyncd::task;
using namespace std::chrono_literals;

constexpr const char* address = "server:80";

std::string words_of(std::errc error) {
  return std::error_code(static_cast<int>(error), std::system_category()).message();
}

// Asks for lines until there are no more, then reads the rest.
struct Asking {
  task<> on_message(asyncd::call call) const {
    asyncd::stream stream = co_await call.connect(address, 5s);
    co_await stream.write(std::string(call.message()) + "\n", 5s);
    while (const std::optional<std::string_view> line =
               co_await stream.read_until("\r\n", 600, 5s)) {
      call.append(*line);
      call.append('|');
    }
    std::array<char, 4> rest;
    while (const std::size_t size = co_await stream.read(rest, 5s))
      call.append({rest.data(), size});
    co_await stream.close();
    co_await stream.close();
  }
};

class SdkStream : public InBothModes {
 protected:
  std::string told() const { return host.log().empty() ? "nothing" : host.log().back().text; }

  fake_host host{handler_of<Asking>, {}, GetParam()};
  asyncd::fake_upstream& server = host.upstream(address);
};
INSTANTIATE_TEST_SUITE_P(Modes, SdkStream, both_modes(), name_of_mode);

TEST_P(SdkStream, ReadsLineAfterLineHoweverTheyCome) {
  const std::string long_line(600, 'l');
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
    server.answers("one\r\n\r\ntw\ro\r\n" + long_line + "\r\nrest").in_pieces_of(piece).then_ends();
    EXPECT_EQ(host.send("ask"), fake_reply("one||tw\ro|" + long_line + "|rest")) << piece;
  }
  EXPECT_EQ(server.received(), "ask\nask\nask\nask\nask\n");
  EXPECT_EQ(server.connections(), 5);
  EXPECT_EQ(server.open(), 0);
}

TEST_P(SdkStream, GreetingsAndDelays) {
  server.says("hello\r\n").answers("bye\r\n").after(1s).then_ends();
  EXPECT_EQ(host.send("x"), fake_reply("hello|bye|"));
  EXPECT_EQ(host.now(), 2s);
}

TEST_P(SdkStream, ALineThatIsTooLong) {
  server.answers(std::string(603, 'l')).then_ends();
  EXPECT_EQ(host.send("x"), fake_error("operation failed"));
  EXPECT_EQ(told(), "read: no end within 600 bytes");
  EXPECT_EQ(server.open(), 0) << "the end of the call has closed it";
}

TEST_P(SdkStream, NobodyListens) {
  server.refuses();
  EXPECT_EQ(host.send("x"), fake_error("operation failed"));
  EXPECT_EQ(told(), "connect to server:80: " + words_of(std::errc::connection_refused));
}

TEST_P(SdkStream, NobodyAnswersTheConnect) {
  server.hangs();
  EXPECT_EQ(host.send("x"), fake_error("timed out"));
  EXPECT_EQ(told(), "connect to server:80: timed out");
  EXPECT_EQ(host.now(), 5s);
}

TEST_P(SdkStream, AnAnswerThatDoesNotCome) {
  EXPECT_EQ(host.send("x"), fake_error("timed out"));
  EXPECT_EQ(told(), "read: timed out");
  EXPECT_EQ(server.open(), 0);
}

TEST_P(SdkStream, AServerThatTakesNoMore) {
  server.takes(3);
  EXPECT_EQ(host.send("question"), fake_error("timed out"));
  EXPECT_EQ(told(), "write: timed out");
  EXPECT_EQ(server.received(), "que");
}

TEST_P(SdkStream, AReset) {
  server.then_resets();
  EXPECT_EQ(host.send("x"), fake_error("operation failed"));
  EXPECT_EQ(told(), "write: " + words_of(std::errc::connection_reset));
  server.answers("half an an").then_resets();
  EXPECT_EQ(host.send("x"), fake_error("operation failed"));
  EXPECT_EQ(told(), "read: " + words_of(std::errc::connection_reset));
}

TEST_P(SdkStream, CancelledAtEachStep) {
  server.answers("one\r\nrest").in_pieces_of(3).then_ends();
  const std::size_t before = host.operations();
  EXPECT_EQ(host.send("x"), fake_reply("one|rest"));
  const auto steps = static_cast<int>(host.operations() - before);
  ASSERT_GE(steps, 6);
  for (int step = 1; step <= steps; ++step) {
    host.cancel_at(step);
    EXPECT_EQ(host.send("x").text.substr(0, 9), "cancelled") << step;
    EXPECT_EQ(server.open(), 0);
  }
}

struct Copying {
  task<> on_message(asyncd::call call) const {
    asyncd::stream stream = co_await call.connect(address);
    co_await asyncd::when_all(say(call, stream), hear(call, stream));
    const asyncd::stream moved = std::move(stream);
  }
  static task<> say(asyncd::call call, asyncd::stream& stream) {
    for (int i = 0; i < 3; ++i) {
      co_await call.sleep(1s);
      co_await stream.write(call.message());
    }
  }
  static task<> hear(asyncd::call call, asyncd::stream& stream) {
    std::array<char, 100> bytes;
    for (int i = 0; i < 3; ++i) {
      const std::size_t size = co_await stream.read(bytes);
      call.append({bytes.data(), size});
    }
    EXPECT_EQ(co_await stream.read({}), 0u);
  }
};

TEST_P(SdkStream, AReadAndAWriteAtTheSameTime) {
  fake_host copying(handler_of<Copying>, {}, GetParam());
  copying.upstream(address).answers(
      [](std::string_view text) { return "<" + std::string(text) + ">"; });
  EXPECT_EQ(copying.send("x"), fake_reply("<x><x><x>"));
}

}  // namespace
