// However the network cuts the wire of a stage into pieces, the answer is the same.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "staged_client.h"
#include "tests/unit/session/corpus.h"

namespace {

using asyncd::test::client_hellos;
using asyncd::test::server_hellos;
using session_test::Entry;
using stage_test::StagedClient;
using Word = stage_test::Cipher::Word;

// All that the client sends, from its first hello to its closing word.
std::string wire_of(const Entry& entry) {
  StagedClient client;
  return std::string(client_hellos) + client.says(entry.input) + client.says(Word::close);
}

std::string answer(const Entry& entry, const std::vector<std::string_view>& pieces) {
  asyncd::Limits limits;
  limits.max_message = entry.max_message;
  StagedClient client(entry.framing, limits);
  std::string wire;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    EXPECT_TRUE(client.session.wants_input());
    wire += client.talk(piece);
    if (client.session.wants_shutdown()) client.session.on_shutdown(client.now);
  }
  wire += client.end();
  EXPECT_TRUE(client.session.finished());
  EXPECT_EQ(name_of(client.session.reason()), name_of(entry.reason));
  EXPECT_EQ(client.session.counters().bytes_received, entry.input.size());
  EXPECT_TRUE(wire.starts_with(server_hellos));
  const std::string plain = client.meaning(std::string_view(wire).substr(server_hellos.size()));
  EXPECT_EQ(client.session.counters().bytes_sent, plain.size());
  EXPECT_EQ(client.words, "c");
  return plain;
}

class StageSplit : public testing::TestWithParam<Entry> {};

TEST_P(StageSplit, OnePiece) {
  EXPECT_EQ(answer(GetParam(), {wire_of(GetParam())}), GetParam().output);
}

TEST_P(StageSplit, TwoPiecesAtEveryByte) {
  const std::string wire = wire_of(GetParam());
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    const std::string_view all = wire;
    ASSERT_EQ(answer(GetParam(), {all.substr(0, cut), all.substr(cut)}), GetParam().output) << cut;
  }
}

TEST_P(StageSplit, OneByteAtATime) {
  const std::string wire = wire_of(GetParam());
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < wire.size(); ++i)
    pieces.push_back(std::string_view(wire).substr(i, 1));
  EXPECT_EQ(answer(GetParam(), pieces), GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(Corpus, StageSplit, testing::ValuesIn(session_test::corpus()),
                         [](const testing::TestParamInfo<Entry>& entry) {
                           return entry.param.name;
                         });

}  // namespace
