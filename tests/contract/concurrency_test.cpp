// Many clients at a time, and the one backend that serves them one by one.
#include <memory>
#include <vector>

#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

// Both ends of each are descriptors of this process, and select() can watch no more than 1024.
constexpr int many = 480;

}  // namespace

// All are connected before the first one sends; so all are served at a time.
TEST_P(ConcurrentBackendTest, ManyClientsAtATime) {
  ServerSetup wanted = setup("uppercase-echo", {.kind = FramingKind::raw});
  wanted.limits.messages_per_connection = 1;
  if (GetParam() == "thread-pool")
    wanted.backend_options = {{"threads", std::int64_t{50}}, {"queue", std::int64_t{100}}};
  TestServer server(wanted);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < many; ++i) clients.push_back(std::make_unique<Client>(server.port()));
  for (auto& client : clients) client->send("the quick brown fox");
  for (auto& client : clients) {
    EXPECT_EQ(client->read_to_end(), "THE QUICK BROWN FOX");
    client.reset();
  }
}

TEST(BlockingBackend, TheSecondClientWaitsUntilTheFirstHasGone) {
  ServerSetup wanted;
  wanted.backend = "blocking";
  TestServer server(wanted);
  Client first(server.port());
  first.send("one\n");
  EXPECT_EQ(first.read(4), "one\n");
  Client second(server.port());
  second.send("two\n");
  EXPECT_FALSE(second.readable_within(std::chrono::milliseconds(200)));
  first.end_output();
  EXPECT_EQ(second.read(4), "two\n");
}

INSTANTIATE_TEST_SUITE_P(Backends, ConcurrentBackendTest, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

}  // namespace asyncd::test
