// A handler that does not return holds its thread, or its event loop, and nothing else: who comes
// meanwhile is taken in, and the books balance whatever happens then.
#include <memory>
#include <vector>

#include "tests/contract/backend_test.h"
#include "tests/support/temporary_folder.h"

namespace asyncd::test {

namespace {

using namespace std::chrono_literals;

// The log of the process, as long as it lives.
class LogOfTest {
 public:
  LogOfTest() { EXPECT_TRUE(log::start({.json = true, .file = file_.string()})); }
  ~LogOfTest() { log::stop(); }

  // How many lines have all of these words.
  static std::size_t count(const std::vector<std::string>& lines,
                           std::initializer_list<std::string> words) {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
          return std::all_of(words.begin(), words.end(),
                             [&](const std::string& word) { return line.find(word) != line.npos; });
        }));
  }
  std::size_t count(std::initializer_list<std::string> words) const {
    return count(lines(), words);
  }

  std::vector<std::string> lines() const {
    log::flush();
    std::vector<std::string> result;
    std::ifstream file(file_);
    for (std::string line; std::getline(file, line);) result.push_back(line);
    return result;
  }

 private:
  TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "log";
};

class Stuck : public BackendTest {
 protected:
  ServerSetup hanging(std::int64_t threads) const {
    ServerSetup wanted = setup("misbehaving");
    wanted.handler_library = ASYNCD_TEST_MISBEHAVING;
    if (has_setting("threads")) wanted.backend_options["threads"] = threads;
    wanted.limits.first_byte_timeout = wanted.limits.idle_timeout = unlimited_time;
    return wanted;
  }

  std::string how() const { return "hang until " + release_.string(); }
  std::string hang() const { return how() + "\n"; }
  void let_go() const { write_file(release_, ""); }

  // From then on its loop or thread takes up no other client.
  void wait_until_it_hangs() const {
    const std::filesystem::path told = release_.string() + ".hangs";
    std::error_code ignored;  // Windows removes nothing that is still open
    EXPECT_TRUE(eventually([&] { return std::filesystem::remove(told, ignored); }));
  }

  static std::vector<std::unique_ptr<Client>> clients_that_ask(const TestServer& server,
                                                               int count) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(server.port()));
      clients.back()->send("here\n");
    }
    return clients;
  }

  TemporaryFolder folder_;
  const std::filesystem::path release_ = folder_ / "release";
};

}  // namespace

TEST_P(Stuck, AcceptingGoesOnThoughNoThreadIsLeftToServe) {
  if (GetParam() == "blocking") GTEST_SKIP() << "blocking accepts on the thread that serves";
  TestServer server(hanging(1));
  Client stuck(server.port());
  stuck.send(hang());
  wait_until_it_hangs();
  auto others = clients_that_ask(server, 3);
  EXPECT_TRUE(eventually([&] { return server.stats().accepted == 4; }));
  let_go();
  EXPECT_EQ(stuck.read(7), "served\n");
  stuck.end_output();
  for (auto& other : others) {
    EXPECT_EQ(other->read(5), "here\n");
    other.reset();
  }
}

// Whichever of two loops, or threads, it is.
TEST_P(Stuck, WhoComesIsServedByThoseThatAreFree) {
  if (GetParam() != "thread-per-connection" && !has_setting("threads"))
    GTEST_SKIP() << GetParam() << " has one thread";
  for (int before = 0; before < 2; ++before) {
    ServerSetup wanted = hanging(2);
    if (GetParam() == "thread-pool")
      wanted.backend_options["threads"] = std::int64_t{12};  // they stay with their clients
    TestServer server(wanted);
    auto first = clients_that_ask(server, before);
    for (auto& one : first) EXPECT_EQ(one->read(5), "here\n");
    Client stuck(server.port());
    stuck.send(hang());
    wait_until_it_hangs();
    auto others = clients_that_ask(server, 8);
    for (auto& other : others) EXPECT_EQ(other->read(5), "here\n");
    for (auto& other : clients_that_ask(server, 2)) EXPECT_EQ(other->read(5), "here\n");
    server.stop();
    EXPECT_TRUE(eventually([&] { return server.stats().active == 1; }));
    const StatsSnapshot books = server.stats();
    EXPECT_EQ(books.accepted, books.active + books.closed_in_all() + books.rejected_in_all());
    let_go();
    EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
    std::filesystem::remove(release_);
  }
}

TEST_P(Stuck, AStopTurnsAwayWhoWaitsForItsThread) {
  if (GetParam() == "blocking") GTEST_SKIP() << "blocking leaves them to the system";
  if (GetParam() == "thread-per-connection")
    GTEST_SKIP() << "no connection waits for another's thread";
  TestServer server(hanging(1));
  Client stuck(server.port());
  stuck.send(hang());
  wait_until_it_hangs();
  auto others = clients_that_ask(server, 3);
  EXPECT_TRUE(eventually([&] { return server.stats().accepted == 4; }));
  server.stop();
  for (auto& other : others)
    EXPECT_NE(other->read_to_end().find("error: shutting down\n"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return server.stats().active == 1; }));
  EXPECT_EQ(server.stats().rejected[static_cast<std::size_t>(RejectReason::stopping)], 3U);
  let_go();
}

TEST_P(Stuck, ItIsToldOfWhileItLastsAndAtItsEnd) {
  for (const std::string hook :
       {"message", "connection_open", "connection_close", "worker_create", "frame"}) {
    SCOPED_TRACE(hook);
    const LogOfTest log;
    ServerSetup wanted = hanging(1);
    wanted.limits.handler_blocks = 20ms;
    wanted.handler_options = {{.key = "hook", .text = hook}, {.key = "how", .text = how()}};
    if (hook == "frame") wanted.framing.kind = FramingKind::handler;
    {
      TestServer server(wanted);
      Client client(server.port());
      client.send(hook == "message" ? hang() : "here\n");
      if (hook == "connection_close") client.end_output();
      const std::initializer_list<std::string> lasting = {
          R"("handler_blocks")", R"("over":"no")", R"("misbehaving")", R"("main")",
          is_event_loop() ? R"("loop 1")" : R"("thread 1")"};
      EXPECT_TRUE(eventually([&] { return log.count(lasting) >= (hook == "message" ? 3U : 1U); }));
      EXPECT_EQ(log.count({R"("over":"yes")"}), 0U);
      let_go();
      client.end_output();
      client.read_to_end();
      EXPECT_TRUE(eventually([&] {
        return log.count({R"("handler_blocks")", R"("over":"yes")"}) >= 1;
      }));
      if (is_event_loop())
        EXPECT_GE(server.stats().long_turns, 1U);
      else
        EXPECT_EQ(server.stats().long_turns, 0U);
    }
    std::filesystem::remove(release_);
  }
}

// Those that wait by an operation, and those that take little time each.
TEST_P(Stuck, AThreadThatMayWaitIsNotToldOf) {
  if (is_event_loop()) GTEST_SKIP() << GetParam() << " has no thread that may wait";
  const LogOfTest log;
  ServerSetup wanted = setup("waiting");
  wanted.handler_library = ASYNCD_TEST_WAITING;
  TestServer server(wanted);
  Client client(server.port());
  client.send(
      "sleep:1300 say:a\nblock:300 say:b\nblock:300 say:c\nblock:300 say:d\nblock:300 say:e\n");
  EXPECT_EQ(client.read(10), "a\nb\nc\nd\ne\n");
  EXPECT_EQ(log.count({"handler_blocks"}), 0U);
}

INSTANTIATE_TEST_SUITE_P(Backends, Stuck, testing::ValuesIn(all_backends()), backend_test_name);

}  // namespace asyncd::test
