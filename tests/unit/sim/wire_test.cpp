// The simulated TCP connection does what TCP does to its users.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/sim_wire.h"

namespace {

using asyncd::Duration;
using asyncd::Instant;
using asyncd::IoResult;
using asyncd::never;
using asyncd::test::SimWire;
using std::chrono::milliseconds;
using Status = IoResult::Status;

constexpr Duration way = milliseconds(10);

// Both ends, and the time.
struct Wire {
  explicit Wire(SimWire::Shape shape = {}) : wire((shape.latency = way, shape)) {}

  void pass(Duration time) {
    for (const Instant end = now + time; now < end;) {
      now = std::min(end, std::max(now, wire.next()));
      wire.advance(now);
    }
  }
  void write(std::string_view bytes) { EXPECT_EQ(wire.write(bytes, now).bytes, bytes.size()); }
  // The server's read: the bytes, or how it went.
  std::string read() {
    std::array<char, 100> buffer;
    const IoResult result = wire.read(buffer, now);
    if (result.status == Status::ok) return std::string(buffer.data(), result.bytes);
    if (result.status == Status::eof) return "<end>";
    return result.status == Status::would_block ? "<nothing>" : "<reset>";
  }
  std::string take() {
    const std::size_t before = wire.received().size();
    wire.take(SIZE_MAX, now);
    const std::string received(wire.received().substr(before));
    if (wire.was_reset()) return received + "<reset>";
    return wire.at_end() ? received + "<end>" : received;
  }

  SimWire wire;
  Instant now = Instant{} + std::chrono::hours(1);
};

TEST(SimWire, BytesAndTheEndTakeTheirTimeAndKeepTheirOrder) {
  Wire both;
  both.wire.send("abc", both.now);
  both.wire.end(both.now);
  both.pass(way - milliseconds(1));
  EXPECT_EQ(both.read(), "<nothing>");
  both.pass(milliseconds(1));
  EXPECT_EQ(both.read(), "abc");
  EXPECT_EQ(both.read(), "<end>");
}

TEST(SimWire, AHalfCloseLeavesTheOtherDirection) {
  Wire both;
  both.wire.end(both.now);
  both.pass(way);
  EXPECT_EQ(both.read(), "<end>");
  both.write("reply");
  both.pass(way);
  EXPECT_EQ(both.take(), "reply");
}

TEST(SimWire, AClosedWindowStopsTheSenderAndTheEndBehindIt) {
  Wire both({.send_buffer = 3, .window = 2});
  EXPECT_EQ(both.wire.write("abcdefgh", both.now).bytes, 3U);  // two of them leave
  EXPECT_EQ(both.wire.write("defgh", both.now).bytes, 2U);
  EXPECT_EQ(both.wire.write("fgh", both.now).status, Status::would_block);
  both.wire.shut(both.now);
  both.pass(std::chrono::hours(1));
  EXPECT_EQ(both.take(), "ab");
  both.pass(2 * way - milliseconds(1));  // there that there is room, and back the bytes
  EXPECT_EQ(both.take(), "");
  both.pass(milliseconds(1));
  EXPECT_EQ(both.take(), "cd");
  both.pass(2 * way);
  EXPECT_EQ(both.take(), "e<end>");
}

TEST(SimWire, ACloseSendsWhatItHas) {
  Wire both({.send_buffer = 100, .window = 2});
  both.write("abc");
  both.wire.close(both.now);
  both.pass(way);
  EXPECT_EQ(both.take(), "ab");
  both.pass(2 * way);
  EXPECT_EQ(both.take(), "c<end>");
}

class SimWireReset : public testing::TestWithParam<bool> {
 protected:
  // What is left for its receiver of bytes that arrived before a reset.
  std::string left(const std::string& bytes) const { return GetParam() ? "" : bytes; }
};

TEST_P(SimWireReset, AnswersACloseWithUnreadInput) {
  Wire both({.window = 3, .resets_destroy = GetParam()});
  both.wire.send("unread", both.now);
  both.pass(way);
  both.write("reply");
  both.wire.close(both.now);
  both.pass(way);
  EXPECT_EQ(both.take(), left("rep") + "<reset>");
  both.pass(std::chrono::hours(1));
  EXPECT_EQ(both.take(), "<reset>");
}

TEST_P(SimWireReset, AnswersInputThatComesAfterAClose) {
  Wire both({.window = 3, .resets_destroy = GetParam()});
  both.wire.send("late", both.now);
  both.write("reply");
  both.wire.close(both.now);
  both.pass(2 * way);
  EXPECT_EQ(both.take(), left("rep") + "<reset>");
}

TEST_P(SimWireReset, OvertakesInputThatWasNotReadAndIsToldOnce) {
  Wire both({.resets_destroy = GetParam()});
  both.wire.send("abc", both.now);
  both.wire.reset(both.now);
  both.pass(way);
  if (!GetParam()) {
    EXPECT_EQ(both.read(), "abc");
  }
  EXPECT_EQ(both.read(), "<reset>");
  EXPECT_EQ(both.read(), "<end>");
  EXPECT_EQ(both.wire.write("x", both.now).status, Status::reset);
}

TEST_P(SimWireReset, AnswersAReplyToAClientThatHasLeft) {
  Wire both({.resets_destroy = GetParam()});
  both.wire.leave(both.now);
  both.pass(way);
  EXPECT_EQ(both.read(), "<end>");
  both.write("reply");
  both.pass(2 * way);
  EXPECT_EQ(both.wire.write("more", both.now).status, Status::reset);
}

TEST_P(SimWireReset, IsWhatAnAbortAmountsTo) {
  Wire both({.send_buffer = 100, .window = 2, .resets_destroy = GetParam()});
  both.write("abc");
  both.wire.abort(both.now);
  both.pass(way);
  EXPECT_EQ(both.take(), left("ab") + "<reset>");
}

INSTANTIATE_TEST_SUITE_P(Systems, SimWireReset, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& one) {
                           return one.param ? "ThatDestroyInput" : "ThatKeepInput";
                         });

TEST(SimWire, WhoEndsItsOutputStillReads) {
  Wire both;
  both.wire.shut(both.now);
  both.pass(way);
  EXPECT_EQ(both.take(), "<end>");
  both.wire.send("late", both.now);
  both.pass(way);
  EXPECT_EQ(both.read(), "late");
  EXPECT_FALSE(both.wire.was_reset());
}

TEST(SimWire, BothMayEndAtOnce) {
  Wire both;
  both.wire.end(both.now);
  both.wire.close(both.now);
  both.pass(2 * way);
  EXPECT_EQ(both.take(), "<end>");
  EXPECT_EQ(both.wire.next(), never);
}

}  // namespace
