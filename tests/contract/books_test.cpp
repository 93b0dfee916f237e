// The books are true at any time, not only when connections have ended: each message is in them
// before its reply is on its way, and nothing in them ever goes down.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/contract/backend_test.h"

namespace asyncd::test {

namespace {

class Books : public BackendTest {};
class BooksOfMany : public ConcurrentBackendTest {};

bool has_gone_down(const StatsSnapshot& before, const StatsSnapshot& after) {
  const auto less = [](const auto& one, const auto& other) {
    for (std::size_t i = 0; i < one.size(); ++i)
      if (one[i] < other[i]) return true;
    return false;
  };
  const SessionCounters &then = before.sessions, &now = after.sessions;
  return after.accepted < before.accepted || less(after.closed, before.closed) ||
         less(after.rejected, before.rejected) || now.messages_received < then.messages_received ||
         now.messages_sent < then.messages_sent || now.errors_sent < then.errors_sent ||
         now.bytes_received < then.bytes_received || now.bytes_sent < then.bytes_sent;
}

bool balance(const StatsSnapshot& books) {
  return books.accepted == books.active + books.closed_in_all() + books.rejected_in_all();
}

}  // namespace

TEST_P(Books, HaveAMessageAsSoonAsItsReplyIsThere) {
  TestServer server(setup("square"));
  auto client = std::make_unique<Client>(server.port());
  const auto counted = [&] { return server.stats().sessions; };
  for (std::uint64_t i = 1; i <= 40; ++i) {
    client->send("12\n");
    ASSERT_EQ(client->read(4), "144\n");
    EXPECT_EQ(counted().messages_received, i);
    EXPECT_EQ(counted().messages_sent, i);
  }
  // Several at a time, more than one turn takes, and one that is refused.
  std::string many, replies;
  for (int i = 0; i < 50; ++i) {
    many += "3\n";
    replies += "9\n";
  }
  const std::string refusal = "error: not an integer: \"x\"\n";
  client->send(many + "x\n");
  ASSERT_EQ(client->read(replies.size() + refusal.size()), replies + refusal);
  const SessionCounters all{.messages_received = 91,
                            .messages_sent = 91,
                            .errors_sent = 1,
                            .bytes_received = 40 * 3 + 51 * 2,
                            .bytes_sent = 40 * 4 + replies.size() + refusal.size()};
  EXPECT_TRUE(eventually([&] { return counted() == all; }));
  EXPECT_EQ(server.stats().active, 1u);
  client.reset();
  ASSERT_TRUE(eventually([&] { return server.stats().active == 0; }));
  EXPECT_EQ(counted(), all);
}

TEST_P(Books, HaveAMessageWhileItsCallWaits) {
  ServerSetup wanted = setup("uppercase-echo");
  wanted.handler_options = {{.key = "delay", .text = "1h"}};
  wanted.limits.call_timeout = unlimited_time;
  TestServer server(wanted);
  Client client(server.port());
  client.send("a\n");
  const SessionCounters under_way{.messages_received = 1, .bytes_received = 2};
  EXPECT_TRUE(eventually([&] { return server.stats().sessions == under_way; }));
  server.stop();
}

TEST_P(Books, GoOnWhenAReloadChangesTheBackend) {
  ServerSetup wanted = setup("square");
  TestServer server(wanted);
  for (int i = 0; i < 3; ++i) {
    {
      Client client(server.port());
      client.send("12\n");
      ASSERT_EQ(client.read(4), "144\n");
    }
    const auto accepted = static_cast<std::uint64_t>(i + 1);
    ASSERT_TRUE(eventually([&] { return server.books()["main"].closed_in_all() == accepted; }));
    wanted.backend = wanted.backend == "select" ? "proactor" : "select";
    ASSERT_EQ(server.reload(wanted), "");
    const StatsSnapshot books = server.books()["main"];
    EXPECT_EQ(books.accepted, accepted);
    EXPECT_EQ(books.sessions.messages_sent, accepted);
    EXPECT_TRUE(balance(books));
  }
  EXPECT_EQ(server.books().size(), 1u);
}

// Some are turned away, some break off.
TEST_P(BooksOfMany, BalanceAndNeverGoDownWhileClientsComeAndGo) {
  ServerSetup wanted = setup("echo");
  wanted.limits.max_connections = 4;
  wanted.limits.overload = Overload::shed;
  TestServer server(wanted);
  std::atomic<bool> done{false};
  std::thread clients([&] {
    for (int round = 0; round < 40; ++round) {
      std::vector<std::unique_ptr<Client>> crowd;
      for (int i = 0; i < 6; ++i) crowd.push_back(std::make_unique<Client>(server.port()));
      for (auto& client : crowd) client->send("1\n2\n");
      for (std::size_t i = 0; i < 3; ++i) crowd[i]->read(2);
    }
    done = true;
  });
  StatsSnapshot before = server.stats();
  while (!done) {
    const StatsSnapshot now = server.stats();
    EXPECT_TRUE(balance(now));
    EXPECT_LE(now.active, 4u);
    EXPECT_FALSE(has_gone_down(before, now));
    before = now;
  }
  clients.join();
}

INSTANTIATE_TEST_SUITE_P(Backends, Books, testing::ValuesIn(all_backends()), backend_test_name);
INSTANTIATE_TEST_SUITE_P(Backends, BooksOfMany, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

}  // namespace asyncd::test
