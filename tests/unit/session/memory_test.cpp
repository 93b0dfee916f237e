// A session while all connections together hold too much: it is not read, or has to end.
#include <gtest/gtest.h>

#include <string>

#include "support.h"

using namespace std::chrono_literals;

namespace {

using asyncd::CloseReason;
using asyncd::Limits;
using asyncd::MemoryBudget;
using asyncd::MemoryHoldings;

// As session_test::Client, with a pool on a budget.
class SessionShortOfMemory : public testing::Test {
 protected:
  explicit SessionShortOfMemory(const Limits& limits = {})
      : service_(make_service(handler_, {}, limits)) {}

  bool give(std::string_view bytes) {
    session.on_bytes(bytes);
    return session.run(now);
  }
  void wait(asyncd::Duration time) { session.run(now += time); }
  std::string take() {
    std::string taken;
    for (std::string_view pending; !(pending = session.pending_output()).empty();) {
      taken += pending;
      session.on_sent(pending.size(), now);
    }
    return taken;
  }
  void pause() { budget.issue({.pause_above = MemoryHoldings::least}); }
  void go_on() { budget.issue({}); }

  session_test::Handler handler_{};
  std::unique_ptr<asyncd::Service> service_;
  MemoryBudget budget;
  asyncd::BufferPool pool{1 << 20, &budget};
  asyncd::ConnectionInfo info;
  asyncd::Instant now = asyncd::Instant{} + 1h;
  asyncd::Session session{*service_, pool, nullptr, info, now};
};

const std::string unfinished(10'000, 'x');  // a message

TEST_F(SessionShortOfMemory, TellsWhatItHolds) {
  EXPECT_EQ(session.held(), 0U);
  give(unfinished);
  EXPECT_GE(session.held(), unfinished.size());
  EXPECT_EQ(budget.figures().held, session.held());
  give("\n");
  take();
  EXPECT_EQ(session.held(), 0U);
}

TEST_F(SessionShortOfMemory, IsNotReadWhereItHoldsMuch) {
  give(unfinished);
  EXPECT_TRUE(session.wants_input());
  pause();
  EXPECT_TRUE(session.holds_too_much());
  session.run(now);
  EXPECT_TRUE(session.held_back());
  EXPECT_FALSE(session.wants_input());
  go_on();
  session.run(now);
  EXPECT_FALSE(session.held_back());
  EXPECT_TRUE(session.wants_input());
  give("\n");
  EXPECT_FALSE(take().empty());
}

TEST_F(SessionShortOfMemory, IsServedWhereItHoldsLittle) {
  pause();
  give("lit");
  EXPECT_TRUE(session.wants_input());
  give("tle\n");
  EXPECT_EQ(take(), "LITTLE\n");
  EXPECT_TRUE(session.wants_input());
}

// A message that asyncd does not read is not late.
TEST_F(SessionShortOfMemory, ItsTimesDoNotRunWhileItIsNotRead) {
  give(unfinished);
  pause();
  session.run(now);
  EXPECT_EQ(session.deadline(), asyncd::never);
  wait(1h);
  EXPECT_EQ(session.reason(), CloseReason::none);
  go_on();
  session.run(now);
  EXPECT_EQ(session.deadline(), now + service_->limits.message_timeout);
  wait(service_->limits.message_timeout);
  EXPECT_EQ(session.reason(), CloseReason::message_timeout);
}

TEST_F(SessionShortOfMemory, IsToldThatItHasToEnd) {
  give("one\n" + unfinished);
  const std::string held = std::to_string(session.held());
  session.on_memory_limit();
  session.run(now);
  EXPECT_EQ(session.reason(), CloseReason::memory_limit);
  EXPECT_EQ(take(), "ONE\nerror: memory limit reached (this connection held " + held + " bytes)\n");
  EXPECT_EQ(session.held(), 0U);
  EXPECT_TRUE(session.wants_shutdown());
  session.on_shutdown(now);
  EXPECT_TRUE(session.wants_input()) << "which is discarded";
  give(unfinished);
  EXPECT_EQ(session.held(), 0U);
  session.on_eof();
  session.run(now);
  EXPECT_TRUE(session.finished());
  EXPECT_FALSE(session.cut_off());
}

TEST_F(SessionShortOfMemory, AgainItMakesNoDifference) {
  give(unfinished);
  for (int i = 0; i < 3; ++i) {
    session.on_memory_limit();
    session.run(now);
  }
  EXPECT_TRUE(take().starts_with("error: memory limit"));
  EXPECT_EQ(session.counters().errors_sent, 1U);
}

TEST_F(SessionShortOfMemory, IsCutOffWithMuchOutput) {
  give("big 10000\n");
  session.on_memory_limit();
  session.run(now);
  EXPECT_TRUE(session.finished());
  EXPECT_TRUE(session.cut_off());
  EXPECT_EQ(session.reason(), CloseReason::memory_limit);
  EXPECT_EQ(session.held(), 0U);
}

}  // namespace
