// However the network cuts a stream into pieces, the answer is the same.
#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/session/corpus.h"

namespace {

using session_test::Client;
using session_test::CloseReason;
using session_test::FramingKind;
using session_test::Limits;

using session_test::Entry;
using session_test::LengthFormat;
using session_test::many;

// What a client gets that sends these pieces, and then ends.
std::string answer(const Entry& entry, const std::vector<std::string_view>& pieces) {
  Limits limits;
  limits.max_message = entry.max_message;
  Client client(entry.framing, limits);
  std::string output;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    EXPECT_TRUE(client.session.wants_input());
    output += client.talk(piece);
    if (client.session.wants_shutdown()) client.shut();
  }
  client.end();
  output += client.finish_turns();
  EXPECT_TRUE(client.session.finished());
  EXPECT_FALSE(client.session.wants_shutdown());
  EXPECT_EQ(name_of(client.session.reason()), name_of(entry.reason));
  EXPECT_EQ(client.session.counters().bytes_received, entry.input.size());
  EXPECT_EQ(client.session.counters().bytes_sent, output.size());
  return output;
}

class SessionSplit : public testing::TestWithParam<Entry> {};

TEST_P(SessionSplit, OnePiece) {
  EXPECT_EQ(answer(GetParam(), {GetParam().input}), GetParam().output);
}

TEST_P(SessionSplit, ThreePiecesAtEveryPairOfBytes) {
  const std::string_view input = GetParam().input;
  for (std::size_t first = 0; first <= input.size(); ++first)
    for (std::size_t second = first; second <= input.size(); ++second)
      ASSERT_EQ(answer(GetParam(), {input.substr(0, first), input.substr(first, second - first),
                                    input.substr(second)}),
                GetParam().output)
          << first << ", " << second;
}

TEST_P(SessionSplit, OneByteAtATime) {
  const std::string_view input = GetParam().input;
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < input.size(); ++i) pieces.push_back(input.substr(i, 1));
  EXPECT_EQ(answer(GetParam(), pieces), GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(Corpus, SessionSplit, testing::ValuesIn(session_test::corpus()),
                         [](const testing::TestParamInfo<Entry>& entry) {
                           return entry.param.name;
                         });

TEST(SessionFraming, RawTakesEachReadAsAMessage) {
  Client client({.kind = FramingKind::raw});
  EXPECT_EQ(client.talk("one\n"), "ONE\n");
  EXPECT_EQ(client.talk("two"), "TWO");
  EXPECT_EQ(client.handler.calls, 2);
}

TEST(SessionFraming, AHandlersFrameMayTakeMoreThanItsMessageWithinBounds) {
  Limits limits;
  limits.max_message = 5;
  constexpr std::size_t most = 5 + 1024;
  for (const std::size_t size : {most, most + 1}) {
    const std::string frame = std::string(size - 7, 'h') + "|12345;";
    const std::string answer = size == most ? "12345" : "error: message too long (limit 5 bytes)";
    Client whole(session_test::handler, limits);
    EXPECT_EQ(whole.talk(frame), answer);
    Client in_pieces(session_test::handler, limits);
    std::string pieces;
    for (const char byte : frame) pieces += in_pieces.talk({&byte, 1});
    EXPECT_EQ(pieces, answer);
  }
}

TEST(SessionFraming, AnErrorFitsTheLengthPrefix) {
  Limits limits;
  limits.max_reply = 300;
  Client client({.kind = FramingKind::length, .prefix_size = 1}, limits);
  const LengthFormat format(1, false);
  const std::string shout = many("x", 255);
  EXPECT_EQ(client.talk(format.message(shout)), format.message(many("X", 255)));
  EXPECT_EQ(client.talk(format.message("big 256")),
            format.message("error: reply too long (limit 255 bytes)"));
}

}  // namespace
