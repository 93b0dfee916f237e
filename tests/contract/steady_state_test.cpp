// A connection in its steady state allocates nothing, whatever the backend: no thread of the
// server, and no library that it uses, the handler's included.
#include <string>

#include "tests/contract/backend_test.h"
#include "tests/support/count_mallocs.h"

namespace asyncd::test {

namespace {

struct Talk {
  const char* name;
  const char* handler;
  std::string message;
  std::string reply;
  // messages at a time; more than 16 are more than one turn's work
  std::vector<int> depths{1, 16, 100};
};

std::vector<Talk> talks() {
  const std::string digits = "1234567890";
  std::string long_text;
  while (long_text.size() < 10'000) long_text += digits;
  return {
      {"square", "square", "-987654321\n", "975461057789971041\n"},
      {"echo", "echo", "the quick brown fox\n", "the quick brown fox\n"},
      {"uppercase_echo", "uppercase-echo", "the quick brown fox\n", "THE QUICK BROWN FOX\n"},
      // Few at a time: the pool of a blocking thread keeps no more than 256 KiB.
      {"long_echo", "echo", long_text + "\n", long_text + "\n", {1, 4}},
  };
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

constexpr int messages = 1000;  // in one round
constexpr int most_rounds = 5;

// The test's thread is the client's, and it is not counted.
class SteadyState : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    do_not_count_this_thread();
  }

  // Each client sends so many messages, `depth` of them at a time.
  static void converse(std::vector<Client>& clients, const Talk& talk, int count, int depth) {
    const std::string all = repeated(talk.message, depth);
    const std::string replies = repeated(talk.reply, depth);
    for (int done = 0; done < count; done += depth) {
      for (Client& client : clients) client.send(all);
      for (Client& client : clients) ASSERT_EQ(client.read(replies.size()), replies);
    }
  }

  // A pool may still grow when more connections than ever happen to need a block of it at once; but
  // it stops growing.
  static void expect_no_allocation(std::vector<Client>& clients, const Talk& talk, int depth) {
    SCOPED_TRACE(std::string(talk.name) + ", " + std::to_string(depth) + " at a time");
    std::uint64_t allocated = 1;
    for (int round = 0; allocated != 0 && round < most_rounds && !HasFatalFailure(); ++round) {
      const std::uint64_t before = mallocs_counted();
      converse(clients, talk, messages / static_cast<int>(clients.size()), depth);
      allocated = mallocs_counted() - before;
    }
    EXPECT_EQ(allocated, 0U) << "by the last " << messages << " messages of "
                             << most_rounds * messages;
  }

  static std::vector<Client> connect(const TestServer& server, int count) {
    std::vector<Client> clients;
    for (int i = 0; i < count; ++i) clients.emplace_back(server.port());
    return clients;
  }
};

class SteadyStateOfMany : public SteadyState {};

TEST_P(SteadyState, AMessageAllocatesNothing) {
  for (const Talk& talk : talks()) {
    TestServer server(setup(talk.handler));
    for (const int depth : talk.depths) {
      std::vector<Client> clients = connect(server, 1);
      expect_no_allocation(clients, talk, depth);
    }
  }
}

TEST_P(SteadyStateOfMany, AMessageAllocatesNothing) {
  for (const Talk& talk : talks()) {
    TestServer server(setup(talk.handler));
    std::vector<Client> clients = connect(server, 8);
    for (const int depth : talk.depths) expect_no_allocation(clients, talk, depth);
  }
}

// The count above is worth something only if it sees what is allocated.
TEST_P(SteadyState, AnErrorIsSeenToAllocate) {
  TestServer server(setup("square"));
  std::vector<Client> clients = connect(server, 1);
  const Talk wrong{"", "square", "not a number at all\n",
                   "error: not an integer: \"not a number at all\"\n"};
  converse(clients, wrong, 100, 1);
  const std::uint64_t before = mallocs_counted();
  converse(clients, wrong, 1, 1);
  EXPECT_GT(mallocs_counted(), before);
}

INSTANTIATE_TEST_SUITE_P(Backends, SteadyState, testing::ValuesIn(all_backends()),
                         backend_test_name);
INSTANTIATE_TEST_SUITE_P(Backends, SteadyStateOfMany, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

}  // namespace

}  // namespace asyncd::test
