// The fake host finds what asyncd would find: wrong options, wrong descriptions, wrong answers.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "sdk/fake_host.hpp"

namespace {

constexpr asyncd_option one_of_each[] = {
    {sizeof(asyncd_option), ASYNCD_OPTION_TEXT, "text", nullptr, nullptr},
    {sizeof(asyncd_option), ASYNCD_OPTION_INTEGER, "number", "1", nullptr},
    {sizeof(asyncd_option), ASYNCD_OPTION_BOOLEAN, "flag", "false", nullptr},
    {sizeof(asyncd_option), ASYNCD_OPTION_DURATION, "wait", "1s", nullptr},
    {sizeof(asyncd_option), ASYNCD_OPTION_SIZE, "room", "1MiB", nullptr},
};

std::int32_t log_and_greet(void*, asyncd_call* call) {
  call->host->host_log(nullptr, ASYNCD_LOG_DEBUG, "no peer", 7);
  return asyncd_reply_text(call, "hi", 2);
}

asyncd_handler valid_handler() {
  asyncd_handler handler{};
  handler.size = sizeof handler;
  handler.name = "valid";
  handler.message = log_and_greet;
  handler.options = one_of_each;
  handler.option_count = 5;
  return handler;
}

std::string refusal_with(const asyncd::fake_host::option_texts& given) {
  const asyncd_handler handler = valid_handler();
  return asyncd::fake_host(handler, given).refusal();
}

TEST(FakeHost, NeedsOnlyANameAndAMessageHook) {
  const asyncd_handler handler = valid_handler();
  asyncd::fake_host host(handler);
  EXPECT_TRUE(host.created());
  EXPECT_EQ(host.send("x"), asyncd::fake_reply("hi"));
  ASSERT_EQ(host.log().size(), 1u);
  EXPECT_EQ(host.log()[0], (asyncd::fake_log_line{ASYNCD_LOG_DEBUG, "no peer", false}));
}

TEST(FakeHost, RefusesOptionsThatAsyncdWouldRefuse) {
  EXPECT_EQ(refusal_with({{"txt", ""}}), "the handler has no option txt");
  EXPECT_EQ(refusal_with({{"number", "seven"}}), "bad value for option number: seven");
  EXPECT_EQ(refusal_with({{"number", "7s"}}), "bad value for option number: 7s");
  EXPECT_EQ(refusal_with({{"flag", "yes"}}), "bad value for option flag: yes");
  EXPECT_EQ(refusal_with({{"wait", "7"}}), "bad value for option wait: 7");
  EXPECT_EQ(refusal_with({{"room", "7KB"}}), "bad value for option room: 7KB");
  EXPECT_EQ(refusal_with({{"number", "7"}, {"flag", "true"}, {"wait", "3m"}, {"room", "7KiB"}}),
            "");
}

TEST(FakeHost, RefusesABadDescription) {
  asyncd_handler handler = valid_handler();
  handler.name = nullptr;
  EXPECT_FALSE(asyncd::fake_host(handler).created());
  handler = valid_handler();
  handler.message = nullptr;
  EXPECT_FALSE(asyncd::fake_host(handler).created());
  handler = valid_handler();
  handler.concurrency = 4;
  EXPECT_FALSE(asyncd::fake_host(handler).created());
  handler = valid_handler();
  handler.size = 8;
  EXPECT_FALSE(asyncd::fake_host(handler).created());
  handler = valid_handler();
  handler.flags = ASYNCD_ASYNC << 1;
  EXPECT_FALSE(asyncd::fake_host(handler).created());
}

TEST(FakeHost, RefusesAHandlerThatAsksForWhatItDoesNotDeclare) {
  asyncd_handler handler = valid_handler();
  handler.create = [](asyncd_setup* setup, void**) -> std::int32_t {
    (void)setup->host->host_option_integer(setup, "text");
    return 0;
  };
  EXPECT_FALSE(asyncd::fake_host(handler).created());
  handler.create = [](asyncd_setup* setup, void**) -> std::int32_t {
    std::uint64_t size = 0;
    (void)setup->host->host_option_text(setup, "unheard_of", &size);
    return 0;
  };
  EXPECT_FALSE(asyncd::fake_host(handler).created());
}

TEST(FakeHost, ReportsAReplyThatLeavesItsWindow) {
  asyncd_handler handler = valid_handler();
  handler.message = [](void*, asyncd_call* call) -> std::int32_t {
    call->reply_size = call->window_size + 1;
    return ASYNCD_REPLY;
  };
  asyncd::fake_host host(handler);
  EXPECT_THROW(host.send(""), std::logic_error);
}

TEST(FakeHost, ReportsAnAnswerThatDoesNotExist) {
  asyncd_handler handler = valid_handler();
  handler.message = [](void*, asyncd_call*) -> std::int32_t { return 7; };
  asyncd::fake_host host(handler);
  EXPECT_THROW(host.send(""), std::logic_error);
}

int workers = 0;
int connections = 0;

TEST(FakeHost, EndsEveryWorkerAndConnectionThatItBegan) {
  asyncd_handler handler = valid_handler();
  handler.worker_create = [](void*, void**) -> std::int32_t {
    ++workers;
    return 0;
  };
  handler.worker_destroy = [](void*, void*) { --workers; };
  handler.connection_open = [](void*, void*, void**) -> std::int32_t {
    ++connections;
    return 0;
  };
  handler.connection_close = [](void*, void*, void*) { --connections; };
  {
    asyncd::fake_host host(handler);
    host.reconnect();
    EXPECT_EQ(workers, 1);
    EXPECT_EQ(connections, 1);
  }
  EXPECT_EQ(workers, 0);
  EXPECT_EQ(connections, 0);
}

}  // namespace
