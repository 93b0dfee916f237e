// Handlers that wait, on every backend: what their operations come to, in which order clients are
// answered, and how a call ends whose client is gone. What the handler does is in
// tests/waiting/waiting.cpp; it ends the process where a call of its own is not ended.
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <thread>

#include "tests/contract/backend_test.h"
#include "tests/support/listen_on.h"
#include "tests/support/socket_pair.h"

namespace asyncd::test {

namespace {

using namespace std::chrono_literals;

class Async : public BackendTest {
 protected:
  ServerSetup waiting(const std::string& handler = "waiting") const {
    ServerSetup wanted = setup(handler);
    wanted.handler_library = ASYNCD_TEST_WAITING;
    return wanted;
  }

  // What one client gets for these lines.
  std::string talk(const ServerSetup& wanted, std::string_view lines) const {
    TestServer server(wanted);
    Client client(server.port());
    client.send(lines);
    client.end_output();
    return client.read_to_end();
  }
  std::string talk(std::string_view lines) const { return talk(waiting(), lines); }
};

class ConcurrentAsync : public Async {};

// A server of another kind: for each connection it does `what`, then closes it.
class Upstream {
 public:
  explicit Upstream(std::function<void(Socket&)> what)
      : listening_(std::move(*listen_on({.host = "127.0.0.1"}))),
        thread_([this, what = std::move(what)] {
          for (;;) {
            if (!wait_ready(listening_.handle(), true, false, 10ms).readable) {
              if (ending_) return;
              continue;
            }
            Accepted accepted;
            if (listening_.accept(accepted) != 0) continue;
            what(accepted.socket);
          }
        }) {}
  ~Upstream() {
    ending_ = true;
    thread_.join();
  }
  std::string address() const { return listening_.name(); }

  static void echo(Socket& socket) {
    char buffer[256];
    wait_ready(socket.handle(), true, false, 10s);
    const IoResult got = receive_some(socket.handle(), buffer);
    send_some(socket.handle(), {buffer, got.bytes});
  }

 private:
  ListenSocket listening_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace

TEST_P(Async, CallsThatWaitAreAnswered) {
  EXPECT_EQ(talk("say:a\nsleep:1 say:b\npost:1 say:c\nwork:1 say:d\ntwo:1 say:e\nsay:f"),
            "a\nb\nc\nd\ne\nf\n");
  EXPECT_EQ(talk("sleep:1 post:1 work:1 two:1 sleep:1 say:done"), "done\n");
}

TEST_P(Async, AnOperationEndsAtItsOwnTime) {
  EXPECT_EQ(talk("limit:5 never say:,next\nlimit:5 post:100 say:,late\n"),
            "timed-out,next\ntimed-out,late\n");
}

TEST_P(Async, AnotherServerIsAsked) {
  const Upstream upstream(Upstream::echo);
  EXPECT_EQ(
      talk("ask:" + upstream.address() + ",hello say:!\nask:" + upstream.address() + ",again\n"),
      "hello!\nagain\n");
}

TEST_P(Async, AServerThatCannotBeAskedIsAnError) {
  // Bound, so that no other program gets the port meanwhile, but not listening.
  asio::io_context context;
  const asio::ip::tcp::socket closed(context, {asio::ip::address_v4::loopback(), 0});
  const int port = closed.local_endpoint().port();
  EXPECT_EQ(talk("ask:127.0.0.1:" + std::to_string(port) +
                 ",x why\nask:nonsense,x\nask:unix:/none/such,x\n"),
            "failed" + std::to_string(asio::error::connection_refused) + "\nfailed\nfailed\n");
}

TEST_P(Async, NamesAreLookedUp) {
  const Upstream upstream(Upstream::echo);
  EXPECT_EQ(talk("ask:localhost:" + std::to_string(port_of(upstream.address())) + ",by-name\n"),
            "by-name\n");
}

TEST_P(Async, AServerThatEndsWithoutAWordIsHeard) {
  const Upstream upstream([](Socket& socket) { wait_ready(socket.handle(), true, false, 10s); });
  const std::string answer = talk("ask:" + upstream.address() + ",x\n");
  // what it has not read makes it a reset
  EXPECT_TRUE(answer == "end\n" || answer == "failed\n") << answer;
}

TEST_P(Async, ARequestTakesNoLongerThanItMay) {
  ServerSetup wanted = waiting();
  wanted.limits.call_timeout = 20ms;
  EXPECT_EQ(talk(wanted, "never\nsay:on\n"), "error: timed out\non\n");
}

TEST_P(Async, EachOfSeveralMessagesHasItsOwnTime) {
  ServerSetup wanted = waiting();
  wanted.limits.call_timeout = 5s;
  std::string messages, replies;
  for (int i = 0; i < 9; ++i) {
    messages += "sleep:600 say:a\n";
    replies += "a\n";
  }
  EXPECT_EQ(talk(wanted, messages), replies);
}

TEST_P(Async, NobodyIsIdleWhileHisCallWaits) {
  ServerSetup wanted = waiting();
  wanted.limits.idle_timeout = 4s;
  TestServer server(wanted);
  Client client(server.port());
  client.send("sleep:4200 say:a\n");
  EXPECT_EQ(client.read(2), "a\n");
  std::this_thread::sleep_for(400ms);
  client.send("say:b\n");
  EXPECT_EQ(client.read(2), "b\n");
}

TEST_P(Async, WhatWasPostedInTimeIsNotCancelled) {
  ServerSetup wanted = waiting();
  wanted.limits.call_timeout = 20ms;
  EXPECT_EQ(talk(wanted, "rescue\n"), "error: timed out\n");
}

TEST_P(Async, ATicketThatIsNoneFails) { EXPECT_EQ(talk("borrow say:!\n"), "failed!\n"); }

TEST_P(Async, ASubmittedOperationIsNotSubmittedAgain) {
  EXPECT_EQ(talk("again:5 say:a\nsay:b\n"), is_event_loop() ? "error: handler failed\n" : "a\nb\n");
}

TEST_P(Async, AnOperationThatHasNotBeenToldIsStillUnderWay) {
  EXPECT_EQ(talk("told:5 say:a\nsay:b\n"), is_event_loop() ? "error: handler failed\n" : "a\nb\n");
}

TEST_P(Async, AHandlerWhoseWorkThrowsHasFailed) {
  EXPECT_EQ(talk("say:a\nthrow say:b\nsay:c\n"), "a\nerror: handler failed\n");
}

TEST_P(Async, APartThatTheClientDoesNotTakeEndsTheConnection) {
  ServerSetup wanted = waiting();
  wanted.limits.write_timeout = 200ms;
  wanted.limits.max_reply = 64 << 20;
  TestServer server(wanted);
  Client client(server.port());
  client.send("part:40000000 say:a\n");  // more than two sockets hold
  EXPECT_TRUE(eventually([&] {
    return server.stats().closed[static_cast<std::size_t>(CloseReason::write_timeout)] == 1;
  }));
}

TEST_P(Async, RepliesInPartsArriveWhole) {
  const std::string answer = talk("part:10 part:200000 sleep:1 part:5 say:end\nsay:next\n");
  EXPECT_EQ(answer, std::string(200015, 'p') + "end\nnext\n");
}

TEST_P(Async, RepliesKeepTheOrderOfTheMessages) {
  ServerSetup wanted = waiting();
  wanted.limits.max_in_flight = 4;
  EXPECT_EQ(
      talk(wanted, "sleep:30 say:a\nsay:b\nsleep:10 say:c\npart:5 say:d\nsay:e\nsleep:1 say:f\n"),
      "a\nb\nc\npppppd\ne\nf\n");
}

TEST_P(Async, LongRepliesThatAreReadyTogetherAllArrive) {
  ServerSetup wanted = waiting();
  wanted.limits.max_in_flight = 16;
  wanted.limits.output_high_water = 1024;
  wanted.limits.output_low_water = 512;
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += "sleep:" + std::to_string(16 - i % 16) + " pad:100000\n";
  EXPECT_EQ(talk(wanted, lines).size(), 40 * 100001U);
}

TEST_P(Async, SeveralMessagesAreWorkedOnAtOnceWhereThatIsAllowed) {
  if (!is_event_loop()) GTEST_SKIP() << GetParam() << " has one thread for each connection";
  ServerSetup wanted = waiting();
  wanted.limits.max_in_flight = 100;
  wanted.limits.call_timeout = 60s;
  std::string lines, answers;
  // One after the other they would time out.
  for (int i = 0; i < 100; ++i) lines += "sleep:1000 say:" + std::to_string(i) + "\n";
  for (int i = 0; i < 100; ++i) answers += std::to_string(i) + "\n";
  EXPECT_EQ(talk(wanted, lines), answers);
}

TEST_P(Async, WhatComesWhileACallWaitsIsAnsweredAfterIt) {
  TestServer server(waiting());
  Client client(server.port());
  client.send("sleep:50 say:a\nsay:");
  std::this_thread::sleep_for(10ms);
  client.send("b\nsay:c\n");
  EXPECT_EQ(client.read(6), "a\nb\nc\n");
}

TEST_P(Async, TheEndAfterAReplyWaitsForIt) {
  EXPECT_EQ(talk("sleep:5 say:a close\nsay:b\n"), "a\n");
  ServerSetup wanted = waiting();
  wanted.limits.messages_per_connection = 2;
  wanted.limits.max_in_flight = 4;
  EXPECT_EQ(talk(wanted, "sleep:5 say:a\nsleep:1 say:b\nsay:c\n"), "a\nb\n");
}

TEST_P(Async, MistakesOfTheClientAreToldInTheirTurn) {
  ServerSetup wanted = waiting();
  wanted.limits.max_message = 40;
  wanted.limits.max_in_flight = 4;
  EXPECT_EQ(talk(wanted, "sleep:20 say:a\n" + std::string(100, 'x') + "\nsay:b\n"),
            "a\nerror: message too long (limit 40 bytes)\n");
}

TEST_P(Async, AHandlerThatForgetsItsCallHasFailed) {
  EXPECT_EQ(talk("forget\nsay:b\n"), "error: handler failed\n");
}

TEST_P(Async, AHandlerThatHoldsUpItsEventLoopIsNoticed) {
  TestServer server(waiting());
  Client client(server.port());
  client.send("block:150 say:a\nsleep:1 block:150 say:b\n");
  EXPECT_EQ(client.read(4), "a\nb\n");
  if (is_event_loop())
    EXPECT_GE(server.stats().long_turns, 2U);  // more where the machine is slow
  else
    EXPECT_EQ(server.stats().long_turns, 0U);
}

TEST_P(Async, ACallWhoseClientHasGoneEnds) {
  // A completion port tells: a read is under way there.
  if (GetParam() != "proactor" && !tells_late_resets())
    GTEST_SKIP()
        << "this system does not tell of a reset, but of an end, where no read was under way";
  TestServer server(waiting());
  Client(server.port()).reset();
  // The second has sent more than is read before its call ends.
  for (const char* lines : {"say:here\nnever\n", "say:here\nnever\nsay:a\nsay:b\n"}) {
    Client client(server.port());
    client.send(lines);
    EXPECT_EQ(client.read(5), "here\n");
    std::this_thread::sleep_for(100ms);  // until a read is under way
    client.reset();
    EXPECT_TRUE(eventually([&] { return server.stats().active == 0; })) << lines;
  }
}

TEST_P(Async, ADrainWaitsForCalls) {
  TestServer server(waiting());
  Client client(server.port());
  client.send("say:here\nsleep:200 say:a\n");
  EXPECT_EQ(client.read(5), "here\n");
  server.finish();
  EXPECT_EQ(client.read_to_end(), "a\n");
}

// Of a client for whom a call has ended, so much is answered at once that its connection has to
// wait for its next turn. What comes meanwhile is read into memory that the loop uses for others,
// too.
TEST_P(ConcurrentAsync, WhatComesBeforeAConnectionsTurnIsItsOwn) {
  ServerSetup wanted = waiting();
  if (is_event_loop() && has_setting("threads"))
    wanted.backend_options["threads"] = std::int64_t{1};
  TestServer server(wanted);
  const auto block = [](const std::string& name, int number, const std::string& say) {
    std::string lines;
    for (int i = 0; i < 40; ++i)
      lines += say + name + std::to_string(number) + '.' + std::to_string(i) + '\n';
    return lines;
  };
  const auto talk = [&](const std::string& name) {
    Client client(server.port());
    std::string expected;
    std::thread sender([&] {
      for (int i = 0; i < 100; ++i) {
        client.send("sleep:1 say:" + name + '\n' + block(name, i, "say:"));
        expected += name + '\n' + block(name, i, "");
        std::this_thread::sleep_for(1ms);
      }
      client.end_output();
    });
    const std::string got = client.read_to_end();
    sender.join();
    EXPECT_TRUE(got == expected) << "client " << name << " gets what is not its own, or not all";
  };
  std::vector<std::thread> clients;
  for (const char* name : {"a", "b", "c", "d"}) clients.emplace_back(talk, name);
  for (std::thread& each : clients) each.join();
}

TEST_P(ConcurrentAsync, AStopCancelsCalls) {
  TestServer server(waiting());
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(server.port()).send("say:here\nnever\n");
  for (Client& client : clients) EXPECT_EQ(client.read(5), "here\n");
  server.stop();
  for (Client& client : clients)
    EXPECT_EQ(client.read_to_end(), tells_late_resets() ? "<reset>" : "");
  EXPECT_TRUE(eventually([&] { return server.stats().active == 0; }));
  EXPECT_EQ(server.stats().closed[static_cast<std::size_t>(CloseReason::stopped)], clients.size());
}

TEST_P(ConcurrentAsync, ManyWaitAtATime) {
  TestServer server(waiting());
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i)
    clients.emplace_back(server.port()).send("sleep:50 two:20 work:1 post:1 say:a\n");
  for (Client& client : clients) EXPECT_EQ(client.read(2), "a\n");
}

TEST_P(ConcurrentAsync, ATicketOfAnotherCallFails) {
  ServerSetup wanted = waiting();
  wanted.limits.call_timeout = 5s;
  TestServer server(wanted);
  Client owner(server.port()), borrower(server.port());
  owner.send("say:here\nnever\n");
  EXPECT_EQ(owner.read(5), "here\n");
  std::this_thread::sleep_for(20ms);
  borrower.send("borrow\n");
  EXPECT_EQ(borrower.read(7), "failed\n");
}

TEST_P(ConcurrentAsync, CallsOfASerialHandlerNeverOverlap) {
  TestServer server(waiting("waiting-alone"));
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back(server.port()).send("sleep:5 say:a\nsleep:1 say:b\n");
  for (Client& client : clients) EXPECT_EQ(client.read(4), "a\nb\n");
}

TEST_P(ConcurrentAsync, WorkThatSubmitsCostsItsOwnConnectionOnly) {
  if (is_event_loop())
    GTEST_SKIP() << "an event loop has another thread do the work, where this test cannot see it";
  TestServer server(waiting("waiting-alone"));
  Client first(server.port());
  first.send("meddle say:a\n");
  EXPECT_EQ(first.read_to_end(), "error: handler failed\n");
  Client second(server.port());
  second.send("say:b\n");
  EXPECT_EQ(second.read(2), "b\n");
}

// Its other hooks run meanwhile, on threads that may block, too.
TEST_P(ConcurrentAsync, ASerialHandlerHearsOfNewClientsWhileItsCallWaits) {
  TestServer server(waiting("waiting-alone"));
  Client first(server.port());
  first.send("say:here\nwelcome say:a\n");
  EXPECT_EQ(first.read(5), "here\n");
  Client second(server.port());
  second.send("say:b\n");
  EXPECT_EQ(first.read(2), "a\n");
  EXPECT_EQ(second.read(2), "b\n");
}

INSTANTIATE_TEST_SUITE_P(Backends, Async, testing::ValuesIn(all_backends()), backend_test_name);
INSTANTIATE_TEST_SUITE_P(Backends, ConcurrentAsync, testing::ValuesIn(concurrent_backends()),
                         backend_test_name);

}  // namespace asyncd::test
