// A broken contract ends the process and names its place, in release builds, too.
#include "core/base/require.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/base/send_buffer.h"

namespace asyncd {
namespace {

TEST(RequireDeathTest, WhatHoldsCostsNothing) { ASYNCD_REQUIRE(1 + 1 == 2, "sums are right"); }

TEST(RequireDeathTest, WhatDoesNotHoldIsNamedWithItsPlace) {
  EXPECT_DEATH(ASYNCD_REQUIRE(1 + 1 == 3, "sums are right"),
               "\"sums are right\" does not hold .*require_test.cpp:");
}

TEST(RequireDeathTest, MoreIsAcknowledgedThanWasPending) {
  BufferPool pool;
  SendBuffer buffer(pool);
  buffer.back().append("abc");
  EXPECT_EQ(buffer.pending(), "abc");
  EXPECT_DEATH(buffer.on_sent(4), "no more is acknowledged than was pending");
}

TEST(OwnThread, IsTheOneThatHasClaimedIt) {
  OwnThread own;
  EXPECT_TRUE(own.is_current()) << "no thread has claimed it";
  own.claim();
  EXPECT_TRUE(own.is_current());
  bool elsewhere = true;
  std::thread([&] { elsewhere = own.is_current(); }).join();
  EXPECT_FALSE(elsewhere);
}

}  // namespace
}  // namespace asyncd
