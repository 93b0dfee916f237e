// How connections end over real sockets: what has arrived is answered, and what is missing is told.
#include <thread>

#include "tests/contract/backend_test.h"
#include "tests/support/socket_pair.h"

namespace asyncd::test {

namespace {

class End : public BackendTest {
 protected:
  // Each message gets a reply so long that a few of them fill all of the system's buffers.
  ServerSetup with_long_replies() const {
    ServerSetup wanted = setup("hello");
    wanted.handler_options = {{.key = "text", .text = std::string(reply_size - 1, 'r')}};
    wanted.limits.input_buffer = 1024;
    return wanted;
  }
  static constexpr std::size_t reply_size = 256 << 10;
};

constexpr auto a_while = std::chrono::milliseconds(300);  // only so that it comes to what is tested

}  // namespace

// Output is stuck, so the messages lie in the system's buffer, and the server has not even seen
// them.
TEST_P(End, ADrainAnswersWhatHasArrivedThoughItHasNotBeenRead) {
  constexpr std::size_t messages = 100;
  TestServer server(with_long_replies());
  Client client(server.port());
  for (std::size_t i = 0; i < messages; ++i) client.send(std::string(599, 'm') + "\n");
  std::this_thread::sleep_for(a_while);
  std::thread drain([&] { server.finish(); });
  std::this_thread::sleep_for(a_while);
  EXPECT_EQ(client.read_to_end().size(), messages * reply_size);
  drain.join();
}

TEST_P(End, AReplyThatIsCutOffDoesNotLookLikeTheEnd) {
  ServerSetup wanted = with_long_replies();
  wanted.limits.write_timeout = a_while;
  TestServer server(wanted);
  Client client(server.port());
  for (std::size_t i = 0; i < 100; ++i) client.send("m\n");
  EXPECT_TRUE(eventually([&] {
    return server.stats().closed[static_cast<std::size_t>(CloseReason::write_timeout)] == 1;
  }));
  const std::string answer = client.read_to_end();
  EXPECT_LT(answer.size(), 100 * reply_size);
  if (!answer.ends_with("<reset>") && !tells_late_resets())
    GTEST_SKIP()
        << "this system does not tell a client of a reset that comes before it has read all";
  EXPECT_TRUE(answer.ends_with("<reset>"));
}

INSTANTIATE_TEST_SUITE_P(Backends, End, testing::ValuesIn(all_backends()), backend_test_name);

}  // namespace asyncd::test
