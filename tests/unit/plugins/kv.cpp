// kv as it ships: a conversation in memcached's text protocol, however its bytes come.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "library.h"
#include "tests/unit/sdk/modes.h"

namespace {

using asyncd::fake_host;

struct Talk {
  const char* name;
  std::string said;
  std::string answered;
  bool ended = false;
};
void PrintTo(const Talk& talk, std::ostream* stream) { *stream << talk.name; }

const std::string key250(250, 'k');
const std::string bad_format = "CLIENT_ERROR bad command line format\r\n";

const Talk talks[] = {
    {"SetAndGet", "set a 5 0 3\r\nabc\r\nget a\r\nget b\r\n",
     "STORED\r\nVALUE a 5 3\r\nabc\r\nEND\r\nEND\r\n"},
    {"LinesMayEndInLfAlone", "set a 0 0 1\nx\r\nget a\n", "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n"},
    {"AnyBytesAsData", "set a 0 0 4\r\n\r\n\r\n\r\nget a\r\n",
     "STORED\r\nVALUE a 0 4\r\n\r\n\r\n\r\nEND\r\n"},
    {"NoBytesAsData", "set a 0 0 0\r\n\r\nget a\r\n", "STORED\r\nVALUE a 0 0\r\n\r\nEND\r\n"},
    {"SeveralKeys", "set a 0 0 1\r\n1\r\nset b 0 0 1\r\n2\r\nget  a b c a\r\n",
     "STORED\r\nSTORED\r\nVALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n"},
    {"AddAndReplace",
     "replace a 0 0 1\r\n1\r\nadd a 0 0 1\r\n2\r\nadd a 0 0 1\r\n3\r\nreplace a 0 0 1\r\n4\r\nget "
     "a\r\n",
     "NOT_STORED\r\nSTORED\r\nNOT_STORED\r\nSTORED\r\nVALUE a 0 1\r\n4\r\nEND\r\n"},
    {"AppendAndPrepend",
     "append a 0 0 1\r\n1\r\nset a 7 0 1\r\nx\r\nappend a 9 0 2\r\nyz\r\nprepend a 9 0 "
     "1\r\nw\r\nget a\r\n",
     "NOT_STORED\r\nSTORED\r\nSTORED\r\nSTORED\r\nVALUE a 7 4\r\nwxyz\r\nEND\r\n"},
    {"Cas",
     "cas a 0 0 1 1\r\nx\r\nset a 0 0 1\r\nx\r\ngets a\r\ncas a 0 0 1 99\r\ny\r\ncas a 0 0 1 "
     "1\r\nz\r\ngets a\r\n",
     "NOT_FOUND\r\nSTORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\nEXISTS\r\nSTORED\r\nVALUE a 0 1 "
     "2\r\nz\r\nEND\r\n"},
    {"Delete", "delete a\r\nset a 0 0 1\r\nx\r\ndelete a\r\nget a\r\ndelete a 0\r\ndelete a 1\r\n",
     "NOT_FOUND\r\nSTORED\r\nDELETED\r\nEND\r\nNOT_FOUND\r\n"
     "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n"},
    {"IncrAndDecr",
     "incr a 1\r\nset a 0 0 2\r\n99\r\nincr a 2\r\ndecr a 1\r\ndecr a 500\r\nget a\r\nset b 0 0 "
     "1\r\nx\r\nincr b 1\r\n"
     "incr a x\r\nset c 0 0 20\r\n18446744073709551615\r\nincr c 1\r\n",
     "NOT_FOUND\r\nSTORED\r\n101\r\n100\r\n0\r\nVALUE a 0 1\r\n0\r\nEND\r\nSTORED\r\n"
     "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
     "CLIENT_ERROR invalid numeric delta argument\r\nSTORED\r\n0\r\n"},
    {"Touch",
     "touch a 10\r\nset a 0 0 1\r\nx\r\ntouch a 10\r\ntouch a x\r\ntouch a -1\r\nget a\r\n",
     "NOT_FOUND\r\nSTORED\r\nTOUCHED\r\nCLIENT_ERROR invalid exptime "
     "argument\r\nTOUCHED\r\nEND\r\n"},
    {"ExpiredWhenStored", "set a 0 -1 1\r\nx\r\nget a\r\nset b 0 2000000 1\r\nx\r\nget b\r\n",
     "STORED\r\nEND\r\nSTORED\r\nVALUE b 0 1\r\nx\r\nEND\r\n"},
    {"FlushAll",
     "set a 0 0 1\r\nx\r\nflush_all 100\r\nget a\r\nflush_all\r\nget a\r\nflush_all x\r\n",
     "STORED\r\nOK\r\nVALUE a 0 1\r\nx\r\nEND\r\nOK\r\nEND\r\n" + bad_format},
    {"Noreply",
     "set a 0 0 1 noreply\r\n1\r\nadd a 0 0 1 noreply\r\n2\r\nincr a 1 noreply\r\nverbosity 1 "
     "noreply\r\nget a\r\n"
     "delete a noreply\r\nflush_all noreply\r\nflush_all 0 noreply\r\nget a\r\n",
     "VALUE a 0 1\r\n2\r\nEND\r\nEND\r\n"},
    {"OtherCommands",
     "version x noreply\r\nverbosity 1\r\nverbosity\r\nverbosity noreply\r\nstats slabs\r\n",
     "VERSION 1.6.0\r\nOK\r\nERROR\r\nERROR\r\n"},
    {"Quit", "version\r\nquit\r\nversion\r\n", "VERSION 1.6.0\r\n", true},
    {"NoCommands", "\r\nGET a\r\nset\r\nset a 0 0\r\nget\r\nincr a\r\ndelete\r\n",
     "ERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\n"},
    {"NumbersThatAreNone",
     "set a x 0 1\r\nset a 0 x 1\r\nset a 0 0 x\r\nset a 0 0 -1\r\nset a 4294967296 0 1\r\nset a 0 "
     "0 4294967296\r\n"
     "cas a 0 0 1 x\r\n",
     bad_format + bad_format + bad_format + bad_format + bad_format + bad_format + bad_format},
    {"TheLongestKey", "set " + key250 + " 0 0 1\r\nx\r\nget " + key250 + "\r\n",
     "STORED\r\nVALUE " + key250 + " 0 1\r\nx\r\nEND\r\n"},
    {"ALongerKey",
     "get " + key250 + "k\r\ndelete k" + key250 + "\r\nset k" + key250 + " 0 0 1\r\nget a\r\n",
     bad_format + bad_format + bad_format + "END\r\n"},
    {"DataThatDoesNotEnd", "set a 0 0 1\r\nxyz\r\nget a\r\n",
     "CLIENT_ERROR bad data chunk\r\nERROR\r\nEND\r\n"},
    {"TheLargestValue",
     "set a 0 0 1000\r\n" + std::string(1000, 'x') + "\r\nappend a 0 0 1\r\ny\r\nget a\r\n",
     "STORED\r\nSERVER_ERROR object too large for cache\r\nVALUE a 0 1000\r\n" +
         std::string(1000, 'x') + "\r\nEND\r\n"},
    {"ALargerValue", "set a 0 0 1\r\nx\r\nset a 0 0 1001\r\nxxxx",
     "STORED\r\nSERVER_ERROR object too large for cache\r\n", true},
    {"ALineThatNeverEnds", std::string(2048, 'x') + "get a\r\n", "CLIENT_ERROR line too long\r\n",
     true},
    {"SoManyKeysThatTheLineIsLong",
     [] {
       std::string line = "gets";
       for (int i = 0; i < 500; ++i) line += " key" + std::to_string(i);
       return line + "\r\n";
     }(),
     "END\r\n"},
};

class Kv : public testing::TestWithParam<std::tuple<Talk, asyncd::fake_mode>> {
 protected:
  const Talk& talk() const { return std::get<0>(GetParam()); }
  fake_host host{load_shipped_plugin("kv"),
                 {{"memory", "1MiB"}, {"item_size", "1000"}},
                 std::get<1>(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Talks, Kv, testing::Combine(testing::ValuesIn(talks), both_modes()),
                         [](const auto& row) {
                           return std::get<0>(row.param).name + name_of(std::get<1>(row.param));
                         });

TEST_P(Kv, AnswersInOnePiece) {
  EXPECT_EQ(host.exchange(talk().said), talk().answered);
  EXPECT_EQ(host.ended(), talk().ended);
}

TEST_P(Kv, AnswersByteByByte) {
  std::string answered;
  for (const char byte : talk().said) answered += host.exchange({&byte, 1});
  EXPECT_EQ(answered, talk().answered);
  EXPECT_EQ(host.ended(), talk().ended);
}

TEST(KvMemory, WhatWasNotUsedForLongestGoes) {
  fake_host host(load_shipped_plugin("kv"), {{"memory", "4KiB"}, {"item_size", "2000"}});
  EXPECT_EQ(host.exchange("set kept 0 0 1\r\nx\r\n"), "STORED\r\n");
  for (int i = 0; i < 100; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_EQ(host.exchange("set " + key + " 0 0 500\r\n" + std::string(500, 'v') + "\r\n"),
              "STORED\r\n");
    EXPECT_EQ(host.exchange("get kept\r\n"), "VALUE kept 0 1\r\nx\r\nEND\r\n");
  }
  EXPECT_EQ(host.exchange("get k0\r\n"), "END\r\n");
  EXPECT_NE(host.exchange("get k99\r\n"), "END\r\n");
  const std::string stats = host.exchange("stats\r\n");
  EXPECT_NE(stats.find("STAT evictions 9"), std::string::npos) << stats;
  EXPECT_NE(stats.find("STAT limit_maxbytes 4096\r\n"), std::string::npos) << stats;
  EXPECT_NE(stats.find("STAT total_items 101\r\n"), std::string::npos) << stats;
  EXPECT_NE(stats.find("STAT get_misses 1\r\n"), std::string::npos) << stats;
  EXPECT_TRUE(stats.ends_with("END\r\n"));
}

TEST(KvOptions, AreChecked) {
  const auto refusal = [](const fake_host::option_texts& given) {
    return fake_host(load_shipped_plugin("kv"), given).refusal();
  };
  EXPECT_EQ(refusal({{"memory", "1000KiB"}}),
            "memory must have room for an item of item_size, and 1KiB");
  EXPECT_EQ(refusal({{"item_size", "0"}}), "item_size must be from 1 byte to 1GiB");
  EXPECT_EQ(refusal({{"item_size", "2GiB"}}), "item_size must be from 1 byte to 1GiB");
}

}  // namespace
