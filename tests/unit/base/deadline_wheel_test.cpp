// The deadline wheel against a plain list of deadlines, in virtual time.
#include "core/base/deadline_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace {

using asyncd::DeadlineWheel;
using asyncd::Duration;
using asyncd::Instant;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr auto tick = DeadlineWheel::tick;
const Instant start = Instant{} + hours(1) + nanoseconds(12'345);

struct Timer : DeadlineWheel::Node {
  std::size_t number = 0;
  Instant deadline = asyncd::never;  // the real one, which may be later than the wheel's
};

std::vector<Timer*> due_at(DeadlineWheel& wheel, Instant now) {
  std::vector<Timer*> due;
  wheel.advance(now, [&](DeadlineWheel::Node& node) { due.push_back(static_cast<Timer*>(&node)); });
  return due;
}

TEST(DeadlineWheel, NeverEarlyAndAtMostOneTickLate) {
  for (const Duration wait :
       {Duration(0), Duration(1), Duration(tick) - Duration(1), Duration(tick),
        Duration(tick) + Duration(1), Duration(tick * 1023), Duration(tick * 1024),
        Duration(tick * 1025), Duration(seconds(60)), Duration(hours(30))}) {
    DeadlineWheel wheel(start);
    Timer timer;
    const Instant deadline = start + wait;
    EXPECT_TRUE(wheel.arm(timer, deadline));
    EXPECT_TRUE(due_at(wheel, deadline - nanoseconds(1)).empty());
    EXPECT_LE(wheel.next(), deadline + tick);
    EXPECT_EQ(due_at(wheel, deadline + tick).size(), 1U) << wait.count();
    EXPECT_FALSE(timer.armed());
    EXPECT_EQ(wheel.next(), asyncd::never);
  }
}

TEST(DeadlineWheel, WakesInTimeWhenItsOwnWordIsFollowed) {
  DeadlineWheel wheel(start);
  Timer timer;
  const Instant deadline = start + seconds(61);
  wheel.arm(timer, deadline);
  int wakes = 0;
  Instant now = start;
  while (timer.armed()) {
    ASSERT_LT(now, wheel.next());
    now = wheel.next();
    due_at(wheel, now);
    ASSERT_LT(++wakes, 6);  // once a turn of the wheel at most
  }
  EXPECT_GE(now, deadline);
  EXPECT_LE(now, deadline + tick);
}

TEST(DeadlineWheel, KeepsTheEarlierDeadline) {
  DeadlineWheel wheel(start);
  Timer timer;
  EXPECT_FALSE(wheel.arm(timer, asyncd::never));
  EXPECT_FALSE(timer.armed());
  EXPECT_TRUE(wheel.arm(timer, start + seconds(10)));
  EXPECT_FALSE(wheel.arm(timer, start + seconds(20)));
  EXPECT_FALSE(wheel.arm(timer, asyncd::never));
  EXPECT_TRUE(timer.armed());
  EXPECT_TRUE(wheel.arm(timer, start + seconds(5)));
  EXPECT_EQ(due_at(wheel, start + seconds(5) + tick).size(), 1U);
  EXPECT_TRUE(due_at(wheel, start + seconds(30)).empty());
}

TEST(DeadlineWheel, TakesDeadlinesThatAreOverAndThoseOfTheFarFuture) {
  DeadlineWheel wheel(start);
  EXPECT_TRUE(due_at(wheel, start + seconds(100)).empty());
  Timer past;
  Timer before_start;
  Timer far;
  wheel.arm(past, start + seconds(1));
  wheel.arm(before_start, start - seconds(1));
  wheel.arm(far, asyncd::never - nanoseconds(1));
  EXPECT_LE(wheel.next(), start + seconds(100) + tick);
  EXPECT_EQ(due_at(wheel, start + seconds(100) + tick).size(), 2U);
  EXPECT_TRUE(far.armed());
  EXPECT_TRUE(due_at(wheel, start + hours(24 * 365)).empty());
}

TEST(DeadlineWheel, DueNodesMayBeArmedAgainOrDestroyed) {
  DeadlineWheel wheel(start);
  std::vector<std::unique_ptr<Timer>> timers;
  for (std::size_t i = 0; i < 10; ++i) {
    timers.push_back(std::make_unique<Timer>());
    timers.back()->number = i;
    wheel.arm(*timers.back(), start + milliseconds(1));
  }
  const Instant now = start + tick;
  wheel.advance(now, [&](DeadlineWheel::Node& node) {
    const std::size_t number = static_cast<Timer&>(node).number;
    if (number % 2 == 0) return timers[number].reset();
    if (number + 1 < timers.size()) timers[number + 1].reset();  // one that is due as well
    // over already: next tick, not this one
    wheel.arm(node, now);
  });
  EXPECT_EQ(due_at(wheel, now).size(), 0U);
  EXPECT_EQ(due_at(wheel, now + tick).size(), 5U);
}

TEST(DeadlineWheel, TimeThatStandsStillOrGoesBackChangesNothing) {
  DeadlineWheel wheel(start);
  Timer timer;
  due_at(wheel, start + seconds(5));
  wheel.arm(timer, start + seconds(6));
  EXPECT_TRUE(due_at(wheel, start + seconds(5)).empty());
  EXPECT_TRUE(due_at(wheel, start).empty());
  EXPECT_EQ(due_at(wheel, start + seconds(6) + tick).size(), 1U);
}

TEST(DeadlineWheel, NodesOutliveTheWheelAndTheWheelThem) {
  Timer survivor;
  {
    DeadlineWheel wheel(start);
    wheel.arm(survivor, start + seconds(1));
    {
      Timer gone;
      wheel.arm(gone, start + seconds(1));
    }
    EXPECT_TRUE(survivor.armed());
  }
  EXPECT_FALSE(survivor.armed());
}

// A loop's use of the wheel: deadlines move later without the wheel being told, connections come
// and go, and now and then the loop sleeps long.
class Simulation {
 public:
  void step() {
    const std::size_t place = random_() % timers_.size();
    std::unique_ptr<Timer>& timer = timers_[place];
    switch (random_() % 6) {
      case 0:  // a connection ends, armed or not
        timer.reset();
        break;
      case 1:
      case 2:
        if (!timer) timer = std::make_unique<Timer>();
        timer->deadline = now_ + wait();
        wheel_.arm(*timer, timer->deadline);
        break;
      case 3:  // a message came: later, lazily
        if (timer && timer->deadline != asyncd::never) timer->deadline += wait();
        break;
      default:
        advance(random_() % 50 == 0 ? wait() : Duration(random_() % Duration(tick * 3).count()));
    }
  }
  std::size_t expired() const { return expired_; }

 private:
  Duration wait() {
    const Duration longest[] = {tick, seconds(1), seconds(20), hours(1)};
    return Duration(random_() % static_cast<std::uint64_t>(longest[random_() % 4].count()));
  }

  void advance(Duration by) {
    now_ += by;
    wheel_.advance(now_, [this](DeadlineWheel::Node& node) {
      auto& timer = static_cast<Timer&>(node);
      if (now_ < timer.deadline) {
        wheel_.arm(timer, timer.deadline);
        return;
      }
      timer.deadline = asyncd::never;
      ++expired_;
    });
    const Instant next = wheel_.next();
    for (const std::unique_ptr<Timer>& timer : timers_) {
      if (!timer || timer->deadline == asyncd::never) continue;
      ASSERT_TRUE(timer->armed());
      ASSERT_GT(timer->deadline + tick, now_) << "more than one tick late";
      ASSERT_LE(next, std::max(timer->deadline, now_) + tick);
    }
  }

  std::mt19937_64 random_{7};
  Instant now_ = start;
  std::vector<std::unique_ptr<Timer>> timers_{200};
  DeadlineWheel wheel_{start};  // goes before its nodes
  std::size_t expired_ = 0;
};

TEST(DeadlineWheel, AgreesWithAListOfDeadlines) {
  Simulation simulation;
  for (int i = 0; i < 60'000; ++i) {
    simulation.step();
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << i;
  }
  EXPECT_GT(simulation.expired(), 1000U);
}

// Without lazy moves: what comes out, and in which turn, is what a sorted list gives.
TEST(DeadlineWheel, ComesOutInTheTicksOfASortedList) {
  std::mt19937_64 random(3);
  std::vector<Timer> timers(5000);
  DeadlineWheel wheel(start);
  std::multimap<Instant, Timer*> sorted;
  for (Timer& timer : timers) {
    timer.deadline = start + nanoseconds(random() % Duration(seconds(100)).count());
    wheel.arm(timer, timer.deadline);
    sorted.emplace(timer.deadline, &timer);
  }
  for (Instant now = start; !sorted.empty();
       now += nanoseconds(random() % Duration(tick * 20).count())) {
    for (Timer* timer : due_at(wheel, now)) {
      ASSERT_LE(timer->deadline, now) << "early";
      const auto [first, last] = sorted.equal_range(timer->deadline);
      sorted.erase(
          std::find_if(first, last, [&](const auto& entry) { return entry.second == timer; }));
    }
    ASSERT_TRUE(sorted.empty() || sorted.begin()->first + tick > now) << "late";
  }
  EXPECT_EQ(wheel.next(), asyncd::never);
}

}  // namespace
