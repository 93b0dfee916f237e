// What every socket set (core/io/event_loop.h) has to do for an event loop, whatever the system
// tells it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/event_loop.h"
#include "tests/support/socket_pair.h"

namespace asyncd::test {

using namespace std::chrono_literals;

template <SocketSet Set>
class SocketSets : public testing::Test {
 protected:
  struct Told {
    std::size_t slot;
    Ready ready;
  };

  // One wait, and all that it tells.
  std::vector<Told> wait(Duration longest) {
    set_->wait(longest);
    std::vector<Told> result;
    std::size_t slot = 0;
    for (Ready ready; set_->next_ready(slot, ready);) result.push_back({slot, ready});
    return result;
  }

  // Waits until something is told: an interrupted wait tells nothing.
  std::vector<Told> wait() {
    std::vector<Told> result;
    for (int i = 0; i < 100 && result.empty(); ++i) result = wait(300ms);
    return result;
  }

  // What is readable without a wait is not told; any other socket has to be told of exactly once.
  void expect_readable(std::size_t slot) {
    if (set_->want_readable(slot)) return;
    const std::vector<Told> told = wait();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].slot, slot);
    EXPECT_TRUE(told[0].ready.readable);
    EXPECT_FALSE(told[0].ready.writable);
  }

  // As an event loop reads.
  std::string read(SocketPair& pair, std::size_t slot, std::size_t most = 100) {
    std::string text(most, '\0');
    const IoResult got = receive_some(pair.server.handle(), text);
    if (got.status == IoResult::Status::would_block)
      set_->read_nothing(slot);
    else if (got.bytes < most)
      set_->read_short(slot);
    text.resize(got.status == IoResult::Status::ok ? got.bytes : 0);
    return text;
  }

  static void send(SocketPair& pair, std::string_view text) {
    ASSERT_EQ(send_some(pair.client_handle(), text).bytes, text.size());
    wait_ready(pair.server.handle(), true, false, pair_patience);
  }

  // Until the system takes no more.
  static void fill(SocketPair& pair) {
    set_non_blocking(pair.server.handle(), true);
    const std::string much(1 << 20, 'x');
    while (send_some(pair.server.handle(), much).status == IoResult::Status::ok) {
    }
  }

  std::unique_ptr<SocketPair> pair() { return std::make_unique<SocketPair>(context_); }
  std::size_t add(SocketPair& pair) { return set_->add(pair.server.handle(), Watching::lasting); }

  asio::io_context context_;
  Result<Set> set_ = Set::create();
};

TYPED_TEST_SUITE_P(SocketSets);

TYPED_TEST_P(SocketSets, NothingIsToldThatIsNotWanted) {
  const auto one = this->pair();
  this->add(*one);
  this->send(*one, "something");
  EXPECT_TRUE(this->wait(10ms).empty());
}

TYPED_TEST_P(SocketSets, WhatIsWantedIsToldOnce) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  ASSERT_FALSE(this->set_->want_readable(slot));
  EXPECT_TRUE(this->wait(1ms).empty());
  this->send(*one, "something");
  EXPECT_EQ(this->wait().size(), 1U);
  EXPECT_TRUE(this->wait(10ms).empty());
  EXPECT_EQ(this->read(*one, slot), "something");
}

TYPED_TEST_P(SocketSets, EachMessageIsToldOf) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  for (const std::string text : {"a", "b", "c"}) {
    this->send(*one, text);
    this->expect_readable(slot);
    EXPECT_EQ(this->read(*one, slot), text);
  }
}

TYPED_TEST_P(SocketSets, WhatAReadLeavesIsReadableStill) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  this->send(*one, "abc");
  for (const std::string text : {"a", "b", "c"}) {
    this->expect_readable(slot);
    EXPECT_EQ(this->read(*one, slot, 1), text);
  }
}

TYPED_TEST_P(SocketSets, WhatComesWhileNothingIsWantedIsToldLater) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  this->send(*one, "early");
  EXPECT_TRUE(this->wait(10ms).empty());
  this->expect_readable(slot);
  EXPECT_EQ(this->read(*one, slot), "early");
}

TYPED_TEST_P(SocketSets, AnEndIsReadable) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  this->send(*one, "last");
  one->client.shutdown(asio::ip::tcp::socket::shutdown_send);
  this->expect_readable(slot);
  EXPECT_EQ(this->read(*one, slot), "last");
  this->expect_readable(slot);
  EXPECT_EQ(this->read(*one, slot), "");
}

TYPED_TEST_P(SocketSets, AnEndAfterAllHasBeenReadIsReadable) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  this->send(*one, "last");
  this->expect_readable(slot);
  EXPECT_EQ(this->read(*one, slot), "last");
  ASSERT_FALSE(this->set_->want_readable(slot));
  one->client.close();
  const auto told = this->wait();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].ready.readable);
}

TYPED_TEST_P(SocketSets, RoomForOutputIsToldOnce) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  for (int i = 0; i < 2; ++i) {
    this->fill(*one);
    this->set_->want_writable(slot);
    EXPECT_TRUE(this->wait(10ms).empty());
    std::string taken(1 << 20, '\0');
    // As much as there is, so that there is room on every system.
    std::vector<typename TestFixture::Told> told;
    while (told.empty()) {
      wait_ready(one->client_handle(), true, false, 100ms);
      receive_some(one->client_handle(), taken);
      told = this->wait(1ms);
    }
    EXPECT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].ready.writable);
    EXPECT_FALSE(told[0].ready.readable);
    EXPECT_TRUE(this->wait(10ms).empty());
  }
}

TYPED_TEST_P(SocketSets, WhatIsWantedNoMoreIsNotTold) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  EXPECT_FALSE(this->set_->want_readable(slot));
  this->set_->want_writable(slot);
  this->set_->unwant(slot);
  this->send(*one, "something");
  EXPECT_TRUE(this->wait(10ms).empty());
  this->expect_readable(slot);
}

// An event loop closes connections while it goes through what one wait has told it, and takes new
// ones in.
TYPED_TEST_P(SocketSets, ASlotThatIsGivenAwayAnewHearsNothingOfTheOneBefore) {
  std::vector<std::unique_ptr<SocketPair>> pairs;
  std::vector<std::size_t> slots;
  for (int i = 0; i < 3; ++i) {
    pairs.push_back(this->pair());
    slots.push_back(this->add(*pairs.back()));
    EXPECT_FALSE(this->set_->want_readable(slots.back()));
    this->send(*pairs.back(), "something");
  }
  this->set_->wait(10s);
  std::size_t first = 0, slot = 0;
  Ready ready;
  ASSERT_TRUE(this->set_->next_ready(first, ready));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] == first) continue;
    this->set_->remove(slots[i]);
    pairs[i]->server.close();
    const auto fresh = this->pair();
    const std::size_t again = this->add(*fresh);
    EXPECT_FALSE(this->set_->want_readable(again));
    while (this->set_->next_ready(slot, ready)) EXPECT_NE(slot, again);
    this->set_->remove(again);
    break;
  }
}

TYPED_TEST_P(SocketSets, OneThatIsWatchedOccasionallyIsToldAsLongAsItIsWanted) {
  const auto one = this->pair();
  const std::size_t slot = this->set_->add(one->server.handle(), Watching::occasional);
  this->send(*one, "something");
  EXPECT_TRUE(this->wait(10ms).empty());
  for (int i = 0; i < 2; ++i) {  // it has not been read
    EXPECT_FALSE(this->set_->want_readable(slot));
    EXPECT_EQ(this->wait().size(), 1U);
    EXPECT_TRUE(this->wait(10ms).empty());
  }
  EXPECT_FALSE(this->set_->want_readable(slot));
  this->set_->want_writable(slot);
  const auto told = this->wait();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].ready.readable);
  EXPECT_TRUE(told[0].ready.writable);
  this->set_->remove(slot);
}

// As a call that reads and writes at the same time.
TYPED_TEST_P(SocketSets, OfTwoThatAreWantedTheOtherIsToldOfLater) {
  const auto one = this->pair();
  const std::size_t slot = this->set_->add(one->server.handle(), Watching::occasional);
  EXPECT_FALSE(this->set_->want_readable(slot));
  this->set_->want_writable(slot);
  auto told = this->wait();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].ready.readable);
  EXPECT_TRUE(told[0].ready.writable);
  EXPECT_TRUE(this->wait(10ms).empty());
  this->send(*one, "something");
  told = this->wait();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].ready.readable);
  EXPECT_FALSE(told[0].ready.writable);
  this->set_->remove(slot);
}

// A client that has sent all, and takes nothing.
TYPED_TEST_P(SocketSets, AnEndIsNoRoomForOutput) {
  const auto one = this->pair();
  const std::size_t slot = this->add(*one);
  this->fill(*one);
  one->client.shutdown(asio::ip::tcp::socket::shutdown_send);
  this->expect_readable(slot);
  EXPECT_EQ(this->read(*one, slot), "");
  this->set_->want_writable(slot);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(this->wait(20ms).empty());
}

TYPED_TEST_P(SocketSets, OfManySocketsThoseAreToldOfThatAreReady) {
  constexpr std::size_t many = 100;
  std::vector<std::unique_ptr<SocketPair>> pairs;
  std::vector<std::size_t> slots, wanted, told;
  for (std::size_t i = 0; i < many; ++i) {
    pairs.push_back(this->pair());
    slots.push_back(this->add(*pairs.back()));
    EXPECT_FALSE(this->set_->want_readable(slots.back()));
  }
  for (std::size_t i = 0; i < many; i += 7) {
    this->send(*pairs[i], "something");
    wanted.push_back(slots[i]);
  }
  while (told.size() < wanted.size()) {
    const auto now = this->wait();
    ASSERT_FALSE(now.empty());
    for (const auto& each : now) told.push_back(each.slot);
  }
  std::sort(wanted.begin(), wanted.end());
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, wanted);
}

REGISTER_TYPED_TEST_SUITE_P(SocketSets, NothingIsToldThatIsNotWanted, WhatIsWantedIsToldOnce,
                            EachMessageIsToldOf, WhatAReadLeavesIsReadableStill,
                            WhatComesWhileNothingIsWantedIsToldLater, AnEndIsReadable,
                            AnEndAfterAllHasBeenReadIsReadable, RoomForOutputIsToldOnce,
                            WhatIsWantedNoMoreIsNotTold,
                            ASlotThatIsGivenAwayAnewHearsNothingOfTheOneBefore,
                            OneThatIsWatchedOccasionallyIsToldAsLongAsItIsWanted,
                            OfTwoThatAreWantedTheOtherIsToldOfLater, AnEndIsNoRoomForOutput,
                            OfManySocketsThoseAreToldOfThatAreReady);

}  // namespace asyncd::test
