// What is done near and at limits.memory, and for how long: with loops that are lists of numbers,
// and time as an argument.
#include "core/server/memory_governor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace std::chrono_literals;

namespace asyncd {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t limit = 64 * mebibyte;

// A loop's connections, by what they hold.
class Loop {
 public:
  explicit Loop(MemoryBudget& budget) : account_(&budget) {}
  ~Loop() { hold({}); }

  void hold(std::vector<std::uint64_t> connections) {
    const std::uint64_t before = sum(held), after = sum(connections);
    if (after > before) account_.take(after - before);
    if (after < before) account_.give(before - after);
    held = std::move(connections);
  }
  void answer() {
    if (!account_.has_news()) return;
    MemoryRound round(account_);
    std::vector<std::uint64_t> left;
    for (const std::uint64_t bytes : held) (round.ends(bytes) ? closed : left).push_back(bytes);
    hold(left);
  }
  bool pauses(std::uint64_t bytes) const { return account_.pauses(bytes); }

  std::vector<std::uint64_t> held;    // by those that are open
  std::vector<std::uint64_t> closed;  // by those that had to end

 private:
  static std::uint64_t sum(const std::vector<std::uint64_t>& all) {
    return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
  }

  MemoryAccount account_;
};

class Governor : public testing::Test {
 protected:
  Governor() { governor.tend(now); }

  // Looks as often as it wants to, within that time.
  void pass(Duration time) {
    for (const Instant end = now + time;;) {
      const Instant next = governor.tend(now);
      first.answer();
      second.answer();
      if (next > end) break;
      now = std::max(now + 1ms, next);
    }
  }

  MemoryBudget budget{limit};
  Instant now = Instant{} + 1h;
  Loop first{budget}, second{budget};
  MemoryGovernor governor{budget};
};

std::vector<std::uint64_t> many(std::size_t count, std::uint64_t bytes) {
  return std::vector<std::uint64_t>(count, bytes);
}

TEST_F(Governor, DoesNothingFarFromTheLimit) {
  first.hold(many(40, mebibyte));
  EXPECT_EQ(governor.tend(now), never);
  EXPECT_FALSE(first.pauses(mebibyte));
}

TEST_F(Governor, HasThoseThatHoldMostPauseNearTheLimit) {
  first.hold(many(40, mebibyte));
  second.hold(many(350, mebibyte / 20));
  EXPECT_TRUE(first.pauses(mebibyte)) << "at once, before the governor has looked";
  pass(100ms);
  EXPECT_TRUE(first.pauses(mebibyte));
  EXPECT_FALSE(second.pauses(mebibyte / 20)) << "the larger half is enough";
  EXPECT_TRUE(first.closed.empty());
}

TEST_F(Governor, HasAllThatHoldMuchPauseWhereItIsTight) {
  first.hold(many(40, mebibyte));
  second.hold(many(425, mebibyte / 20));
  pass(100ms);
  EXPECT_TRUE(second.pauses(mebibyte / 20));
  EXPECT_FALSE(second.pauses(1000));
  EXPECT_TRUE(first.closed.empty());
}

TEST_F(Governor, GoesOnOnceThereIsEnough) {
  first.hold(many(60, mebibyte));
  pass(200ms);
  first.hold(many(50, mebibyte));
  pass(100ms);
  EXPECT_TRUE(first.pauses(mebibyte)) << "only once there is enough for a while";
  first.hold(many(40, mebibyte));
  pass(100ms);
  EXPECT_FALSE(first.pauses(mebibyte));
  EXPECT_TRUE(first.closed.empty());
}

TEST_F(Governor, ClosesTheLargestAtTheLimit) {
  first.hold({30 * mebibyte, mebibyte, mebibyte});
  second.hold(many(350, mebibyte / 10));
  pass(200ms);
  EXPECT_EQ(first.closed, (std::vector{30 * mebibyte}));
  EXPECT_TRUE(second.closed.empty());
  EXPECT_FALSE(first.pauses(mebibyte));
}

TEST_F(Governor, ClosesAsManyAsNeededAmongEquals) {
  first.hold(many(35, mebibyte));
  second.hold(many(35, mebibyte));
  pass(200ms);
  const std::size_t closed = first.closed.size() + second.closed.size();
  EXPECT_EQ(closed, 22U) << "until three quarters of the limit are held";
}

TEST_F(Governor, ClosesAllThatAreLargerBeforeSome) {
  first.hold(many(30, mebibyte));
  second.hold({5 * mebibyte, 10 * mebibyte, 20 * mebibyte});
  first.answer();
  pass(200ms);
  EXPECT_EQ(second.closed, (std::vector{20 * mebibyte}));
  EXPECT_EQ(first.closed.size(), 0U);
}

TEST_F(Governor, ClosesTheLargestWhereNothingElseHelpsForAWhile) {
  first.hold(many(58, mebibyte));
  pass(400ms);
  EXPECT_TRUE(first.closed.empty());
  pass(400ms);
  EXPECT_EQ(first.closed.size(), 10U);
  EXPECT_FALSE(first.pauses(mebibyte));
}

TEST_F(Governor, IsPatientWhileMemoryIsFreed) {
  for (int i = 60; i > 50; i -= 2) {
    first.hold(many(static_cast<std::size_t>(i), mebibyte));
    pass(400ms);
  }
  EXPECT_TRUE(first.closed.empty());
}

TEST_F(Governor, RepeatsItsOrderToThoseWhoLookSeldom) {
  first.hold(many(70, mebibyte));
  for (int i = 0; i < 10; ++i) governor.tend(now += 50ms);
  first.answer();
  governor.tend(now += 50ms);
  first.answer();
  governor.tend(now += 50ms);
  first.answer();
  EXPECT_EQ(first.closed.size(), 22U);
}

TEST_F(Governor, ClosesNobodyWhoHoldsLittle) {
  first.hold(many(70'000, 1000));
  pass(3s);
  EXPECT_TRUE(first.closed.empty());
  EXPECT_TRUE(first.pauses(MemoryHoldings::least));
}

TEST_F(Governor, FollowsAnotherLimit) {
  first.hold(many(40, mebibyte));
  pass(100ms);
  EXPECT_FALSE(first.pauses(mebibyte));
  budget.set_limit(20 * mebibyte);
  pass(300ms);
  EXPECT_EQ(first.held.size(), 15U);
  budget.set_limit(MemoryBudget::unlimited);
  first.hold(many(1000, mebibyte));
  pass(300ms);
  EXPECT_FALSE(first.pauses(mebibyte));
  EXPECT_EQ(first.held.size(), 1000U);
}

// Pools give up what they keep when they are woken by a round.
TEST_F(Governor, StartsARoundAfterMuchHasBeenFreed) {
  first.hold(many(40, mebibyte));
  EXPECT_EQ(governor.tend(now), never);
  first.hold(many(37, mebibyte));
  EXPECT_EQ(governor.tend(now), never) << "not worth the effort";
  first.hold(many(5, mebibyte));
  const Instant due = governor.tend(now);
  EXPECT_GT(due, now);
  EXPECT_LE(due, now + 5s);
  MemoryAccount account(&budget);
  now = governor.tend(due);
  EXPECT_TRUE(account.has_news());
  EXPECT_EQ(governor.tend(now), never);
}

TEST_F(Governor, ItsThreadHearsOfALimit) {
  ASSERT_TRUE(governor.start());
  ASSERT_TRUE(governor.start());
  first.hold(many(70, mebibyte));
  for (const Instant end = Clock::now() + 60s; first.closed.empty() && Clock::now() < end;)
    first.answer();
  EXPECT_FALSE(first.closed.empty());
}

}  // namespace

}  // namespace asyncd
