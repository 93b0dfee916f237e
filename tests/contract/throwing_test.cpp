// An exception that leaves a handler written in C++ ends the connection that it happens on, for its
// own reason, on every backend, whatever else the handler has replied; others are served on.
#include "tests/contract/backend_test.h"
#include "tests/support/socket_pair.h"

namespace asyncd::test {

namespace {

const std::string failed = "error: handler failed\n";

class ThrowingTest : public BackendTest {
 protected:
  ServerSetup throwing(const std::string& handler, const Framing& framing = {}) const {
    ServerSetup result = setup(handler, framing);
    result.handler_library = ASYNCD_TEST_THROWING;
    return result;
  }
};

std::string talk(const TestServer& server, const std::string& input) {
  Client client(server.port());
  client.send(input);
  client.end_output();
  return client.read_to_end();
}

std::uint64_t closed_for(const TestServer& server, CloseReason reason) {
  return server.stats().closed[static_cast<std::size_t>(reason)];
}

// Each of the messages ends its connection; a client that comes afterwards is served.
void expect_failures(const ServerSetup& wanted, const std::vector<std::string>& messages) {
  TestServer server(wanted);
  for (const std::string& message : messages)
    EXPECT_EQ(talk(server, "before\n" + message + "\nafter\n"), "before\n" + failed) << message;
  EXPECT_EQ(talk(server, "another\n"), "another\n");
  server.finish();
  EXPECT_EQ(closed_for(server, CloseReason::handler_failed), messages.size());
}

const std::vector<std::string> exceptions = {"throw", "throw a number", "throw for want of memory"};

}  // namespace

TEST_P(ThrowingTest, OfAMessage) {
  expect_failures(throwing("throwing"), exceptions);
  expect_failures(throwing("throwing-serially"), exceptions);
}

TEST_P(ThrowingTest, OfACallThatWaits) {
  expect_failures(throwing("throwing-later"),
                  {"throw at once", "throw later", "throw a number, later",
                   "throw for want of memory, in another", "throw in another", "throw in work",
                   "throw a number in work"});
}

TEST_P(ThrowingTest, AfterAPartOfItsReplyNothingFollows) {
  TestServer server(throwing("throwing-later"));
  const std::string answer = talk(server, "before\nthrow after a part\nafter\n");
  // A reset, before which the system may drop what has not been read.
  const std::string whole = "before\nthrow after a part";
  const std::size_t end = answer.find("<reset>");
  EXPECT_TRUE(end != std::string::npos || !tells_late_resets()) << answer;
  EXPECT_TRUE(whole.starts_with(answer.substr(0, end))) << answer;
  server.finish();
  EXPECT_EQ(closed_for(server, CloseReason::handler_failed), 1u);
}

TEST_P(ThrowingTest, AnotherServersFailureCostsTheCallAlone) {
  TestServer server(throwing("throwing-later"));
  EXPECT_EQ(talk(server, "no server\nafter\n"), "error: operation failed\nafter\n");
  server.finish();
  EXPECT_EQ(closed_for(server, CloseReason::handler_failed), 0u);
}

TEST_P(ThrowingTest, OfAFrameIsNoMistakeOfTheClient) {
  TestServer server(throwing("throwing", {.kind = FramingKind::handler}));
  for (const std::string& bytes : exceptions)
    EXPECT_EQ(talk(server, bytes), "error: handler failed") << bytes;
  EXPECT_EQ(talk(server, "any"), "any");
  server.finish();
  EXPECT_EQ(closed_for(server, CloseReason::handler_failed), exceptions.size());
  EXPECT_EQ(closed_for(server, CloseReason::message_malformed), 0u);
}

TEST_P(ThrowingTest, OfAConnectionThatIsMade) {
  TestServer server(throwing("throwing-per-connection"));
  std::string both = talk(server, "any\n");
  both += talk(server, "any\n");
  EXPECT_TRUE(both == "any\n" + failed || both == failed + "any\n") << both;
  server.finish();
  EXPECT_EQ(closed_for(server, CloseReason::handler_failed), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, ThrowingTest, testing::ValuesIn(all_backends()), backend_test_name);

}  // namespace asyncd::test
