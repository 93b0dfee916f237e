// What all connections hold together: accounts, the sum that they share, rounds of orders, and
// pools on an account.
#include "core/base/memory_budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "core/base/buffer.h"

namespace asyncd {

namespace {

constexpr std::uint64_t KiB = 1 << 10, MiB = 1 << 20;

TEST(MemoryHoldings, ClassesDoubleFromTheLeastOn) {
  EXPECT_EQ(MemoryHoldings::class_of(0), 0U);
  EXPECT_EQ(MemoryHoldings::class_of(MemoryHoldings::least - 1), 0U);
  for (std::size_t i = 1; i + 1 < MemoryHoldings::class_count; ++i) {
    EXPECT_EQ(MemoryHoldings::class_of(MemoryHoldings::least_of(i)), i);
    EXPECT_EQ(MemoryHoldings::class_of(MemoryHoldings::least_of(i + 1) - 1), i);
  }
  EXPECT_EQ(MemoryHoldings::class_of(MemoryOrder::none), MemoryHoldings::class_count - 1);
}

TEST(MemoryAccount, CountsExactlyAndLeasesInPieces) {
  MemoryBudget budget;
  {
    MemoryAccount one(&budget), other(&budget);
    one.take(100 * KiB);
    other.take(1);
    one.take(50 * KiB);
    const MemoryBudget::Figures figures = budget.figures();
    EXPECT_EQ(figures.held, 150 * KiB + 1);
    EXPECT_GE(figures.leased, figures.held);
    EXPECT_LE(figures.leased, figures.held + 256 * KiB);
    one.give(150 * KiB);
    EXPECT_EQ(budget.figures().held, 1U);
    EXPECT_LE(budget.figures().leased, 256 * KiB);
  }
  EXPECT_EQ(budget.figures().held, 0U);
  EXPECT_EQ(budget.figures().leased, 0U);
}

TEST(MemoryAccount, WithoutABudgetCountsNothing) {
  MemoryAccount account;
  account.take(MiB);
  account.give(2 * MiB);
  EXPECT_EQ(account.held(), 0U);
  EXPECT_FALSE(account.pauses(MemoryOrder::none));
  EXPECT_FALSE(account.has_news());
}

TEST(MemoryAccount, ChangesWithinAPieceDoNotTouchTheSum) {
  MemoryBudget budget;
  MemoryAccount account(&budget);
  account.take(100 * KiB);
  account.take(60 * KiB);
  const std::uint64_t leased = budget.figures().leased;
  for (int i = 0; i < 100; ++i) {
    account.give(60 * KiB);
    account.take(60 * KiB);
    EXPECT_EQ(budget.figures().leased, leased);
  }
}

TEST(BufferPool, HasItsBlocksOnItsAccount) {
  MemoryBudget budget;
  {
    BufferPool pool(MiB, &budget);
    const BufferPool::Block small = pool.acquire(1000), large = pool.acquire(3 * MiB);
    EXPECT_EQ(budget.figures().held, small.capacity + large.capacity);
    pool.release(large);
    pool.release(small);
    EXPECT_EQ(budget.figures().held, small.capacity) << "what is kept counts, too";
    pool.release(pool.acquire(1000));
    EXPECT_EQ(budget.figures().held, small.capacity);
    pool.trim(0);
    EXPECT_EQ(budget.figures().held, 0U);
    pool.release(pool.acquire(1000));
  }
  EXPECT_EQ(budget.figures().held, 0U);
}

TEST(BufferPool, TrimsLargeBlocksFirst) {
  MemoryBudget budget;
  BufferPool pool(MiB, &budget);
  std::vector<BufferPool::Block> blocks;
  for (const std::size_t size : {512U, 4096U, 65536U, 262144U})
    blocks.push_back(pool.acquire(size));
  for (const BufferPool::Block& block : blocks) pool.release(block);
  pool.trim(100'000);
  EXPECT_EQ(budget.figures().held, 65536U + 4096U + 512U);
  pool.trim(100'000);
  EXPECT_EQ(budget.figures().held, 65536U + 4096U + 512U);
}

struct Bell {
  explicit Bell(MemoryBudget& budget) {
    budget.set_ring([this] { ++rung; });
  }
  int rung = 0;
};

TEST(MemoryBudget, RingsOnceWhereAMarkIsPassed) {
  MemoryBudget budget;
  Bell bell(budget);
  MemoryAccount account(&budget);
  account.take(MiB);
  budget.set_marks({.rise = 2 * MiB, .fall = MiB / 2});
  EXPECT_EQ(bell.rung, 0);
  account.take(MiB / 2);
  EXPECT_EQ(bell.rung, 0);
  account.take(MiB);
  account.take(MiB);
  EXPECT_EQ(bell.rung, 1);
  EXPECT_FALSE(account.pauses(MiB)) << "it was no mark to pause at";
  account.give(3 * MiB);
  EXPECT_EQ(bell.rung, 1);
  account.give(MiB / 2);
  EXPECT_EQ(bell.rung, 2);
}

TEST(MemoryBudget, RingsAtOnceWhereAMarkHasBeenPassedAlready) {
  MemoryBudget budget;
  Bell bell(budget);
  MemoryAccount account(&budget);
  account.take(3 * MiB);
  budget.set_marks({.rise = 2 * MiB});
  EXPECT_EQ(bell.rung, 1);
  budget.set_marks({.fall = 4 * MiB});
  EXPECT_EQ(bell.rung, 2);
  budget.set_limit(MiB);
  EXPECT_EQ(bell.rung, 3);
  budget.set_limit(MiB);
  EXPECT_EQ(bell.rung, 3);
}

TEST(MemoryBudget, HasThosePauseAtOnceThatHoldMuch) {
  MemoryBudget budget;
  MemoryAccount account(&budget), other(&budget);
  budget.set_marks({.pause = MiB});
  account.take(MiB / 2);
  EXPECT_FALSE(other.pauses(MiB));
  account.take(MiB / 2);
  EXPECT_TRUE(other.pauses(MemoryHoldings::least));
  EXPECT_FALSE(other.pauses(MemoryHoldings::least - 1));
  budget.issue({.pause_above = 10 * MemoryHoldings::least});
  EXPECT_TRUE(other.pauses(10 * MemoryHoldings::least));
  EXPECT_FALSE(other.pauses(10 * MemoryHoldings::least - 1));
  budget.issue({});
  EXPECT_FALSE(other.pauses(MiB));
}

TEST(MemoryRound, EndsThoseAboveAndOthersUpToTheQuota) {
  int woken = 0;
  MemoryBudget budget;
  MemoryAccount account(&budget, [&] { ++woken; }), silent(&budget);
  EXPECT_FALSE(account.has_news());
  budget.issue({.close_above = MiB,
                .quota_above = 2 * MiB,
                .close_some_above = 100 * KiB,
                .quota_of_some = 250 * KiB});
  EXPECT_EQ(woken, 1);
  ASSERT_TRUE(account.has_news());
  {
    MemoryRound round(account);
    EXPECT_FALSE(account.has_news());
    EXPECT_TRUE(round.ends(2 * MiB));
    EXPECT_FALSE(round.ends(99 * KiB));
    EXPECT_TRUE(round.ends(150 * KiB));
    EXPECT_TRUE(round.ends(150 * KiB));
    EXPECT_FALSE(round.ends(150 * KiB));
    EXPECT_FALSE(round.ends(2 * MiB)) << "it has grown since";
  }
  EXPECT_TRUE(silent.has_news());
  const MemoryHoldings holdings = budget.figures().holdings;
  EXPECT_EQ(holdings.bytes[MemoryHoldings::class_of(2 * MiB)], 4 * MiB);
  EXPECT_EQ(holdings.bytes[MemoryHoldings::class_of(150 * KiB)], 450 * KiB);
}

TEST(MemoryAccount, NotesTheOnlyConnectionOfItsThread) {
  MemoryBudget budget;
  MemoryAccount account(&budget);
  for (const std::uint64_t bytes : {100 * KiB, 110 * KiB, 3 * MiB, 20 * KiB}) {
    account.note(bytes);
    const MemoryHoldings holdings = budget.figures().holdings;
    for (std::size_t i = 1; i < MemoryHoldings::class_count; ++i)
      EXPECT_EQ(holdings.bytes[i], i == MemoryHoldings::class_of(bytes) ? bytes : 0) << i;
  }
  account.note(0);
  EXPECT_EQ(budget.figures().holdings.bytes, MemoryHoldings{}.bytes);
}

}  // namespace

}  // namespace asyncd
