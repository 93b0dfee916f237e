// A session behind a stage: when it begins, how both end, and whose time runs.
#include <gtest/gtest.h>

#include <string>

#include "staged_client.h"

using namespace std::chrono_literals;

namespace {

using asyncd::Limits;
using stage_test::CloseReason;
using stage_test::handshake_timeout;
using stage_test::StagedClient;
using Word = stage_test::Cipher::Word;

TEST(StagedSession, BeginsOnceTheStageIsOpen) {
  StagedClient client;
  EXPECT_EQ(client.talk("hello1"), "HELLO1");
  EXPECT_EQ(client.session.session(), nullptr);
  EXPECT_EQ(client.handler.opened, 0);
  EXPECT_EQ(client.talk("hel"), "");
  EXPECT_EQ(client.talk("lo2"), "HELLO2");
  EXPECT_EQ(client.handler.opened, 1);
  EXPECT_EQ(client.meaning(client.talk(client.says("one\n"))), "ONE\n");
}

TEST(StagedSession, AHandshakeHasItsOwnTime) {
  StagedClient client;
  client.talk("hello1");
  EXPECT_EQ(client.session.deadline(), client.now + handshake_timeout);
  client.wait(handshake_timeout);
  EXPECT_EQ(client.session.reason(), CloseReason::handshake_timeout);
  EXPECT_TRUE(client.session.wants_shutdown());
  EXPECT_EQ(client.handler.opened, 0);
}

TEST(StagedSession, TheTimeForTheFirstByteBeginsWhenTheStageIsOpen) {
  StagedClient client;
  client.wait(handshake_timeout - 1s);
  client.open();
  EXPECT_EQ(client.session.deadline(), client.now + Limits{}.first_byte_timeout);
}

TEST(StagedSession, AFailedHandshakeIsAnsweredByTheStage) {
  StagedClient client;
  EXPECT_EQ(client.talk("GET / HTTP/1.1\r\n"), "?");
  EXPECT_EQ(client.session.reason(), CloseReason::stage_failed);
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  EXPECT_FALSE(client.session.finished()) << "the client is to read the answer first";
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_FALSE(client.session.cut_off());
}

TEST(StagedSession, AStageThatFailsLaterTakesTheSessionWithIt) {
  StagedClient client;
  client.open();
  client.give(client.says("one\n"));
  client.talk("\x1bx");
  EXPECT_EQ(client.session.reason(), CloseReason::stage_failed);
  EXPECT_TRUE(client.session.cut_off());
}

TEST(StagedSession, AnEndWithoutTheClosingWordIsAFailure) {
  StagedClient client;
  client.open();
  client.give(client.says("half a mess"));
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(client.session.reason(), CloseReason::stage_failed);
  EXPECT_TRUE(client.session.cut_off());
}

TEST(StagedSession, TheClosingWordEndsTheSessionAndIsAnswered) {
  StagedClient client;
  client.open();
  const std::string wire = client.talk(client.says("one\nlast") + client.says(Word::close));
  EXPECT_EQ(client.meaning(wire), "ONE\nLAST\n");
  EXPECT_EQ(client.words, "c");
  EXPECT_EQ(client.session.reason(), CloseReason::client_closed);
  EXPECT_TRUE(client.session.wants_shutdown()) << "the wire has not ended yet";
  client.session.on_shutdown(client.now);
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_FALSE(client.session.cut_off());
}

TEST(StagedSession, OurClosingWordFollowsTheLastReply) {
  StagedClient client;
  client.open();
  client.give(client.says("one\nclose\n"));
  EXPECT_FALSE(client.session.wants_shutdown());
  EXPECT_EQ(client.meaning(client.finish_turns()), "ONE\nbye\n");
  EXPECT_EQ(client.words, "c");
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  EXPECT_EQ(client.talk(client.says("too late\n") + client.says(Word::ping)), "")
      << "nothing can be sent any more";
  client.talk(client.says(Word::close));
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(client.session.reason(), CloseReason::handler_closed);
}

TEST(StagedSession, ThereIsNoClosingWordWhereSomethingIsMissing) {
  Limits limits;
  limits.write_timeout = 5s;
  StagedClient client({}, limits);
  client.open();
  client.give(client.says("one\n"));
  const std::string begun = client.take(2);
  client.kept_by_system = begun.size();
  for (int i = 0; i < 60 && !client.session.finished(); ++i) client.wait(100ms);
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(client.session.reason(), CloseReason::write_timeout);
  EXPECT_TRUE(client.session.cut_off());
  EXPECT_EQ(client.session.pending_output(), "");
}

TEST(StagedSession, AClosingWordThatIsNotTakenHoldsUpNothingForEver) {
  Limits limits;
  limits.write_timeout = 5s;
  StagedClient client({}, limits);
  client.open();
  client.give(client.says("close\n"));
  const std::string reply = client.take(4);  // "bye\n"
  client.turn();
  ASSERT_FALSE(client.session.pending_output().empty());
  for (int i = 0; i < 60 && !client.session.finished(); ++i) client.wait(100ms);
  EXPECT_TRUE(client.session.finished());
}

TEST(StagedSession, TheStageAnswersOnItsOwn) {
  StagedClient client;
  client.open();
  client.give(client.says("one\n"));
  client.give(client.says(Word::ping));
  const std::string wire = client.talk(client.says("two\n"));
  EXPECT_EQ(client.meaning(wire), "ONE\nTWO\n");
  EXPECT_EQ(client.words, "o");
}

TEST(StagedSession, TheSessionKeepsWhatTheWireHasNotTaken) {
  StagedClient client;
  client.open();
  client.give(client.says(std::string(1000, '\x1b') + "\n"));
  EXPECT_EQ(client.session.session()->unsent(), 1001U);
  std::string wire;
  std::size_t before = 1001;
  while (!client.session.pending_output().empty()) {
    wire += client.take(1);
    const std::size_t unsent = client.session.session()->unsent();
    EXPECT_LE(unsent, before);
    EXPECT_LE(unsent, client.session.pending_output().size());
    before = unsent;
  }
  EXPECT_EQ(client.meaning(wire), std::string(1000, '\x1b') + "\n");
  EXPECT_EQ(client.session.session()->unsent(), 0U);
  EXPECT_EQ(client.session.counters().bytes_sent, 1001U);
}

TEST(StagedSession, ASlowClientThatTakesSomethingIsNotLate) {
  Limits limits;
  limits.write_timeout = 5s;
  StagedClient client({}, limits);
  client.open();
  client.give(client.says("big 200000\n"));
  for (int i = 0; i < 30; ++i) {
    EXPECT_NE(client.take(10), "");
    client.wait(4s);
    ASSERT_FALSE(client.session.finished());
  }
}

TEST(StagedSession, AClientThatIsStillTakingItsReplyIsNotIdle) {
  Limits limits;
  limits.idle_timeout = 5s;
  StagedClient client({}, limits);
  client.open();
  const std::string wire = client.talk(client.says("one\n"));
  client.kept_by_system = wire.size();
  client.wait(6s);
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.kept_by_system = 0;
  client.wait(4s);
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.wait(6s);
  EXPECT_EQ(client.session.reason(), CloseReason::idle_timeout);
}

TEST(StagedSession, ADrainEndsASilentHandshakeAtOnce) {
  StagedClient client;
  client.session.on_drain(client.now + 100ms);
  EXPECT_EQ(client.session.deadline(), client.now + 100ms);
  client.wait(100ms);
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  EXPECT_TRUE(client.session.finished());
}

TEST(StagedSession, ADrainServesWhatHasArrivedBefore) {
  StagedClient client;
  client.open();
  const std::string wire = client.says("one\ntwo\n");
  client.session.on_drain(client.now);
  client.unread = wire.size();
  client.turn();
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.unread = 0;
  EXPECT_EQ(client.meaning(client.talk(wire.substr(0, 3))), "");
  EXPECT_EQ(client.meaning(client.talk(wire.substr(3))), "ONE\nTWO\n");
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
  EXPECT_EQ(client.words, "c");
}

TEST(StagedSession, ADrainThatShutsASilentClientGoesOnToItsEnd) {
  StagedClient client;
  client.open();
  client.session.on_drain(client.now);
  client.turn();
  EXPECT_EQ(client.meaning(client.take()), "");
  EXPECT_EQ(client.words, "c");
  ASSERT_TRUE(client.session.wants_shutdown());
  client.session.on_shutdown(client.now);
  EXPECT_LE(client.session.deadline(), client.now + 500ms);
  client.wait(500ms);
  EXPECT_TRUE(client.session.finished());
}

TEST(StagedSession, AnIdleClientGetsTheClosingWordHoweverLongItWasSilent) {
  Limits limits;
  limits.write_timeout = 5s;
  limits.idle_timeout = 60s;
  StagedClient client({}, limits);
  client.open();
  client.talk(client.says("one\n"));
  client.now += 60s;
  client.turn();
  client.turn();
  EXPECT_FALSE(client.session.finished());
  EXPECT_EQ(client.session.reason(), CloseReason::idle_timeout);
  EXPECT_EQ(client.session.pending_output(), client.from_server.encode(Word::close));
}

TEST(StagedSession, NothingFollowsTheClosingWord) {
  StagedClient client;
  client.open();
  client.give(client.says("close\n"));
  std::string wire = client.take(4);  // "bye\n"
  client.turn();
  wire += client.talk(client.says(Word::ping));
  EXPECT_EQ(client.meaning(wire), "bye\n");
  EXPECT_EQ(client.words, "c");
}

TEST(StagedSession, MessagesBeforeAFailureAreHandled) {
  for (const bool in_one_read : {true, false}) {
    StagedClient client;
    client.open();
    const std::string message = client.says("one\n");
    if (in_one_read) {
      client.give(message + "\x1bx");
    } else {
      client.give(message);
      client.give("\x1bx");
    }
    EXPECT_EQ(client.handler.calls, 1);
    EXPECT_EQ(client.session.reason(), CloseReason::stage_failed);
    EXPECT_TRUE(client.session.cut_off());
  }
}

TEST(StagedSession, AClientThatTakesNoAnswersOfTheStageIsNotReadOn) {
  StagedClient client;
  client.open();
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += client.says(Word::ping);
  int reads = 0;
  for (; reads < 1000 && client.session.wants_input(); ++reads) client.give(pings);
  EXPECT_LT(reads, 100);
  EXPECT_LT(client.session.held(), std::uint64_t{1} << 20);
  client.session.on_memory_limit();
  client.turn();
  EXPECT_TRUE(client.session.finished());
  EXPECT_LT(client.session.held(), std::uint64_t{64} << 10);
}

TEST(StagedSession, AnEndWithinTheHandshakeIsAFailure) {
  StagedClient client;
  client.talk("hello1");
  client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(client.session.reason(), CloseReason::stage_failed);
}

TEST(StagedSession, ADrainWaitsForTheRestOfARecord) {
  StagedClient client;
  client.open();
  client.give("\x1b");
  client.session.on_drain(client.now);
  client.turn();
  EXPECT_EQ(client.session.reason(), CloseReason::none);
  client.give("p");
  EXPECT_EQ(client.session.reason(), CloseReason::drained);
}

TEST(StagedSession, WhatIsKeptForALaterTurnIsWhatWasLent) {
  StagedClient client;
  client.open();
  std::string lent = client.says("one\n");
  client.session.on_bytes(lent);
  client.session.keep_input();
  lent.assign(lent.size(), '~');
  EXPECT_EQ(client.meaning(client.talk(client.says("two\n"))), "ONE\nTWO\n");
}

}  // namespace
