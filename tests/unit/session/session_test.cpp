// Session: its turns, its limits and its end.
#include "core/session/session.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support.h"

namespace {

using asyncd::never;
using session_test::Client;
using session_test::CloseReason;
using session_test::FramingKind;
using session_test::Limits;
using session_test::low_water_marks;

std::string lines(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result.append(text).append("\n");
  return result;
}

TEST(SessionTurn, EndsAfterSixteenMessages) {
  Client client;
  EXPECT_TRUE(client.give(lines("m", 17)));
  EXPECT_EQ(client.handler.calls, 16);
  EXPECT_FALSE(client.session.wants_input());
  EXPECT_EQ(client.take(), lines("M", 16));
  EXPECT_FALSE(client.turn());
  EXPECT_EQ(client.handler.calls, 17);
  EXPECT_TRUE(client.session.wants_input());
  EXPECT_EQ(client.take(), "M\n");
}

TEST(SessionTurn, OfSixteenMessagesLeavesNothing) {
  Client client;
  EXPECT_FALSE(client.give(lines("m", 16)));
  EXPECT_EQ(client.take(), lines("M", 16));
  EXPECT_TRUE(client.session.wants_input());
}

TEST(SessionTurn, IsBoundedInBytesToo) {
  Client client;
  EXPECT_TRUE(client.give(lines(std::string(40'000, 'x'), 3)));
  EXPECT_EQ(client.handler.calls, 2);
  EXPECT_FALSE(client.turn());
  EXPECT_EQ(client.handler.calls, 3);
}

TEST(SessionBackPressure, StopsAboveHighWaterAndGoesOnAtLowWater) {
  Client client({}, low_water_marks());
  EXPECT_FALSE(client.give("big 600\nbig 600\nbig 600\nlast\npart"));
  EXPECT_EQ(client.handler.calls, 2);
  EXPECT_FALSE(client.session.wants_input());
  EXPECT_FALSE(client.turn());
  std::string taken = client.take(1001);  // 201 are left
  EXPECT_FALSE(client.turn());
  EXPECT_EQ(client.handler.calls, 2);
  EXPECT_TRUE(client.session.needs_turn());
  taken += client.take(1);
  EXPECT_FALSE(client.turn());
  EXPECT_EQ(client.handler.calls, 4);
  EXPECT_TRUE(client.session.wants_input());
  taken += client.take();
  const std::string big = "<" + std::string(599, '#') + "\n";
  EXPECT_EQ(taken, big + big + big + "LAST\n");
  EXPECT_EQ(client.talk("ly\n"), "PARTLY\n");
}

TEST(SessionBackPressure, WithAMarkOfNothingOneReplyGoesOutAtATime) {
  Limits limits;
  limits.output_high_water = limits.output_low_water = 0;
  Client client({}, limits);
  for (const char* reply : {"A\n", "B\n", "C\n"}) {
    client.give(client.handler.calls == 0 ? "a\nb\nc\n" : "");
    EXPECT_EQ(client.take(), reply);
  }
  EXPECT_FALSE(client.turn());
  EXPECT_TRUE(client.session.wants_input());
}

TEST(SessionBackPressure, KeepsWhatArrivesAllTheSame) {
  Client client({}, low_water_marks());
  client.give("big 1200\na\n");
  client.give("b\nc");
  EXPECT_EQ(client.handler.calls, 1);
  EXPECT_EQ(client.take().size(), 1201U);
  client.end();
  EXPECT_EQ(client.finish_turns(), "A\nB\nC\n");
  EXPECT_TRUE(client.session.finished());
}

TEST(SessionLimit, TooLongAMessageEndsTheConnectionAfterWhatCameBefore) {
  Limits limits;
  limits.max_message = 4;
  Client client({}, limits);
  EXPECT_FALSE(client.give("one\n12345\ntwo\n"));
  EXPECT_FALSE(client.session.wants_shutdown());
  EXPECT_EQ(client.take(), "ONE\nerror: message too long (limit 4 bytes)\n");
  EXPECT_TRUE(client.session.wants_shutdown());
  client.shut();
  EXPECT_FALSE(client.session.wants_shutdown());
  EXPECT_TRUE(client.session.wants_input());
  EXPECT_EQ(client.talk("three\n"), "");
  EXPECT_EQ(client.handler.calls, 1);
  EXPECT_FALSE(client.session.finished());
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_FALSE(client.session.wants_input());
  EXPECT_EQ(client.session.deadline(), never);
  EXPECT_EQ(client.session.reason(), CloseReason::message_too_long);
  EXPECT_EQ(client.session.counters().errors_sent, 1U);
}

TEST(SessionLimit, MessagesPerConnection) {
  Limits limits;
  limits.messages_per_connection = 3;
  Client client({}, limits);
  EXPECT_EQ(client.talk("a\nbad\nc\nd\n"), "A\nerror: not a good one\nC\n");
  EXPECT_EQ(client.handler.calls, 3);
  EXPECT_TRUE(client.session.wants_shutdown());
  EXPECT_EQ(client.session.reason(), CloseReason::message_limit);
}

TEST(SessionLimit, MaxReply) {
  Limits limits;
  limits.max_reply = 1000;
  Client client({}, limits);
  EXPECT_EQ(client.talk("big 1000\n").size(), 1001U);
  EXPECT_EQ(client.talk("big 1001\n"), "error: reply too long (limit 1000 bytes)\n");
  EXPECT_EQ(client.talk(std::string(1001, 'x') + "\n"),
            "error: reply too long (limit 1000 bytes)\n");
  EXPECT_EQ(client.talk("on\n"), "ON\n");
}

TEST(SessionLimit, AnUnlimitedReplyMustFitABufferAllTheSame) {
  Limits limits;
  limits.max_reply = asyncd::unlimited_count;
  const asyncd::Framing prefix_of_8{.kind = FramingKind::length, .prefix_size = 8};
  for (const asyncd::Framing& framing : {asyncd::Framing{}, prefix_of_8}) {
    Client client(framing, limits);
    const bool is_line = framing.kind == FramingKind::line;
    for (const std::uint64_t under : {0U, 1U, 7U, 8U, 9U, 300U}) {
      const std::string message = "big " + std::to_string(UINT64_MAX - under);
      const std::string prefix = std::string(7, '\0') + static_cast<char>(message.size());
      const std::string reply = client.talk(is_line ? message + "\n" : prefix + message);
      EXPECT_NE(reply.find("error: reply too long"), reply.npos) << reply;
    }
    EXPECT_EQ(client.session.reason(), CloseReason::none);
  }
}

TEST(SessionLimit, AReplyInTheWindowMayNotPassMaxReplyEither) {
  Limits limits;
  limits.max_reply = 10;
  Client client({}, limits);
  EXPECT_EQ(client.talk("0123456789\n0123456789a\n"),
            "0123456789\nerror: reply too long (limit 10 bytes)\n");
}

TEST(SessionHalfClose, AnswersEverythingAndFinishesWithoutShutdown) {
  Client client({}, low_water_marks());
  client.give(lines("big 300", 40) + "last");
  client.session.on_eof();
  std::string output;
  for (int turns = 0; turns < 200 && !client.session.finished(); ++turns) {
    client.turn();
    output += client.take(150);
    EXPECT_FALSE(client.session.wants_shutdown());
    EXPECT_FALSE(client.session.wants_input());
  }
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(output, lines("<" + std::string(299, '#'), 40) + "LAST\n");
  EXPECT_EQ(client.session.reason(), CloseReason::client_closed);
}

TEST(SessionOutput, StaysInPlaceUntilAcknowledged) {
  Client client;
  client.give("first\n");
  const std::string_view pending = client.session.pending_output();
  for (int i = 0; i < 10; ++i) client.give("big 1000\n");
  EXPECT_EQ(client.session.pending_output().data(), pending.data());
  EXPECT_EQ(pending, "FIRST\n");
  client.sent(2);
  EXPECT_EQ(client.session.pending_output().data(), pending.data() + 2);
  client.give("again\n");
  EXPECT_EQ(client.session.pending_output(), "RST\n");
  EXPECT_EQ(client.take(), "RST\n" + lines("<" + std::string(999, '#'), 10) + "AGAIN\n");
}

TEST(SessionOutput, MayBeAcknowledgedByteByByte) {
  Client client;
  client.give("one\ntwo\n");
  std::string output;
  while (!client.session.pending_output().empty()) {
    output += client.take(1);
    client.sent(0);
    client.turn();
    if (output.size() == 5) client.give("three\n");
  }
  EXPECT_EQ(output, "ONE\nTWO\nTHREE\n");
  EXPECT_EQ(client.session.counters().bytes_sent, output.size());
}

struct Misdeed {
  std::string_view message;
  std::string_view reply;
  CloseReason reason = CloseReason::none;
};

TEST(SessionHandler, MisbehavingCostsAnErrorOrTheConnection) {
  for (const Misdeed& misdeed :
       {Misdeed{"bad", "error: not a good one\n"},
        {"bad in silence", "error: refused by the handler\n"},
        {"throw", "error: handler failed\n", CloseReason::handler_failed},
        {"forge", "error: handler failed\n", CloseReason::handler_failed},
        {"move", "error: handler failed\n", CloseReason::handler_failed},
        {"lie", "error: handler failed\n", CloseReason::handler_failed},
        {"pending", "error: handler failed\n", CloseReason::handler_failed},
        {"nonsense", "error: handler failed\n", CloseReason::handler_failed},
        {"close", "bye\n", CloseReason::handler_closed}}) {
    Client client;
    const bool closes = misdeed.reason != CloseReason::none;
    EXPECT_EQ(client.talk("a\n" + std::string(misdeed.message) + "\nb\n"),
              "A\n" + std::string(misdeed.reply) + (closes ? "" : "B\n"));
    EXPECT_EQ(client.session.reason(), misdeed.reason) << misdeed.message;
    EXPECT_EQ(client.session.wants_shutdown(), closes) << misdeed.message;
    EXPECT_EQ(client.session.counters().messages_sent, closes ? 2U : 3U);
    EXPECT_EQ(client.session.counters().errors_sent, misdeed.message == "close" ? 0U : 1U);
  }
}

TEST(SessionHandler, HearsOfEachConnectionsBeginningAndEnd) {
  Client client;
  EXPECT_EQ(client.handler.opened, 1);
  {
    asyncd::Session another(*client.service, client.pool, nullptr, client.info, client.now);
    another.on_failed(CloseReason::client_reset);
    EXPECT_TRUE(another.finished());
    EXPECT_EQ(another.reason(), CloseReason::client_reset);
    EXPECT_EQ(client.handler.closed, 0);
  }
  EXPECT_EQ(client.handler.opened, 2);
  EXPECT_EQ(client.handler.closed, 1);
}

TEST(SessionHandler, MayRefuseAConnection) {
  Client client({}, {}, -1);
  EXPECT_EQ(client.talk("a\n"), "error: handler failed\n");
  EXPECT_TRUE(client.session.wants_shutdown());
  EXPECT_EQ(client.session.reason(), CloseReason::handler_failed);
  EXPECT_EQ(client.handler.calls, 0);
  EXPECT_EQ(client.session.counters().errors_sent, 1U);
}

TEST(SessionHandler, IsAskedForAWindowByNobody) {
  EXPECT_NE(asyncd::session_reply_reserve(nullptr, 1), 0);
}

// Ten bytes have come.
TEST(SessionHandler, WhoseFramesCannotBeHasFailed) {
  struct Answer {
    std::uint64_t offset, size, total;
  };
  static Answer answer;
  const auto find = [](void*, const char*, std::uint64_t, asyncd_frame* frame) -> std::int32_t {
    if (answer.total == 99) throw std::runtime_error("thrown by the test's handler");
    frame->message_offset = answer.offset;
    frame->message_size = answer.size;
    frame->total = answer.total;
    return 0;
  };
  constexpr std::uint64_t most = UINT64_MAX;
  for (const Answer& wrong : {Answer{0, 0, 11},
                              {0, 11, 10},
                              {11, 0, 10},
                              {5, 6, 10},
                              {1, most, 10},
                              {most, 1, 10},
                              {0, 0, most},
                              {0, 1, 0},
                              {1, 0, 0},
                              {0, 0, 99}}) {
    answer = wrong;
    Client client({.kind = FramingKind::handler});
    asyncd_handler hooks = session_test::hooks();
    hooks.frame = find;
    client.service->framer =
        asyncd::make_framer({.kind = FramingKind::handler}, 100, hooks, &client.handler);
    EXPECT_EQ(client.talk("0123456789"), "error: handler failed")
        << wrong.offset << ' ' << wrong.size;
    EXPECT_EQ(client.session.reason(), CloseReason::handler_failed);
    EXPECT_EQ(client.handler.calls, 0);
  }
}

TEST(SessionDrain, EndsAnIdleConnectionWhenTheTimeIsOver) {
  Client client;
  client.talk("one\n");
  const asyncd::Instant end = client.now + std::chrono::milliseconds(100);
  client.session.on_drain(end);
  client.turn();
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  EXPECT_EQ(client.session.deadline(), end);
  client.now = end;
  client.turn();
  EXPECT_TRUE(client.session.wants_shutdown());
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
}

TEST(SessionDrain, StillServesWhatArrivesUntilThen) {
  Client client;
  client.session.on_drain(client.now + std::chrono::milliseconds(100));
  EXPECT_EQ(client.talk("one\n"), "ONE\n");
  EXPECT_EQ(client.session.reason(), CloseReason::none);
}

TEST(SessionDrain, LetsAMessageAndItsReplyEnd) {
  Client client;
  client.give("one\ntw");
  client.session.on_drain(client.now);
  client.turn();
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.give("o\n");
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
  EXPECT_FALSE(client.session.wants_shutdown());
  EXPECT_EQ(client.take(), "ONE\nTWO\n");
  EXPECT_TRUE(client.session.wants_shutdown());
}

TEST(SessionDrain, WaitsOnlyShortlyForAClientThatDoesNotClose) {
  Client client;
  client.talk("one\n");
  client.session.on_drain(client.now);
  client.turn();
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  client.turn();
  EXPECT_EQ(client.session.deadline(), client.now + std::chrono::milliseconds(500));
}

TEST(SessionDrain, LeavesAClientThatHasNeverSpokenAtOnce) {
  Client client;
  client.session.on_drain(client.now);
  client.turn();
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  EXPECT_TRUE(client.session.finished());
}

}  // namespace
