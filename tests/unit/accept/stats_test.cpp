#include "core/accept/stats.h"

#include <gtest/gtest.h>

#include <memory>

namespace {

using namespace asyncd;

SessionCounters counters(std::uint64_t messages, std::uint64_t bytes) {
  return {.messages_received = messages,
          .messages_sent = messages,
          .bytes_received = bytes,
          .bytes_sent = bytes};
}

TEST(Stats, WhatTalliesHaveCountedIsThereWhileTheyLastAndAfterwards) {
  Stats stats;
  std::vector<std::unique_ptr<Stats::Tally>> tallies;
  for (int i = 0; i < 3; ++i) tallies.push_back(std::make_unique<Stats::Tally>(stats));
  SessionCounters told;
  tallies[0]->add(counters(1, 10), told);
  tallies[0]->add(counters(3, 30), told);
  EXPECT_EQ(told, counters(3, 30));
  SessionCounters told_other;
  tallies[2]->add(counters(4, 50), told_other);
  EXPECT_EQ(stats.snapshot().sessions, counters(7, 80));
  for (const std::size_t which : {1, 0, 2}) {  // from the middle, and from either end
    tallies[which].reset();
    EXPECT_EQ(stats.snapshot().sessions, counters(7, 80));
  }
}

TEST(Stats, ConnectionsBalance) {
  Stats stats;
  for (int i = 0; i < 4; ++i) stats.on_accepted();
  stats.on_turned_away(RejectReason::full);
  EXPECT_EQ(stats.active(), 4u);
  stats.on_closed(CloseReason::drained);
  stats.on_rejected(RejectReason::no_memory);
  const StatsSnapshot books = stats.snapshot();
  EXPECT_EQ(books.accepted, 5u);
  EXPECT_EQ(books.active, 2u);
  EXPECT_EQ(books.active, stats.active());
  EXPECT_EQ(books.closed_in_all(), 1u);
  EXPECT_EQ(books.rejected_in_all(), 2u);
}

}  // namespace
