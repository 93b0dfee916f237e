// What every backend must do alike, over real sockets: the same bytes in, the same bytes out,
// however they were cut.
#include <gtest/gtest.h>

#include <thread>

#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

struct Exchange {
  const char* name;
  const char* handler;
  Framing framing;
  std::string input;
  std::string output;  // up to the server's end
};

const Framing line{};
const Framing fixed4{.kind = FramingKind::fixed, .message_size = 4};
const Framing length2{.kind = FramingKind::length, .prefix_size = 2};
const Framing length4_little{
    .kind = FramingKind::length, .prefix_size = 4, .prefix_order = ByteOrder::little};

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

const std::vector<Exchange>& corpus() {
  static const std::string digits(300, '9');
  static const std::string squared = std::string(299, '9') + "8" + std::string(299, '0') + "1";
  static const std::vector<Exchange> exchanges = {
      {"squares", "square", line, "7\n-12\nabc\n", "49\n144\nerror: not an integer: \"abc\"\n"},
      {"square_of_300_digits", "square", line, digits + "\n", squared + "\n"},
      {"doubles", "double", line, "21\r\n -4 \n+0\n", "42\n-8\n0\n"},
      {"last_line_without_end", "double", line, "1\n2", "2\n4\n"},
      {"empty_lines", "echo", line, "\n\r\n\n", "\n\n\n"},
      {"upper_case", "uppercase-echo", line, "the quick brown fox\nABC \xc3\xa9\n",
       "THE QUICK BROWN FOX\nABC \xc3\xa9\n"},
      {"hello", "hello", line, "x\ny\n", "Hello World\nHello World\n"},
      {"print_says_nothing", "print", line, "x\ny\n", ""},
      {"nothing_at_all", "echo", line, "", ""},
      {"fixed", "echo", fixed4, "abcdefgh", "abcdefgh"},
      {"fixed_incomplete", "echo", fixed4, "abcdef",
       "abcderror: incomplete message (2 of 4 bytes)"},
      {"length", "echo", length2, bytes({0, 2, 'h', 'i', 0, 0}), bytes({0, 2, 'h', 'i', 0, 0})},
      {"length_little", "uppercase-echo", length4_little, bytes({1, 0, 0, 0, 'a'}),
       bytes({1, 0, 0, 0, 'A'})},
      {"many_at_once", "double", line,
       [] {
         std::string all;
         for (int i = 0; i < 1000; ++i) all += std::to_string(i) + "\n";
         return all;
       }(),
       [] {
         std::string all;
         for (int i = 0; i < 1000; ++i) all += std::to_string(2 * i) + "\n";
         return all;
       }()},
  };
  return exchanges;
}

}  // namespace

TEST_P(BackendTest, TheWholeCorpusInOnePiece) {
  for (const Exchange& exchange : corpus()) {
    SCOPED_TRACE(exchange.name);
    TestServer server(setup(exchange.handler, exchange.framing));
    Client client(server.port());
    client.send(exchange.input);
    client.end_output();
    EXPECT_EQ(client.read_to_end(), exchange.output);
  }
}

TEST_P(BackendTest, TheWholeCorpusByteByByte) {
  for (const Exchange& exchange : corpus()) {
    SCOPED_TRACE(exchange.name);
    TestServer server(setup(exchange.handler, exchange.framing));
    Client client(server.port());
    client.send_bytewise(exchange.input);
    client.end_output();
    EXPECT_EQ(client.read_to_end(), exchange.output);
  }
}

TEST_P(BackendTest, OneConnectionAfterTheOther) {
  TestServer server(setup("double"));
  for (int i = 0; i < 100; ++i) {
    Client client(server.port());
    client.send(std::to_string(i) + "\n");
    EXPECT_EQ(client.read(std::to_string(2 * i).size() + 1), std::to_string(2 * i) + "\n");
  }
  EXPECT_TRUE(eventually([&] { return server.stats().closed_in_all() == 100; }));
}

TEST_P(BackendTest, RawAnswersOneMessageAndCloses) {
  ServerSetup wanted = setup("uppercase-echo", {.kind = FramingKind::raw});
  wanted.limits.messages_per_connection = 1;
  TestServer server(wanted);
  Client client(server.port());
  client.send("the quick brown fox");
  EXPECT_EQ(client.read_to_end(), "THE QUICK BROWN FOX");
}

TEST_P(BackendTest, ATooLongMessageIsRefusedAndWhatCameBeforeIsAnswered) {
  ServerSetup wanted = setup("echo");
  wanted.limits.max_message = 100;
  TestServer server(wanted);
  Client client(server.port());
  client.send("first\n" + std::string(50'000, 'x') + "\nnever read\n");
  EXPECT_EQ(client.read_to_end(), "first\nerror: message too long (limit 100 bytes)\n");
}

TEST_P(BackendTest, TheLastReplySurvivesUnreadInput) {
  ServerSetup wanted = setup("echo", {.kind = FramingKind::length, .prefix_size = 4});
  wanted.limits.messages_per_connection = 1;
  TestServer server(wanted);
  const std::string message = bytes({0, 3, 13, 64}) + std::string(200'000, 'm');
  for (int i = 0; i < 20; ++i) {
    Client client(server.port());
    client.send(message + std::string(100'000, 'u'));
    EXPECT_EQ(client.read_to_end(), message);
  }
}

// The client sends far more than all buffers hold before it reads a byte.
TEST_P(BackendTest, PipeliningWithoutReadingLosesNothing) {
  TestServer server(setup("echo"));
  Client client(server.port());
  std::string input;
  for (int i = 0; i < 200'000; ++i) input += std::to_string(i) + " some more text\n";
  std::thread sender([&] {
    client.send(input);
    client.end_output();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(client.read_to_end(), input);
  sender.join();
}

TEST_P(BackendTest, AClientThatVanishesIsCounted) {
  TestServer server(setup("echo"));
  {
    Client client(server.port());
    client.send("x\n");
    EXPECT_EQ(client.read(2), "x\n");
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server.stats().closed_in_all() == 1; }));
}

TEST_P(BackendTest, StopsWithConnectionsOpen) {
  TestServer server(setup("echo"));
  Client client(server.port());
  client.send("x\n");
  EXPECT_EQ(client.read(2), "x\n");
  server.finish();
  EXPECT_EQ(client.read_to_end(), "");
}

INSTANTIATE_TEST_SUITE_P(Backends, BackendTest, testing::ValuesIn(all_backends()),
                         backend_test_name);

}  // namespace asyncd::test
