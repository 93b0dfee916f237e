#include "core/log/limit.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

using namespace asyncd;
using namespace std::chrono_literals;

namespace {

constexpr Instant start{1h};

TEST(LogRateLimit, OneLineASecond) {
  log::RateLimit limit;
  std::uint64_t suppressed = 7;
  EXPECT_TRUE(limit.allow(start, suppressed));
  EXPECT_EQ(suppressed, 0U);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.allow(start + 999ms, suppressed));
  EXPECT_TRUE(limit.allow(start + 1s, suppressed));
  EXPECT_EQ(suppressed, 3U);
  EXPECT_TRUE(limit.allow(start + 9s, suppressed));
  EXPECT_EQ(suppressed, 0U) << "it has been told";
}

TEST(LogRateLimit, SoManyLinesASecond) {
  log::RateLimit limit(10);
  std::uint64_t suppressed = 0;
  for (int i = 0; i < 25; ++i) EXPECT_EQ(limit.allow(start, suppressed), i < 10);
  EXPECT_EQ(limit.take_suppressed(start), 0U) << "the second is not over";
  EXPECT_EQ(limit.take_suppressed(start + 1s), 15U);
  EXPECT_EQ(limit.take_suppressed(start + 1s), 0U);
  EXPECT_TRUE(limit.allow(start + 1s, suppressed));
  EXPECT_EQ(suppressed, 0U);
}

// Each caller is either allowed or counted once, whatever the threads do to one another.
TEST(LogRateLimit, ManyThreadsLoseNoCount) {
  constexpr std::uint64_t threads = 4, asked_by_each = 100'000;
  log::RateLimit limit(3);
  std::atomic<Duration::rep> time{0};
  std::atomic<std::uint64_t> allowed{0}, told{0};
  {
    std::vector<std::thread> all;
    for (std::uint64_t i = 0; i < threads; ++i)
      all.emplace_back([&] {
        for (std::uint64_t n = 0; n < asked_by_each; ++n) {
          // each second has a thousand of them
          const Instant now = start + Duration(time.fetch_add(1'000'000));
          std::uint64_t suppressed = 0;
          if (limit.allow(now, suppressed)) ++allowed;
          told += suppressed;
          if (n % 100 == 0) told += limit.take_suppressed(now);
        }
      });
    for (std::thread& thread : all) thread.join();
  }
  told += limit.take_suppressed(never);
  EXPECT_EQ(allowed + told, threads * asked_by_each);
  EXPECT_GE(allowed, threads * asked_by_each / 1000);
  EXPECT_LE(allowed, threads * asked_by_each / 10) << "it limits";
}

using Told = log::SourceLimit::LeftOut;

Told told_at(Instant now) { return log::SourceLimit::take_left_out(now); }

TEST(LogSourceLimit, TellsWhatWasLeftOutOnceTheSecondIsOver) {
  log::SourceLimit print("print", 5), echo("echo", 5);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(print.allow(start), i < 5);
  EXPECT_TRUE(echo.allow(start));
  EXPECT_EQ(told_at(start), Told());
  EXPECT_EQ(told_at(start + 1s), Told({{"print", 3}}));
  EXPECT_EQ(told_at(start + 9s), Told());
}

TEST(LogSourceLimit, TellsOnceWhereItsNextLineComesFirst) {
  log::SourceLimit print("print", 1);
  for (int i = 0; i < 8; ++i) print.allow(start);
  EXPECT_TRUE(print.allow(start + 1s));
  EXPECT_EQ(told_at(start + 1s), Told({{"print", 7}}));
}

TEST(LogSourceLimit, WhatItHasNotToldOutlivesIt) {
  for (int i = 0; i < 2; ++i) {
    log::SourceLimit print("print", 1);
    for (int n = 0; n < 4; ++n) print.allow(start);
  }
  EXPECT_EQ(told_at(start), Told({{"print", 6}}));
  log::SourceLimit::give_back("print", 6);
  EXPECT_EQ(told_at(start), Told({{"print", 6}}));
  EXPECT_EQ(told_at(never), Told());
}

}  // namespace
