// What a connection owes its client at the end: answers to what had arrived, or a sign that they
// are missing.
#include <gtest/gtest.h>

#include "support.h"

namespace {

using asyncd::CloseReason;
using asyncd::Limits;
using session_test::Client;
using session_test::low_water_marks;

// However much the system's buffer held: a read may bring less of it.
TEST(SessionEnd, ADrainServesAllThatHasArrivedByThenAndNoMore) {
  Client client;
  client.talk("one\n");
  client.session.on_drain(client.now);
  client.unread = 8;
  client.turn();
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  EXPECT_EQ(client.talk("two\n"), "TWO\n");
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  EXPECT_EQ(client.talk("six\n"), "SIX\n");
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
}

// As where a client that takes nothing has kept the connection from being read.
TEST(SessionEnd, ADrainReadsOnOnceOutputHasMoved) {
  Client client({}, low_water_marks());
  client.give("big 1200\na\n");
  client.session.on_drain(client.now);
  client.unread = 4;
  client.turn();
  EXPECT_FALSE(client.session.wants_input());
  client.finish_turns();
  EXPECT_TRUE(client.session.wants_input());
  EXPECT_EQ(client.talk("two\n"), "TWO\n");
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
}

struct Case {
  const char* name;
  const char* input;
  bool takes;  // its reply
  bool cut_off;
};

class SessionStop : public testing::TestWithParam<Case> {};

TEST_P(SessionStop, IsCutOffWhereSomethingIsMissing) {
  const Case& one = GetParam();
  Client client({}, low_water_marks());
  client.give(one.input);
  if (one.takes) client.take();
  client.session.on_failed(CloseReason::stopped);
  EXPECT_EQ(client.session.cut_off(), one.cut_off);
  client.session.on_failed(CloseReason::client_reset);
  EXPECT_EQ(client.session.cut_off(), one.cut_off) << "it had ended already";
}

INSTANTIATE_TEST_SUITE_P(States, SessionStop,
                         testing::Values(Case{"Idle", "one\n", true, false},
                                         Case{"Unsent", "one\n", false, true},
                                         Case{"Begun", "one\ntw", true, true},
                                         Case{"Unanswered", "big 1200\na\n", true, true}),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

}  // namespace
