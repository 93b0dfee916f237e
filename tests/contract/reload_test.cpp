// A new configuration in place of the one that serves: connections keep what they began with,
// no client is turned away, and what fails changes nothing.
#include <memory>
#include <vector>

#include "core/net/socket_creation.h"
#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

class ReloadTest : public BackendTest {
 protected:
  ServerSetup squaring() const { return setup("square"); }
  ServerSetup doubling() const { return setup("double"); }
  ServerSetup elsewhere() const {
    ServerSetup other = squaring();
    other.backend = GetParam() == "select" ? "proactor" : "select";
    return other;
  }
};

std::string ask(Client& client, const std::string& question) {
  client.send(question + "\n");
  std::string answer;
  while (!answer.ends_with('\n')) {
    const std::string letter = client.read(1);
    if (letter.empty()) return answer + "<end>";
    answer += letter;
  }
  return answer;
}

std::string ask(const TestServer& server, const std::string& question) {
  Client client(server.port());
  return ask(client, question);
}

}  // namespace

TEST_P(ReloadTest, NewConnectionsGetTheNewHandler) {
  TestServer server(squaring());
  EXPECT_EQ(ask(server, "7"), "49\n");
  const int port = server.port();
  ASSERT_EQ(server.reload(doubling()), "");
  EXPECT_EQ(server.port(), port);
  EXPECT_EQ(ask(server, "7"), "14\n");
}

TEST_P(ReloadTest, AListenerMovesToAllAddressesAndBackWhereTheSystemLetsIt) {
  TestServer server(squaring());
  const int port = server.port();
  ServerSetup next = doubling();
  for (const std::string address : {"0.0.0.0:0", "127.0.0.1:0", "0.0.0.0:0"}) {
    next.address = address;
    if (const std::string failure = server.reload(next); !failure.empty()) {
      EXPECT_FALSE(can_share_ports()) << failure;
      EXPECT_NE(failure.find("asyncd's own listener 'main' has 127.0.0.1:"), std::string::npos)
          << failure;
      EXPECT_EQ(ask(server, "7"), "49\n");
      return;
    }
    EXPECT_EQ(server.port(), port);
    EXPECT_EQ(ask(server, "7"), "14\n");
  }
}

TEST_P(ReloadTest, AConnectionKeepsTheHandlerThatItBeganWith) {
  if (GetParam() == "blocking") GTEST_SKIP() << "blocking serves one client at a time";
  TestServer server(squaring());
  Client old(server.port());
  EXPECT_EQ(ask(old, "7"), "49\n");
  ASSERT_EQ(server.reload(doubling()), "");
  Client young(server.port());
  EXPECT_EQ(ask(young, "7"), "14\n");
  EXPECT_EQ(ask(old, "8"), "64\n");
}

TEST_P(ReloadTest, LimitsAreThoseOfTheConnectionsBeginning) {
  TestServer server(setup("echo"));
  ServerSetup strict = setup("echo");
  strict.limits.max_message = 3;
  ASSERT_EQ(server.reload(strict), "");
  EXPECT_EQ(ask(server, "long"), "error: message too long (limit 3 bytes)\n");
  ASSERT_EQ(server.reload(setup("echo")), "");
  EXPECT_EQ(ask(server, "long"), "long\n");
}

// The port never closes: the queue of clients goes from one backend to the other.
TEST_P(ReloadTest, AnotherBackendTakesOverTheQueue) {
  TestServer server(squaring());
  for (int i = 0; i < 10; ++i) {
    Client waiting(server.port());
    waiting.send("7\n");
    ASSERT_EQ(server.reload(i % 2 == 0 ? elsewhere() : squaring()), "");
    EXPECT_EQ(waiting.read(3), "49\n");
  }
  EXPECT_TRUE(eventually([&] { return server.stats().closed_in_all() == 10; }));
}

TEST_P(ReloadTest, AConnectionOutlivesItsBackend) {
  TestServer server(squaring());
  Client old(server.port());
  EXPECT_EQ(ask(old, "7"), "49\n");
  ASSERT_EQ(server.reload(elsewhere()), "");
  EXPECT_EQ(ask(server, "8"), "64\n");
  EXPECT_EQ(ask(old, "9"), "81\n");
}

TEST_P(ReloadTest, WhatFailsChangesNothing) {
  TestServer server(squaring());
  Client old(server.port());
  EXPECT_EQ(ask(old, "7"), "49\n");
  ServerSetup wrong = setup("no-such-handler");
  EXPECT_NE(server.reload(wrong).find("no handler 'no-such-handler'"), std::string::npos);
  EXPECT_EQ(ask(old, "8"), "64\n");
  old.end_output();
  EXPECT_EQ(ask(server, "9"), "81\n");
}

TEST_P(ReloadTest, TheSameOnceMoreChangesNothingEither) {
  TestServer server(squaring());
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(server.reload(squaring()), "");
    EXPECT_EQ(server.changes(), 0u);
  }
  EXPECT_EQ(ask(server, "9"), "81\n");
}

// Connections may stay for as long as they like, but not on any number of handlers.
TEST_P(ReloadTest, OfManyOldHandlersTheOldestIsLeft) {
  if (GetParam() == "blocking") GTEST_SKIP() << "blocking serves one client at a time";
  TestServer server(squaring());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    EXPECT_EQ(ask(*clients.back(), "7"), i % 2 == 0 ? "49\n" : "14\n");
    ASSERT_EQ(server.reload(i % 2 == 0 ? doubling() : squaring()), "");
  }
  EXPECT_EQ(clients[0]->read_to_end(), "");
  EXPECT_EQ(clients[1]->read_to_end(), "");
  EXPECT_EQ(ask(*clients[2], "7"), "49\n");
}

TEST_P(ReloadTest, AHandlerEndsWithItsLastConnection) {
  TestServer server(squaring());
  {
    Client old(server.port());
    EXPECT_EQ(ask(old, "7"), "49\n");
    ASSERT_EQ(server.reload(doubling()), "");
    EXPECT_EQ(server.older_handlers(), 1u);
  }
  EXPECT_TRUE(eventually([&] { return server.older_handlers() == 0; }));
}

// However many reloads it has stayed through.
TEST_P(ReloadTest, AHandlerThatHasStayedEndsAllTheSame) {
  TestServer server(squaring());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(server.reload(squaring()), "");
  EXPECT_EQ(server.older_handlers(), 0u);
  ASSERT_EQ(server.reload(doubling()), "");
  EXPECT_TRUE(eventually([&] { return server.older_handlers() == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Backends, ReloadTest, testing::ValuesIn(all_backends()),
                         backend_test_name);

}  // namespace asyncd::test
