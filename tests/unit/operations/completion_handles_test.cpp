// Completion handles: what a post does in time, twice, too late, and once its table has gone.
#include "core/operations/completion_handles.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "sdk/asyncd.h"

namespace {

using asyncd::CompletionHandles;
using Answer = CompletionHandles::Answer;

struct Heard final : asyncd::CompletionObserver {
  void on_posted(std::uint64_t handle, asyncd_op& op) noexcept override {
    last = handle;
    ended = &op;
  }
  std::uint64_t last = 0;
  asyncd_op* ended = nullptr;
};

class CompletionHandlesTest : public testing::Test {
 protected:
  std::uint64_t open(std::uint64_t before = 0) { return handles_->open(heard_, &call_, before); }

  Heard heard_;
  int call_ = 0, other_call_ = 0;
  asyncd_op op_{}, other_op_{};
  std::optional<CompletionHandles> handles_{std::in_place};
};

TEST_F(CompletionHandlesTest, TheFirstPostEndsTheOperationThatWaits) {
  const std::uint64_t handle = open();
  EXPECT_EQ(handles_->wait(handle, &call_, op_), Answer::waits);
  EXPECT_EQ(CompletionHandles::post(handle), 0);
  EXPECT_EQ(heard_.last, handle);
  EXPECT_EQ(heard_.ended, &op_);
  EXPECT_EQ(CompletionHandles::post(handle), -1);
  EXPECT_EQ(handles_->take_waiting(handle), nullptr);
}

TEST_F(CompletionHandlesTest, APostMayComeBeforeTheWait) {
  const std::uint64_t handle = open();
  EXPECT_EQ(CompletionHandles::post(handle), 0);
  EXPECT_EQ(heard_.ended, nullptr);
  EXPECT_EQ(handles_->wait(handle, &call_, op_), Answer::posted);
}

TEST_F(CompletionHandlesTest, OneOperationOfItsOwnCallMayWait) {
  const std::uint64_t handle = open();
  EXPECT_EQ(handles_->wait(handle, &other_call_, op_), Answer::refused);
  EXPECT_EQ(handles_->wait(handle, &call_, op_), Answer::waits);
  EXPECT_EQ(handles_->wait(handle, &call_, other_op_), Answer::refused);
  EXPECT_EQ(handles_->take_waiting(handle), &op_);
}

TEST_F(CompletionHandlesTest, ACallClosesAllOfItsOwn) {
  const std::uint64_t first = open();
  const std::uint64_t second = open(first);
  EXPECT_EQ(handles_->open_count(), 2U);
  handles_->close_all(second);
  EXPECT_EQ(handles_->open_count(), 0U);
  EXPECT_EQ(CompletionHandles::post(first), -1);
  EXPECT_EQ(CompletionHandles::post(second), -1);
}

TEST_F(CompletionHandlesTest, APostThatComesAfterTheEndOfItsTableIsRefused) {
  const std::uint64_t handle = open();
  EXPECT_EQ(handles_->wait(handle, &call_, op_), Answer::waits);
  handles_.reset();
  EXPECT_EQ(CompletionHandles::post(handle), -1);
  EXPECT_EQ(heard_.ended, nullptr);
}

// A post says no more than a number, so the numbers of all tables differ, those of tables that have
// gone included.
TEST_F(CompletionHandlesTest, NoTwoTablesGiveTheSame) {
  std::set<std::uint64_t> given;
  for (int i = 0; i < 3; ++i) {
    handles_.emplace();
    CompletionHandles beside;
    Heard heard_beside;
    given.insert(open());
    const std::uint64_t handle = beside.open(heard_beside, &call_, 0);
    given.insert(handle);
    EXPECT_EQ(beside.wait(handle, &call_, op_), Answer::waits);
    EXPECT_EQ(CompletionHandles::post(handle), 0);
    EXPECT_EQ(heard_beside.ended, &op_);
  }
  EXPECT_EQ(heard_.ended, nullptr);
  EXPECT_EQ(given.size(), 6U);
}

}  // namespace
