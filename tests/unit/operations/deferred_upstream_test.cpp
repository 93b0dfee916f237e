// A call's connections to other servers on an event loop, over real sockets: whatever fails, each
// operation ends once, and nothing is left.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "deferred_support.h"
#include "tests/support/listen_on.h"

namespace {

using namespace deferred;  // NOLINT: a test's own
using Operation = HandCall::Operation;

constexpr Duration patience = std::chrono::seconds(30);
constexpr Duration nap = std::chrono::microseconds(200);

std::int64_t count_of(Duration time) { return time.count(); }

// A server that the test plays. `host`: by which name it is connected to.
struct Server {
  Server() : listening(std::move(*asyncd::test::listen_on({.host = "127.0.0.1"}))) {}

  std::string address(const std::string& host) const {
    return host + listening.name().substr(listening.name().rfind(':'));
  }
  void accept() {
    ASSERT_TRUE(wait_ready(listening.handle(), true, false, patience).readable);
    Accepted accepted;
    ASSERT_EQ(listening.accept(accepted), 0);
    socket = std::move(accepted.socket);
  }
  std::string read() {
    std::array<char, 100> buffer;
    wait_ready(socket.handle(), true, false, patience);
    return {buffer.data(), receive_some(socket.handle(), buffer).bytes};
  }

  ListenSocket listening;
  Socket socket;
};

// Connects, writes "ping", reads what the server then writes, and reads its end.
struct Exchange {
  Exchange(HandCall& its_call, Server& its_server, const std::string& host = "127.0.0.1")
      : call(its_call), server(its_server), connect(ASYNCD_OP_CONNECT, server.address(host)) {
    call.next = [this](Operation& ended) { go_on(ended); };
  }

  void go_on(Operation& ended) {
    if (ended.result != ASYNCD_OK) return;
    if (&ended == &connect) {
      server.accept();
      write.stream = read.stream = last_read.stream = connect.stream;
      call.submit(read);
      call.submit(write);
    } else if (&ended == &write) {
      seen = server.read();
      send_some(server.socket.handle(), "pong");
    } else if (&ended == &read) {
      server.socket.close();
      call.submit(last_read);
    }
  }

  HandCall& call;
  Server& server;
  Operation connect;
  Operation write{ASYNCD_OP_WRITE, "ping"};
  Operation read{ASYNCD_OP_READ, std::string(10, ' ')};
  Operation last_read{ASYNCD_OP_READ, std::string(10, ' ')};
  std::string seen;
};

TEST(DeferredUpstream, ConnectsWritesAndReads) {
  for (const char* const host : {"127.0.0.1", "localhost"}) {
    OffloadPool pool(1);
    Server server;
    HandCall call(pool);
    Exchange exchange(call, server, host);
    call.begin(exchange.connect);
    EXPECT_EQ(exchange.connect.told, 0) << "within host_submit";
    ASSERT_TRUE(call.run());
    EXPECT_EQ(exchange.connect.result, ASYNCD_OK);
    EXPECT_EQ(exchange.connect.told, 1);
    EXPECT_EQ(exchange.seen, "ping");
    EXPECT_EQ(exchange.read.text.substr(0, static_cast<std::size_t>(exchange.read.transferred)),
              "pong");
    EXPECT_EQ(exchange.last_read.result, ASYNCD_END);
    EXPECT_EQ(call.reactor.watched(), 0U) << "a stream outlived its call";
  }
}

// Each step of the reactor fails, in each way that it may: watch, want_writable of the connect,
// want_readable.
TEST(DeferredUpstream, EveryStepMayFail) {
  constexpr std::size_t steps = 3;
  for (const Trouble trouble : {Trouble::null, Trouble::bad_alloc}) {
    std::size_t failures = 0;
    for (std::size_t step = 1; step <= steps; ++step) {
      SCOPED_TRACE(step);
      OffloadPool pool(0);
      Server server;
      HandCall call(pool);
      call.reactor.trouble = trouble;
      call.reactor.failing_step = step;
      Exchange exchange(call, server);
      // The read ends by the failure, or by this.
      exchange.read.timeout = exchange.last_read.timeout = count_of(std::chrono::milliseconds(50));
      call.begin(exchange.connect);
      EXPECT_EQ(exchange.connect.told, 0) << "within host_submit";
      ASSERT_TRUE(call.run());
      EXPECT_EQ(exchange.connect.ended, 1);
      for (const Operation* op : {&exchange.write, &exchange.read, &exchange.last_read})
        EXPECT_LE(op->ended, 1);
      for (const Operation* op :
           {&exchange.connect, &exchange.write, &exchange.read, &exchange.last_read})
        if (op->ended != 0 && op->result == ASYNCD_FAILED) ++failures;
      if (exchange.connect.result != ASYNCD_OK) {
        EXPECT_EQ(exchange.connect.stream, nullptr);
      }
      EXPECT_EQ(call.reactor.watched(), 0U);
    }
    EXPECT_EQ(failures, trouble == Trouble::null ? 1U : steps);  // only watch can answer null
  }
}

TEST(DeferredUpstream, WhatIsUnderWayIsGivenUp) {
  for (const bool by_time : {true, false}) {
    OffloadPool pool(0);
    Server server;
    HandCall call(pool);
    Operation connect(ASYNCD_OP_CONNECT, server.address("127.0.0.1"));
    Operation read(ASYNCD_OP_READ, std::string(10, ' '));
    // More than a system takes without a reader; some take all of the first one.
    Operation write(ASYNCD_OP_WRITE, std::string(std::size_t{64} << 20, 'x'));
    if (by_time) read.timeout = write.timeout = count_of(std::chrono::milliseconds(5));
    call.next = [&](Operation& ended) {
      if (&ended != &connect) return;
      read.stream = write.stream = connect.stream;
      EXPECT_TRUE(call.submit(read));
      for (int writes = 0; writes < 3 && !call.submit(write); ++writes) {
      }
    };
    call.begin(connect);
    for (int i = 0; i < 100'000 && connect.told == 0; ++i) call.turn_loop();
    ASSERT_EQ(connect.result, ASYNCD_OK);
    if (!by_time) call.cancel();
    ASSERT_TRUE(call.run());
    for (const Operation* op : {&read, &write}) {
      EXPECT_EQ(op->told, 1);
      EXPECT_EQ(op->result, by_time ? ASYNCD_TIMED_OUT : ASYNCD_CANCELLED);
    }
    EXPECT_EQ(call.reactor.watched(), 0U);
  }
}

TEST(DeferredUpstream, AConnectIsGivenUpBeforeItsSocketIsLookedAt) {
  OffloadPool pool(0);
  Server server;
  HandCall call(pool);
  Operation connect(ASYNCD_OP_CONNECT, server.address("127.0.0.1"));
  call.begin(connect);
  EXPECT_EQ(call.reactor.watched(), 1U);
  call.cancel();
  EXPECT_EQ(call.reactor.watched(), 0U);
  EXPECT_EQ(connect.told, 0) << "within the cancelling";
  ASSERT_TRUE(call.run());
  EXPECT_EQ(connect.told, 1);
  EXPECT_EQ(connect.result, ASYNCD_CANCELLED);
  EXPECT_EQ(connect.stream, nullptr);
}

// A name that is refused without asking: no part of a name may be so long.
std::string no_name() { return std::string(64, 'a') + ":80"; }

TEST(DeferredLookup, ANameThatIsNoneFails) {
  OffloadPool pool(1);
  HandCall call(pool);
  Operation connect(ASYNCD_OP_CONNECT, no_name());
  call.begin(connect);
  ASSERT_TRUE(call.run());
  EXPECT_EQ(connect.told, 1);
  EXPECT_EQ(connect.result, ASYNCD_FAILED);
}

class LateLookup : public testing::TestWithParam<bool> {};

// It is on its way, or has arrived and was not taken yet: a matter of moments, so there are many of
// them.
TEST_P(LateLookup, OfAConnectThatIsOverMeanwhile) {
  OffloadPool pool(1);
  for (int i = 0; i < 300; ++i) {
    HandCall call(pool);
    Operation connect(ASYNCD_OP_CONNECT, i % 2 == 0 ? std::string("localhost:1") : no_name());
    if (GetParam()) connect.timeout = 1;
    call.begin(connect);
    for (int naps = 0; naps < 1000 && i % 3 == 0 && call.reactor.woken == 0; ++naps)
      std::this_thread::sleep_for(nap);
    if (!GetParam()) call.cancel();
    ASSERT_TRUE(call.run());
    EXPECT_EQ(connect.told, 1);
    EXPECT_TRUE(connect.result != ASYNCD_OK);
    EXPECT_EQ(connect.stream, nullptr);
    call.turn_loop();
    EXPECT_EQ(connect.told, 1);
    if (i % 5 == 0) call.end_loop();
    EXPECT_EQ(call.reactor.watched(), 0U);
  }
}

TEST_P(LateLookup, OfALoopThatHasGone) {
  OffloadPool pool(1);
  for (int i = 0; i < 100; ++i) {
    HandCall call(pool);
    Operation connect(ASYNCD_OP_CONNECT, GetParam() ? std::string("localhost:1") : no_name());
    call.begin(connect);
    std::this_thread::sleep_for(i % 10 * nap / 10);
    call.cancel();
    call.turn_loop();
    EXPECT_EQ(connect.told, 1);
    call.end_loop();
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, LateLookup, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& one) {
                           return one.param ? "One" : "Other";
                         });

}  // namespace
