// Session: its deadlines.
#include <gtest/gtest.h>

#include "session_support.h"

namespace {

using asyncd::Duration;
using session_test::Client;
using session_test::CloseReason;
using session_test::low_water_marks;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration moment = milliseconds(1);

// Runs the session just before its deadline and then at it.
CloseReason after_waiting(Client& client, Duration expected) {
  EXPECT_EQ(client.session.deadline(), client.now + expected);
  client.wait(expected - moment);
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
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::write_timeout);
  EXPECT_TRUE(client.session.finished());
}

TEST(SessionDeadline, WriteStallIsNotMovedByNothingTaken) {
  Client client;
  client.give("one\n");
  client.wait(seconds(20));
  client.sent(0);
  EXPECT_EQ(after_waiting(client, seconds(10)), CloseReason::write_timeout);
}

TEST(SessionDeadline, WriteStallIsMovedByEachByteTaken) {
  Client client;
  client.give("0123456789\n");
  for (int i = 0; i < 10; ++i) {
    client.wait(seconds(29));
    EXPECT_EQ(client.take(1).size(), 1U);
    client.turn();
  }
  EXPECT_EQ(after_waiting(client, seconds(30)), CloseReason::write_timeout);
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
  EXPECT_EQ(ended.session.reason(), CloseReason::write_timeout) << "not what the handler had asked for";
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

}  // namespace
