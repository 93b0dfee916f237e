// Session: its deadlines.
#include <gtest/gtest.h>

#include "support.h"

namespace {

using asyncd::Duration;
using asyncd::Instant;
using asyncd::Limits;
using session_test::Client;
using session_test::CloseReason;
using session_test::low_water_marks;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration moment = milliseconds(1);
constexpr Duration look = seconds(3);  // at what the client has taken, while output is stuck

// Runs the session just before its deadline and then at it; before that, whenever it wants to look.
CloseReason after_waiting(Client& client, Duration expected) {
  const Instant end = client.now + expected;
  while (client.session.deadline() < end) {
    client.wait(client.session.deadline() - client.now);
    EXPECT_EQ(client.session.reason(), CloseReason::none);
  }
  EXPECT_EQ(client.session.deadline(), end);
  client.wait(end - moment - client.now);
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.wait(moment);
  return client.session.reason();
}

TEST(SessionDeadline, FirstByte) {
  Client client;
  EXPECT_EQ(after_waiting(client, seconds(10)), CloseReason::first_byte_timeout);
  EXPECT_TRUE(client.session.wants_shutdown());
}

TEST(SessionDeadline, Idle) {
  Client client;
  client.wait(seconds(9));
  client.talk("one\n");
  client.wait(seconds(59));
  client.talk("two\n");
  EXPECT_EQ(after_waiting(client, seconds(60)), CloseReason::idle_timeout);
}

TEST(SessionDeadline, MessageRunsFromItsFirstByte) {
  Client client;
  client.give("a");
  for (int i = 0; i < 29; ++i) {
    client.wait(seconds(1));
    client.give("b");
  }
  EXPECT_EQ(after_waiting(client, seconds(1)), CloseReason::message_timeout);
}

TEST(SessionDeadline, MessageStartsAnewWithEachMessage) {
  Client client;
  client.talk("one\ntw");
  client.wait(seconds(29));
  EXPECT_EQ(client.talk("o\nthr"), "TWO\n");
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::message_timeout);
}

TEST(SessionDeadline, WriteStall) {
  Client client;
  client.give("one\n");
  client.wait(seconds(20));
  EXPECT_EQ(client.take(1), "O");
  EXPECT_EQ(after_waiting(client, look + seconds(30)), CloseReason::write_timeout);
  EXPECT_TRUE(client.session.finished());
}

TEST(SessionDeadline, WriteStallIsNotMovedByNothingTaken) {
  Client client;
  client.give("one\n");
  client.sent(0);
  client.wait(seconds(20));
  client.sent(0);
  EXPECT_EQ(after_waiting(client, seconds(10)), CloseReason::write_timeout);
}

TEST(SessionDeadline, WriteStallBeginsWithTheFirstSendHoweverLongTheHandlerTook) {
  Client client;
  client.give("one\n");
  client.now += seconds(40);
  client.sent(0);
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::write_timeout);
}

TEST(SessionDeadline, WriteStallIsMovedByEachByteTaken) {
  Client client;
  client.give("0123456789\n");
  for (int i = 0; i < 10; ++i) {
    client.wait(seconds(29));
    EXPECT_EQ(client.take(1).size(), 1U);
    client.turn();
  }
  EXPECT_EQ(after_waiting(client, look + seconds(30)), CloseReason::write_timeout);
}

TEST(SessionDeadline, WriteStallIsMovedByWhatTheClientTakesFromTheSystem) {
  Client client;
  client.give("0123456789\n");
  client.take(10);
  for (client.kept_by_system = 10; client.kept_by_system > 1; --client.kept_by_system)
    client.wait(seconds(29));
  client.wait(seconds(29));
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::write_timeout);
  EXPECT_TRUE(client.session.cut_off());
}

TEST(SessionDeadline, NothingIsLookedAtWhereNothingWaits) {
  Client client;
  for (int i = 0; i < 100; ++i) {
    client.talk("message\n");
    client.wait(seconds(50));
  }
  EXPECT_EQ(client.looks, 0);
}

TEST(SessionDeadline, NobodyIsIdleWhoStillTakesFromTheSystem) {
  Client client;
  client.talk("0123456789\n");
  for (client.kept_by_system = 10; client.kept_by_system > 0; --client.kept_by_system)
    client.wait(seconds(29));
  client.wait(look);
  EXPECT_EQ(after_waiting(client, seconds(60)), CloseReason::idle_timeout);
  Client stopped;
  stopped.talk("0123456789\n");
  stopped.kept_by_system = 5;
  stopped.wait(seconds(60));
  EXPECT_EQ(after_waiting(stopped, seconds(30)), CloseReason::idle_timeout);
}

TEST(SessionDeadline, AMessageHasItsTimeThoughTheClientTakesNothing) {
  Client client;
  client.talk("0123456789\n");
  client.kept_by_system = 5;
  client.wait(seconds(60));
  client.give("a");
  client.wait(seconds(20));
  EXPECT_EQ(client.talk("b\n"), "AB\n");
  client.wait(seconds(59));
  EXPECT_EQ(client.session.reason(), CloseReason::none);
}

TEST(SessionDeadline, WriteStallWhilePausedAndAfterTheEnd) {
  Client paused({}, low_water_marks());
  paused.give("big 1200\nnext\n");
  EXPECT_EQ(after_waiting(paused, seconds(30)), CloseReason::write_timeout);
  Client ended;
  ended.give("close\n");
  EXPECT_EQ(ended.session.deadline(), ended.now + seconds(30));
  ended.wait(seconds(30));
  EXPECT_TRUE(ended.session.finished());
  EXPECT_TRUE(ended.session.cut_off());
  EXPECT_EQ(ended.session.reason(), CloseReason::write_timeout)
      << "not what the handler had asked for";
}

TEST(SessionDeadline, IdleBeginsWhenTheReplyIsTaken) {
  Client client;
  client.give("0123456789\n");
  for (int i = 0; i < 11; ++i) {
    client.wait(seconds(29));
    client.take(1);
  }
  EXPECT_EQ(after_waiting(client, seconds(60)), CloseReason::idle_timeout);
}

TEST(SessionDeadline, NoneWhileAnAnswerToAPausedClientIsUnderWay) {
  Client client({}, low_water_marks());
  client.give("big 1200\nbig 1200\npart");
  for (int i = 0; i < 100; ++i) {
    client.wait(seconds(29));
    EXPECT_EQ(client.take(10).size(), 10U);
    client.turn();
  }
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.finish_turns();
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::message_timeout);
}

TEST(SessionDeadline, LingerIdleAndInAll) {
  Client silent;
  silent.talk("close\n");
  silent.shut();
  EXPECT_EQ(silent.session.deadline(), silent.now + seconds(5));
  silent.wait(seconds(5));
  EXPECT_TRUE(silent.session.finished());
  EXPECT_EQ(silent.session.reason(), CloseReason::handler_closed);

  Client talkative;
  talkative.talk("close\n");
  talkative.shut();
  for (int i = 0; i < 7; ++i) {
    talkative.wait(seconds(4));
    talkative.give("more\n");
    EXPECT_FALSE(talkative.session.finished());
  }
  EXPECT_EQ(talkative.session.deadline(), talkative.now + seconds(2));
  talkative.wait(seconds(2));
  EXPECT_TRUE(talkative.session.finished());
}

TEST(SessionDeadline, LingerWaitsForWhatTheSystemHas) {
  Client taking;
  taking.talk("close\n");
  taking.kept_by_system = 3;
  taking.shut();
  for (; taking.kept_by_system > 0; --taking.kept_by_system) taking.wait(seconds(25));
  taking.wait(look);
  EXPECT_FALSE(taking.session.finished());
  taking.wait(seconds(5));
  EXPECT_TRUE(taking.session.finished());
  Client stopped;
  stopped.talk("close\n");
  stopped.kept_by_system = 3;
  stopped.shut();
  stopped.wait(seconds(5));
  stopped.wait(seconds(29));
  EXPECT_FALSE(stopped.session.finished());
  stopped.wait(seconds(1));
  EXPECT_TRUE(stopped.session.finished());
  EXPECT_FALSE(stopped.session.cut_off()) << "the system goes on with it";
}

// While `bytes` a second are taken from the system, whose share of the output does not change.
CloseReason after_taking(const Limits& limits, std::size_t bytes, int seconds_passed) {
  Client client({}, limits);
  client.give("big 3000000\n");
  client.kept_by_system = 1'000'000;
  client.take(client.kept_by_system);
  for (int i = 0; i < seconds_passed && !client.session.finished(); ++i) {
    client.wait(seconds(1));
    client.take(bytes);
  }
  return client.session.reason();
}

TEST(SessionDeadline, TheRateOfTakingIsAskedForWhereItIsSet) {
  Limits limits;
  EXPECT_EQ(after_taking(limits, 10, 100), CloseReason::none);
  limits.min_send_rate = 20'000;
  EXPECT_EQ(after_taking(limits, 21'000, 90), CloseReason::none);
  EXPECT_EQ(after_taking(limits, 19'000, 8), CloseReason::send_rate);
  EXPECT_EQ(after_taking(limits, 19'000, 4), CloseReason::none);
  limits.min_send_rate = 1000;
  EXPECT_EQ(after_taking(limits, 900, 60), CloseReason::none)
      << "less than a system moves at a time";
  EXPECT_EQ(after_taking(limits, 900, 70), CloseReason::send_rate);
}

TEST(SessionDeadline, ARateBeginsAnewWithTheOutput) {
  Limits limits;
  limits.min_send_rate = 20'000;
  Client client({}, limits);
  for (int i = 0; i < 100; ++i) {
    client.give("some words\n");
    client.wait(seconds(3));
    client.take();
    client.wait(seconds(3));
  }
  EXPECT_EQ(client.session.reason(), CloseReason::none);
}

TEST(SessionDeadline, TheRateOfAMessageIsAskedForWhereItIsSet) {
  Limits limits;
  limits.min_receive_rate = 10;
  const auto trickle = [&](std::size_t bytes_a_second, int for_seconds) {
    Client client({}, limits);
    for (int i = 0; i < for_seconds && client.session.reason() == CloseReason::none; ++i) {
      client.give(std::string(bytes_a_second, 'a'));
      client.wait(seconds(1));
    }
    return client.session.reason();
  };
  EXPECT_EQ(trickle(9, 4), CloseReason::none) << "too early to tell";
  EXPECT_EQ(trickle(9, 6), CloseReason::receive_rate);
  EXPECT_EQ(trickle(11, 29), CloseReason::none);
  EXPECT_EQ(trickle(11, 31), CloseReason::message_timeout);
  limits.message_timeout = asyncd::unlimited_time;
  EXPECT_EQ(trickle(11, 1000), CloseReason::none);
}

}  // namespace
