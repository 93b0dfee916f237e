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

TEST_P(Overload, AReloadChangesWhatClientsMeet) {
  TestServer server(limited(asyncd::Overload::backlog));
  const auto clients = served(server, 2);
  Client third(server.port());
  third.send("third\n");
  EXPECT_FALSE(third.readable_within(std::chrono::milliseconds(100)));
  ServerSetup larger = limited(asyncd::Overload::backlog);
  larger.limits.max_connections = 3;
  EXPECT_EQ(server.reload(larger), "");
  EXPECT_EQ(third.read(6), "third\n");
  Client fourth(server.port());
  fourth.send("fourth\n");
  EXPECT_FALSE(fourth.readable_within(std::chrono::milliseconds(100)));
  larger.limits.overload = asyncd::Overload::shed;
  EXPECT_EQ(server.reload(larger), "");
  EXPECT_EQ(fourth.read_to_end(), "error: too many connections\n");
}

INSTANTIATE_TEST_SUITE_P(Backends, Overload, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

namespace {

// All that can be counted, of which there is to be one.
BackendOptions fewest(const BackendEntry& backend) {
  BackendOptions options;
  for (const Setting& setting : backend.settings())
    options[setting.key] = setting.type == SettingType::count
                               ? Value(std::int64_t{1})
                               : *parse_value(setting, setting.fallback);
  return options;
}

std::uint64_t room(const BackendEntry& backend) {
  return backend.make(fewest(backend))->takes_in_at_once();
}

// Those whose own threads bound how many connections they take in.
std::vector<std::string> bounded_backends() {
  std::vector<std::string> names = all_backends();
  std::erase_if(
      names, [](const std::string& name) { return room(*find_backend(name)) == unlimited_count; });
  return names;
}

}  // namespace

class OverloadOfThreads : public BackendTest {
 protected:
  ServerSetup full(asyncd::Overload overload) const {
    ServerSetup wanted = setup("echo");
    wanted.backend_options = fewest(*find_backend(GetParam()));
    wanted.limits.overload = overload;
    return wanted;
  }

  // As many as there is room for; the first is served.
  std::vector<std::unique_ptr<Client>> fill(const TestServer& server) const {
    std::vector<std::unique_ptr<Client>> clients;
    for (std::uint64_t i = 0; i < room(*find_backend(GetParam())); ++i) {
      clients.push_back(std::make_unique<Client>(server.port()));
      clients.back()->send("x\n");
      EXPECT_TRUE(eventually([&] { return server.stats().active == clients.size(); }));
    }
    EXPECT_EQ(clients.front()->read(2), "x\n");
    return clients;
  }
};

TEST_P(OverloadOfThreads, ShedClientsReadWhy) {
  TestServer server(full(asyncd::Overload::shed));
  const auto clients = fill(server);
  for (int i = 0; i < 5; ++i) {
    Client another(server.port());
    another.send(std::string(10'000, 'u') + "\n");
    EXPECT_EQ(another.read_to_end(), "error: too many connections\n");
  }
  EXPECT_EQ(rejected(server, RejectReason::threads_busy), 5u);
  EXPECT_EQ(server.stats().active, clients.size());
  clients.front()->send("still\n");
  EXPECT_EQ(clients.front()->read(6), "still\n");
}

TEST_P(OverloadOfThreads, ShedClientsReadWhyAlsoWhileACallWaits) {
  ServerSetup wanted = full(asyncd::Overload::shed);
  wanted.handler = "uppercase-echo";
  wanted.handler_options = {{.key = "delay", .text = "1h"}};
  wanted.limits.call_timeout = unlimited_time;
  TestServer server(wanted);
  std::vector<std::unique_ptr<Client>> clients;
  while (clients.size() < room(*find_backend(GetParam()))) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->send("x\n");
    ASSERT_TRUE(eventually([&] { return server.stats().active == clients.size(); }));
  }
  Client another(server.port());
  EXPECT_EQ(another.read_to_end(), "error: too many connections\n");
  server.stop();
}

TEST_P(OverloadOfThreads, WhereThereIsRoomAgainNobodyIsShed) {
  TestServer server(full(asyncd::Overload::shed));
  for (int i = 0; i < 20; ++i) {
    fill(server).clear();
    ASSERT_TRUE(eventually([&] { return server.stats().active == 0; }));
  }
  EXPECT_EQ(server.stats().rejected_in_all(), 0u);
}

TEST_P(OverloadOfThreads, InTheBacklogClientsWaitForRoom) {
  TestServer server(full(asyncd::Overload::backlog));
  auto clients = fill(server);
  Client another(server.port());
  another.send("another\n");
  EXPECT_FALSE(another.readable_within(std::chrono::milliseconds(200)));
  EXPECT_EQ(server.stats().active, clients.size());
  clients.clear();
  EXPECT_EQ(another.read(8), "another\n");
  EXPECT_EQ(server.stats().rejected_in_all(), 0u);
}

TEST_P(OverloadOfThreads, AReloadChangesWhatClientsMeet) {
  TestServer server(full(asyncd::Overload::backlog));
  const auto clients = fill(server);
  Client another(server.port());
  another.send("another\n");
  EXPECT_EQ(server.reload(full(asyncd::Overload::shed)), "");
  EXPECT_EQ(another.read_to_end(), "error: too many connections\n");
}

TEST_P(OverloadOfThreads, AStopWaitsForNoRoom) {
  TestServer server(full(asyncd::Overload::backlog));
  const auto clients = fill(server);
  const Client another(server.port());
  server.stop();
  EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Backends, OverloadOfThreads, testing::ValuesIn(bounded_backends()),
                         backend_test_name);

}  // namespace asyncd::test
