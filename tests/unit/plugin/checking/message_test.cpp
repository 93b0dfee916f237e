// What a handler does with its call: what it may, and each thing that it may not, told in words.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include "support.h"

namespace {

using checking_test::last_told;
using checking_test::Play;
using checking_test::told;

struct Deed {
  const char* name;
  std::function<std::int32_t(asyncd_call*)> act;
  std::string told;
  bool fatal = false;
};

std::ostream& operator<<(std::ostream& out, const Deed& deed) { return out << deed.name; }

std::int32_t reply(asyncd_call* call) { return asyncd_reply_text(call, "reply", 5); }

// A handler that does this, and replies.
template <class Function>
auto replying(Function deed) {
  return [deed](asyncd_call* call) {
    deed(call);
    return reply(call);
  };
}

char* writable(const char* bytes) { return const_cast<char*>(bytes); }

template <class Function>
void elsewhere(Function function) {
  std::thread(function).join();
}

std::int32_t reserve(asyncd_call* call, std::uint64_t bytes) {
  return call->host->host_reply_reserve(call, bytes);
}

asyncd_call* no_call = nullptr;

const Deed allowed[] = {
    {"Replies", reply, "reply"},
    {"RepliesNothing", [](asyncd_call*) { return std::int32_t{ASYNCD_REPLY}; }, ""},
    {"DoesNotReply", [](asyncd_call*) { return std::int32_t{ASYNCD_NO_REPLY}; }, "<nothing>"},
    {"Refuses", [](asyncd_call* call) { return asyncd_error_text(call, "no", 2); }, "error: no"},
    {"Closes", replying([](asyncd_call* call) { call->flags = ASYNCD_CLOSE; }), "reply<close>"},
    {"FillsItsWindow",
     [](asyncd_call* call) {
       std::memset(call->window, 'w', 256);
       call->reply_size = 256;
       return std::int32_t{ASYNCD_REPLY};
     },
     std::string(256, 'w')},
    {"AsksForMore",
     [](asyncd_call* call) {
       for (int i = 0; i < 1000; ++i) asyncd_reply_append(call, "123", 3);
       return std::int32_t{ASYNCD_REPLY};
     },
     [] {
       std::string all;
       for (int i = 0; i < 1000; ++i) all += "123";
       return all;
     }()},
    {"AsksForTooMuch",
     [](asyncd_call* call) {
       return reserve(call, UINT64_MAX) == 0 || reserve(call, 10'001) == 0 ? std::int32_t{99}
                                                                           : reply(call);
     },
     "reply"},
    {"Logs", replying([](asyncd_call* call) {
       call->host->host_log(call, ASYNCD_LOG_INFO, "a line", 6);
       call->host->host_log(nullptr, ASYNCD_LOG_ERROR, nullptr, 0);
     }),
     "reply"},
    {"Repeats",
     [](asyncd_call* call) { return asyncd_reply_text(call, call->message, call->message_size); },
     "message"},
};

const Deed forbidden[] = {
    {"Throws", [](asyncd_call*) -> std::int32_t { throw std::runtime_error("oh"); },
     "it has thrown: oh"},
    {"ThrowsANumber", [](asyncd_call*) -> std::int32_t { throw 42; },
     "it has thrown what is no std::exception"},
    {"ReturnsNonsense", [](asyncd_call*) { return std::int32_t{99}; },
     "it returned 99, which is none of ASYNCD_REPLY, ASYNCD_NO_REPLY, ASYNCD_ERROR"},
    {"ReturnsPending", [](asyncd_call*) { return std::int32_t{ASYNCD_PENDING}; },
     "it returned ASYNCD_PENDING, but it is not asynchronous"},
    {"RepliesMoreThanItsWindow",
     [](asyncd_call* call) {
       call->reply_size = 257;
       return std::int32_t{ASYNCD_REPLY};
     },
     "its reply_size is 257, but its window has 256 bytes"},
    {"RepliesBelowZero",
     [](asyncd_call* call) {
       call->reply_size -= 1;
       return std::int32_t{ASYNCD_ERROR};
     },
     "its reply_size is 18446744073709551615, but its window has 256 bytes"},
    {"IgnoresThatThereIsNoMore",
     [](asyncd_call* call) {
       (void)reserve(call, 10'001);
       call->reply_size = 10'001;
       return std::int32_t{ASYNCD_REPLY};
     },
     "its reply_size is 10001, but its window has 256 bytes"},
    {"WritesBehindItsWindow", replying([](asyncd_call* call) { call->window[256] = 'x'; }),
     "it has written behind its window of 256 bytes"},
    {"WritesBehindALargerWindow", replying([](asyncd_call* call) {
       (void)reserve(call, 300);
       call->window[300] = 'x';
     }),
     "it has written behind its window of 300 bytes"},
    {"WritesBehindAWindowAndAsksForALargerOne", replying([](asyncd_call* call) {
       call->window[256] = 'x';
       (void)reserve(call, 300);
     }),
     "it has written behind its window of 256 bytes"},
    {"WritesBeforeItsWindow", replying([](asyncd_call* call) { call->window[-1] = 'x'; }),
     "it has written before its window of 256 bytes"},
    {"WritesFarBehindItsWindow",
     replying([](asyncd_call* call) { std::memset(call->window, 'x', 512); }),
     "it has written far beyond its window of 256 bytes", true},
    {"WritesFarBeforeItsWindow",
     replying([](asyncd_call* call) { std::memset(call->window - 256, 'x', 256); }),
     "it has written far beyond its window of 256 bytes", true},
    {"WritesToTheWindowThatItHad", replying([](asyncd_call* call) {
       char* const before = call->window;
       (void)reserve(call, 300);
       before[1] = 'x';
     }),
     "it has written to the window that it had before host_reply_reserve"},
    {"ChangesTheMessage", replying([](asyncd_call* call) { writable(call->message)[0] = 'M'; }),
     "it has changed the message, which is only lent"},
    {"EndsTheMessageWithANul",
     replying([](asyncd_call* call) { writable(call->message)[7] = '\0'; }),
     "it has written behind the message of 7 bytes"},
    {"WritesBeforeTheMessage",
     replying([](asyncd_call* call) { writable(call->message)[-1] = '\0'; }),
     "it has written before the message of 7 bytes"},
    {"WritesBehindTheCall",
     replying([](asyncd_call* call) { *reinterpret_cast<char*>(call + 1) = 'x'; }),
     "it has written behind the call"},
    {"ChangesTheSize", replying([](asyncd_call* call) { ++call->size; }),
     "it has changed call->size, which is not its own"},
    {"ChangesTheHost",
     [](asyncd_call* call) {
       call->host = nullptr;
       call->reply_size = 0;
       return ASYNCD_REPLY + 0;
     },
     "it has changed call->host, which is not its own"},
    {"ChangesTheMessagesPlace", replying([](asyncd_call* call) { call->message = "other"; }),
     "it has changed call->message, which is not its own"},
    {"ChangesTheMessagesSize", replying([](asyncd_call* call) { call->message_size = 1; }),
     "it has changed call->message_size, which is not its own"},
    {"ChangesTheWindow",
     [](asyncd_call* call) {
       static char own[] = "own";
       call->window = own;
       call->reply_size = 3;
       return std::int32_t{ASYNCD_REPLY};
     },
     "it has changed call->window, which is not its own"},
    {"ChangesTheWindowsSize",
     [](asyncd_call* call) {
       call->window_size = call->reply_size = 100'000;
       return std::int32_t{ASYNCD_REPLY};
     },
     "it has changed call->window_size, which is not its own"},
    {"ChangesTheWindowsSizeAndAsksForMore",
     [](asyncd_call* call) {
       call->window_size = call->reply_size = 100'000;
       (void)reserve(call, 1000);
       return std::int32_t{ASYNCD_REPLY};
     },
     "its reply_size is 100000, but its window has 1000 bytes"},
    {"ChangesTheWorker", replying([](asyncd_call* call) { call->worker = call; }),
     "it has changed call->worker, which is not its own"},
    {"ChangesTheConnection", replying([](asyncd_call* call) { call->connection = call; }),
     "it has changed call->connection, which is not its own"},
    {"SetsUnknownFlags", replying([](asyncd_call* call) { call->flags = 0x81; }),
     "it has set the unknown flags 129"},
    {"AsksForMoreWithNoCall",
     replying([](asyncd_call* call) { (void)call->host->host_reply_reserve(no_call, 1); }),
     "it called host_reply_reserve with no call"},
    {"AsksForMoreWithACallOfItsOwn", replying([](asyncd_call* call) {
       asyncd_call own = *call;
       (void)call->host->host_reply_reserve(&own, 1000);
     }),
     "it called host_reply_reserve with a call that asyncd has not made"},
    {"AsksForMoreWithTooMuch", replying([](asyncd_call* call) {
       call->reply_size = 257;
       (void)reserve(call, 1000);
     }),
     "it called host_reply_reserve with a reply_size of 257, but its window has 256 bytes"},
    {"AsksForMoreElsewhere",
     replying([](asyncd_call* call) { elsewhere([=] { (void)reserve(call, 1000); }); }),
     "it called host_reply_reserve with the call of a hook that runs elsewhere, on a thread where "
     "no hook runs"},
    {"LogsElsewhere",
     replying([](asyncd_call* call) { elsewhere([=] { call->host->host_log(call, 2, "x", 1); }); }),
     "it called host_log with the call of a hook that runs elsewhere, on a thread where no hook "
     "runs"},
    {"LogsBelowZero",
     replying([](asyncd_call* call) { call->host->host_log(call, 2, "x", UINT64_MAX); }),
     "it gave host_log a text of 18446744073709551615 bytes"},
    {"LogsNoText", replying([](asyncd_call* call) { call->host->host_log(call, 2, nullptr, 1); }),
     "it gave host_log no text of 1 bytes"},
    {"LogsAtNoLevel", replying([](asyncd_call* call) { call->host->host_log(call, 9, "x", 1); }),
     "it gave host_log the unknown level 9"},
    {"AsksForAnOption", replying([](asyncd_call* call) {
       asyncd_setup own{sizeof own, 0, call->host};
       (void)call->host->host_option_integer(&own, "key");
     }),
     "it called host_option_integer with a setup that is not of a running create"},
};

class Checking : public testing::TestWithParam<Deed> {};
class CheckingAllows : public Checking {};
class CheckingForbids : public Checking {};

TEST_P(CheckingAllows, WhatHandlersMayDo) {
  Play play;
  play.begin();
  play.script.message = GetParam().act;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(play.send("message"), GetParam().told);
  play.end();
  EXPECT_EQ(last_told(), "");
}

// Told once, with its connection, which fails; what comes then is served as before.
TEST_P(CheckingForbids, WhatHandlersMayNotDo) {
  Play play;
  play.begin();
  play.script.message = GetParam().act;
  EXPECT_EQ(play.send("message"), "<failed>");
  ASSERT_EQ(told().size(), 1U) << last_told();
  EXPECT_EQ(told()[0].what, GetParam().told);
  EXPECT_EQ(told()[0].handler, "scripted");
  EXPECT_EQ(told()[0].fatal, GetParam().fatal);
  EXPECT_EQ(told()[0].connection, 7U);
  play.script.message = reply;
  EXPECT_EQ(play.send("message"), "reply");
  play.end();
  EXPECT_EQ(told().size(), 1U) << last_told();
}

std::string deed_name(const testing::TestParamInfo<Deed>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Deeds, CheckingAllows, testing::ValuesIn(allowed), deed_name);
INSTANTIATE_TEST_SUITE_P(Deeds, CheckingForbids, testing::ValuesIn(forbidden), deed_name);

// A call is kept by its hook, and used once that has returned: in the next hook, or on another
// thread.
struct Late {
  Late() {
    play.begin();
    play.script.message = [this](asyncd_call* given) {
      (void)reserve(given, 300);
      call = given;
      window = given->window;
      message = given->message;
      return reply(given);
    };
    play.send("message");
    play.script.message = [this](asyncd_call* given) {
      ++called;
      if (misdeed) misdeed();
      return reply(given);
    };
  }

  Play play;
  asyncd_call* call = nullptr;
  char* window = nullptr;
  const char* message = nullptr;
  int called = 0;
  std::function<void()> misdeed;
};

TEST(CheckingLateUse, OfAFunctionIsToldAtOnce) {
  Late late;
  late.misdeed = [&] { (void)asyncd_reply_append(late.call, "late", 4); };
  EXPECT_EQ(late.play.send("next"), "<failed>");
  EXPECT_EQ(last_told(),
            "message: it called host_reply_reserve with a call whose hook has returned");
  late.play.end();
  EXPECT_EQ(told().size(), 1U);
}

TEST(CheckingLateUse, ByAnotherThreadEndsTheConnectionWithTheNextMessage) {
  Late late;
  elsewhere([&] { late.call->host->host_log(late.call, ASYNCD_LOG_INFO, "late", 4); });
  EXPECT_EQ(last_told(),
            "none: it called host_log with a call whose hook has returned, on a thread where no "
            "hook runs");
  EXPECT_EQ(told().back().handler, "scripted");
  EXPECT_EQ(told().back().connection, 7U);
  EXPECT_EQ(late.play.send("next"), "<failed>");
  EXPECT_EQ(late.called, 0);
  late.play.end();
  EXPECT_EQ(told().size(), 1U);
}

TEST(CheckingLateUse, OfMemoryIsFoundWithTheNextMessage) {
  const std::function<void(Late&)> writes[] = {[](Late& late) { late.window[17] = 'x'; },
                                               [](Late& late) { late.call->window[0] = 'x'; },
                                               [](Late& late) { writable(late.message)[0] = 'x'; },
                                               [](Late& late) { late.call->reply_size = 1; },
                                               [](Late& late) { late.call->flags = ASYNCD_CLOSE; }};
  for (const auto& write : writes) {
    Late late;
    write(late);
    EXPECT_EQ(late.play.send("next"), "<failed>");
    EXPECT_EQ(late.called, 0);
    EXPECT_EQ(
        last_told(),
        "none: it has written to a call whose hook had returned, or to its message or window");
    late.play.end();
    EXPECT_EQ(told().size(), 1U);
  }
}

TEST(CheckingLateUse, OfMemoryInAHookIsFoundAtItsEnd) {
  Late late;
  late.misdeed = [&] { late.window[17] = 'x'; };
  EXPECT_EQ(late.play.send("next"), "<failed>");
  EXPECT_EQ(told().size(), 1U);
  late.play.end();
  EXPECT_EQ(told().size(), 1U);
}

TEST(CheckingLateUse, OfMemoryIsFoundAtTheConnectionsEndAtTheLatest) {
  Late late;
  late.window[0] = 'x';
  late.play.end();
  EXPECT_EQ(told().size(), 1U);
}

TEST(CheckingLateUse, AfterTheConnectionsEndIsStillTold) {
  Late late;
  late.play.end();
  EXPECT_EQ(told().size(), 0U);
  elsewhere([&] { EXPECT_NE(reserve(late.call, 1), 0); });
  EXPECT_EQ(last_told(),
            "none: it called host_reply_reserve with a call whose hook has returned, on a thread "
            "where no hook runs");
}

TEST(CheckingLog, IsPassedOn) {
  Play play;
  play.begin();
  play.script.message = replying([](asyncd_call* call) {
    call->host->host_log(call, ASYNCD_LOG_INFO, "one", 3);
    call->host->host_log(nullptr, ASYNCD_LOG_WARN, "two", 3);
  });
  play.send("any");
  EXPECT_EQ(play.log, (std::vector<std::string>{"with call: one", "two"}));
  play.end();
}

}  // namespace
