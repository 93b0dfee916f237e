// A handler that does not return holds its thread, or its event loop, and nothing else: who comes meanwhile is taken
// in, and the books balance whatever happens then.
#include <memory>
#include <vector>

#include "tests/contract/backend_test.h"
#include "tests/support/temporary_folder.h"

namespace asyncd::test {

namespace {

class Stuck : public BackendTest {
 protected:
  ServerSetup hanging(std::int64_t threads) const {
    ServerSetup wanted = setup("misbehaving");
    wanted.handler_library = ASYNCD_TEST_MISBEHAVING;
    if (GetParam() == "proactor" || GetParam() == "thread-pool") wanted.backend_options["threads"] = threads;
    wanted.limits.first_byte_timeout = wanted.limits.idle_timeout = unlimited_time;
    return wanted;
  }

  // Those that call handlers on the thread that accepts.
  bool accepts_between_calls() const { return GetParam() == "blocking" || GetParam() == "select"; }

  std::string hang() const { return "hang until " + release_.string() + "\n"; }
  void let_go() const { write_file(release_, ""); }

  static std::vector<std::unique_ptr<Client>> clients_that_ask(const TestServer& server, int count) {
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
  if (accepts_between_calls()) GTEST_SKIP() << GetParam() << " accepts on the thread that serves";
  TestServer server(hanging(1));
  Client stuck(server.port());
  stuck.send(hang());
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

INSTANTIATE_TEST_SUITE_P(Backends, Stuck, testing::ValuesIn(all_backends()), backend_test_name);

}  // namespace asyncd::test
