// Clients that are turned away: what they read, how they are counted, and how long they may stay.
#include <gtest/gtest.h>

#include <asio/write.hpp>

#include "core/accept/lingering_close.h"
#include "core/accept/peer_counts.h"
#include "core/accept/refusal.h"
#include "core/base/enum_names.h"
#include "sdk/asyncd.h"
#include "tests/support/socket_pair.h"

namespace {

using asyncd::Peer;
using asyncd::PeerCounts;
using asyncd::RejectReason;

Peer ipv4(std::uint8_t last) {
  return {.family = Peer::Family::ipv4, .port = 1, .bytes = {127, 0, 0, last}};
}

Peer ipv6(std::uint8_t in_network, std::uint8_t in_host) {
  Peer peer{.family = Peer::Family::ipv6};
  peer.bytes[7] = in_network;
  peer.bytes[15] = in_host;
  return peer;
}

std::string refusal(const asyncd::Framing& framing, RejectReason reason) {
  const auto framer = asyncd::make_framer(framing, 1024, asyncd_handler{}, nullptr);
  return std::string(asyncd::Refusal(*framer, reason).view());
}

TEST(Refusal, IsInTheListenersFraming) {
  EXPECT_EQ(refusal({}, RejectReason::full), "error: too many connections\n");
  EXPECT_EQ(refusal({.kind = asyncd::FramingKind::raw}, RejectReason::stopping),
            "error: shutting down");
  EXPECT_EQ(
      refusal({.kind = asyncd::FramingKind::length, .prefix_size = 2}, RejectReason::no_memory),
      std::string("\0\x14", 2) + "error: out of memory");
}

TEST(Refusal, HasRoomForEachOfThem) {
  for (std::size_t i = 0; i < asyncd::value_count<asyncd::RejectReason>; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_TRUE(refusal({}, reason).ends_with('\n')) << name_of(reason);
    EXPECT_FALSE(explain(reason).empty()) << name_of(reason);
  }
}

TEST(PeerCounts, EachAddressHasItsOwnCount) {
  PeerCounts counts;
  EXPECT_TRUE(counts.enter(ipv4(1), 2));
  EXPECT_TRUE(counts.enter(ipv4(1), 2));
  EXPECT_FALSE(counts.enter(ipv4(1), 2));
  EXPECT_TRUE(counts.enter(ipv4(2), 2));
  counts.leave(ipv4(1));
  EXPECT_TRUE(counts.enter(ipv4(1), 2));
}

TEST(PeerCounts, AnIpv6ClientIsItsNetwork) {
  PeerCounts counts;
  EXPECT_TRUE(counts.enter(ipv6(1, 1), 1));
  EXPECT_FALSE(counts.enter(ipv6(1, 2), 1));
  EXPECT_TRUE(counts.enter(ipv6(2, 1), 1));
}

class LingeringCloseTest : public testing::Test {
 protected:
  using Side = asio::ip::tcp::socket;

  // A client whose other side is to be closed.
  Side add() {
    asyncd::test::SocketPair pair(context_);
    last_ = pair.server.handle();
    lingering_.add(std::move(pair.server), now_);
    return std::move(pair.client);
  }

  static bool is_readable(asyncd::NativeSocket socket, asyncd::Duration wait) {
    return asyncd::wait_ready(socket, true, false, wait).readable;
  }
  static bool is_open(Side& client) {
    return !is_readable(static_cast<asyncd::NativeSocket>(client.native_handle()), {});
  }
  static bool ends(Side& client) {
    return is_readable(static_cast<asyncd::NativeSocket>(client.native_handle()),
                       asyncd::test::pair_patience);
  }

  asio::io_context context_;
  asyncd::Instant now_ = asyncd::Instant{} + std::chrono::hours(1);
  asyncd::LingeringClose lingering_;
  asyncd::NativeSocket last_ = asyncd::no_socket;  // the server's side of the last one
};

TEST_F(LingeringCloseTest, EndWhenTheClientHasGone) {
  EXPECT_EQ(lingering_.next(now_), asyncd::never);
  { Side client = add(); }
  EXPECT_TRUE(is_readable(last_, asyncd::test::pair_patience));
  EXPECT_LT(lingering_.next(now_), asyncd::never);
  lingering_.tend(now_);
  EXPECT_EQ(lingering_.next(now_), asyncd::never);
}

TEST_F(LingeringCloseTest, TakeWhatIsSentForAMoment) {
  Side client = add();
  asio::write(client, asio::buffer("abc", 3));
  lingering_.tend(now_ + std::chrono::milliseconds(1999));
  EXPECT_TRUE(is_open(client));
  lingering_.tend(now_ + std::chrono::seconds(2));
  EXPECT_TRUE(ends(client));
}

TEST_F(LingeringCloseTest, AreBounded) {
  Side oldest = add();
  std::vector<Side> others;
  for (int i = 0; i < 64; ++i) {
    now_ += std::chrono::milliseconds(1);
    others.push_back(add());
  }
  EXPECT_TRUE(ends(oldest));
  for (Side& other : others) EXPECT_TRUE(is_open(other));
  lingering_.clear();
  for (Side& other : others) EXPECT_TRUE(ends(other));
}
}  // namespace
