// Each allocation of a staged conversation fails once: the connection ends by std::bad_alloc, which
// its driver answers, or nothing is lost.
#include <gtest/gtest.h>

#include <new>
#include <string>

#include "staged_client.h"
#include "tests/support/failing_new.h"

namespace {

using asyncd::test::CountAllocations;
using stage_test::CloseReason;
using stage_test::StagedClient;
using Word = stage_test::Cipher::Word;

// What the client reads, and whether memory was short.
struct Outcome {
  std::string plain;
  bool failed = false;
};

Outcome converse(std::uint64_t failing) {
  StagedClient client;
  std::string wire = std::string(asyncd::test::client_hellos) + client.says(Word::ping);
  wire += client.says("one\n");
  wire += client.says("big 3000\n");
  wire += client.says(Word::close);
  std::string read;
  Outcome outcome;
  asyncd::test::fail_allocation(failing);
  try {
    for (const char& byte : wire) {
      const CountAllocations on(true);
      client.session.on_bytes({&byte, 1});
      while (client.turn()) {
      }
      const CountAllocations off(false);
      read += client.take();
    }
    const CountAllocations on(true);
    client.session.on_eof();
    while (client.turn()) {
    }
    const CountAllocations off(false);
    read += client.finish_turns();
  } catch (const std::bad_alloc&) {
    outcome.failed = true;
    client.session.on_failed(CloseReason::no_memory);
  }
  asyncd::test::fail_allocation(0);
  EXPECT_TRUE(client.session.finished());
  if (client.handler.calls != 0) {
    EXPECT_EQ(client.handler.opened, 1);
  }
  const std::string_view hellos = asyncd::test::server_hellos;
  if (read.size() > hellos.size()) outcome.plain = client.meaning(read.substr(hellos.size()));
  return outcome;
}

TEST(StagedSession, EachAllocationMayFail) {
  const std::string whole = converse(0).plain;
  ASSERT_EQ(whole.substr(0, 5), "ONE\n<");
  bool all_tried = false;
  for (std::uint64_t failing = 1; !all_tried; ++failing) {
    ASSERT_LT(failing, 10'000U);
    const Outcome outcome = converse(failing);
    all_tried = !asyncd::test::allocation_failed();
    if (outcome.failed)
      EXPECT_EQ(outcome.plain, whole.substr(0, outcome.plain.size())) << failing;
    else
      EXPECT_EQ(outcome.plain, whole) << failing;
  }
}

}  // namespace
