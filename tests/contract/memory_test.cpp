// limits.memory, on every backend: those that hold most are told and closed, and the others do not
// notice.
#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

constexpr std::size_t mebibyte = 1 << 20;
constexpr std::string_view told = "error: memory limit reached (this connection held ";

class Memory : public BackendTest {
 protected:
  ServerSetup with_memory(std::uint64_t bytes, const std::string& handler = "hello") const {
    ServerSetup wanted = setup(handler);
    wanted.memory = bytes;
    wanted.limits.max_message = 64 * mebibyte;
    wanted.limits.message_timeout = unlimited_time;
    if (GetParam() == "thread-pool") wanted.backend_options = {{"threads", std::int64_t{24}}};
    return wanted;
  }

  // How many have been told something; their connections end when they do.
  static std::uint64_t told_among(std::vector<Client>& clients) {
    return static_cast<std::uint64_t>(std::count_if(
        clients.begin(), clients.end(), [](Client& one) { return one.readable_within({}); }));
  }
  static std::uint64_t closed_for_memory(const TestServer& server) {
    return server.stats().closed[static_cast<std::size_t>(CloseReason::memory_limit)];
  }
};

class MemoryOfMany : public Memory {};

// It is not read any more before it holds so much, and closed when that has not helped.
TEST_P(Memory, WhoWouldHoldMoreThanAllMayIsToldAndClosed) {
  TestServer server(with_memory(8 * mebibyte));
  Client client(server.port());
  client.send(std::string(24 * mebibyte, 'x'));
  client.end_output();
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with(told)) << answer.substr(0, 100);
  EXPECT_TRUE(answer.ends_with(" bytes)\n")) << answer.substr(0, 100);
  EXPECT_TRUE(eventually([&] { return closed_for_memory(server) == 1; }));
  Client next(server.port());
  next.send("x\n");
  EXPECT_EQ(next.read(12), "Hello World\n");
}

TEST_P(MemoryOfMany, ThoseThatHoldMostAreClosedAndTheOthersAreServed) {
  constexpr int count = 16;
  TestServer server(with_memory(8 * mebibyte));
  Client small(server.port());
  const auto is_served = [&small] {
    small.send("x\n");
    return small.read(12) == "Hello World\n";
  };
  std::vector<Client> large;
  for (int i = 0; i < count; ++i) {
    large.emplace_back(server.port());
    large.back().send(std::string(900'000, 'x'));
    ASSERT_TRUE(is_served());
  }
  EXPECT_TRUE(eventually([&] { return is_served() && told_among(large) != 0; }));
  std::uint64_t closed = 0;
  for (Client& client : large) {
    client.end_output();
    const std::string answer = client.read_to_end();
    ASSERT_TRUE(is_served());
    EXPECT_TRUE(answer == "Hello World\n" || answer.starts_with(told)) << answer.substr(0, 100);
    if (answer.starts_with(told)) ++closed;
  }
  EXPECT_GE(closed, 5U) << "of 16, of which 8 fit into the memory";
  EXPECT_LT(closed, 16U);
  EXPECT_TRUE(eventually([&] { return closed_for_memory(server) == closed; }));
}

// What a call holds while it waits: 4 MiB each, for a reply that is not finished.
TEST_P(MemoryOfMany, CallsThatWaitCountToo) {
  constexpr int count = 4;
  ServerSetup wanted = with_memory(12 * mebibyte, "waiting");
  wanted.handler_library = ASYNCD_TEST_WAITING;
  TestServer server(wanted);
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("pad:3000000 never\n");
  }
  EXPECT_TRUE(eventually([&] { return told_among(clients) != 0; }));
  int answered = 0;
  for (Client& client : clients)
    if (client.readable_within(std::chrono::milliseconds(10))) {
      ++answered;
      client.end_output();
      EXPECT_TRUE(client.read_to_end().starts_with(told));
    }
  EXPECT_LT(answered, count);
  server.stop();
}

INSTANTIATE_TEST_SUITE_P(Backends, Memory, testing::ValuesIn(all_backends()), backend_test_name);
INSTANTIATE_TEST_SUITE_P(Backends, MemoryOfMany, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

}  // namespace

}  // namespace asyncd::test
