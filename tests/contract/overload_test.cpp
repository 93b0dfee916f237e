// Clients beyond what the limits allow: they wait, or they are told, and never is a word lost.
#include <memory>
#include <vector>

#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

class Overload : public ConcurrentBackendTest {
 protected:
  ServerSetup limited(asyncd::Overload overload) const {
    ServerSetup wanted = setup("echo");
    wanted.limits.max_connections = 2;
    wanted.limits.overload = overload;
    return wanted;
  }

  // Served, so the server has taken them in.
  static std::vector<std::unique_ptr<Client>> served(const TestServer& server, int count) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(server.port()));
      clients.back()->send("x\n");
      EXPECT_EQ(clients.back()->read(2), "x\n");
    }
    return clients;
  }
};

std::uint64_t rejected(const TestServer& server, RejectReason reason) {
  return server.stats().rejected[static_cast<std::size_t>(reason)];
}

}  // namespace

TEST_P(Overload, InTheBacklogClientsWaitForRoom) {
  TestServer server(limited(asyncd::Overload::backlog));
  auto clients = served(server, 2);
  Client third(server.port());
  third.send("third\n");
  EXPECT_FALSE(third.readable_within(std::chrono::milliseconds(200)));
  clients.pop_back();
  EXPECT_EQ(third.read(6), "third\n");
  EXPECT_EQ(server.stats().rejected_in_all(), 0u);
}

TEST_P(Overload, ShedClientsReadWhyThoughTheyHaveSentALot) {
  TestServer server(limited(asyncd::Overload::shed));
  const auto clients = served(server, 2);
  for (int i = 0; i < 100; ++i) {
    Client another(server.port());
    another.send(std::string(10'000, 'u') + "\n");
    EXPECT_EQ(another.read_to_end(), "error: too many connections\n");
  }
  EXPECT_EQ(rejected(server, RejectReason::full), 100u);
  EXPECT_EQ(server.stats().active, 2u);
  clients.front()->send("still\n");
  EXPECT_EQ(clients.front()->read(6), "still\n");
}

TEST_P(Overload, WhereThereIsRoomAgainNobodyIsShed) {
  TestServer server(limited(asyncd::Overload::shed));
  served(server, 2).clear();
  ASSERT_TRUE(eventually([&] { return server.stats().active == 0; }));
  served(server, 2).clear();
  EXPECT_EQ(server.stats().rejected_in_all(), 0u);
}

TEST_P(Overload, AnAddressHasItsOwnLimit) {
  ServerSetup wanted = setup("echo");
  wanted.limits.max_connections_per_ip = 2;
  TestServer server(wanted);
  auto clients = served(server, 2);
  Client third(server.port());
  third.send("third\n");
  EXPECT_EQ(third.read_to_end(), "error: too many connections from your address\n");
  EXPECT_EQ(rejected(server, RejectReason::address_full), 1u);
  clients.clear();
  ASSERT_TRUE(eventually([&] { return server.stats().active == 0; }));
  served(server, 2).clear();
  EXPECT_EQ(rejected(server, RejectReason::address_full), 1u);
}

INSTANTIATE_TEST_SUITE_P(Backends, Overload, testing::ValuesIn(concurrent_backends()), backend_test_name);

}  // namespace asyncd::test
