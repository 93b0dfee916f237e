// The C++ SDK: what a handler class may be, and what comes of its exceptions.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "sdk/asyncd.hpp"
#include "sdk/fake_host.hpp"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_reply;
using asyncd::handler_of;

struct Scripted {
  void on_message(std::string_view message, asyncd::reply& reply) const {
    reply.append("written ");
    if (message == "throw") throw std::runtime_error("the disk is on fire");
    if (message == "throw at length") throw std::runtime_error(std::string(2000, 'x'));
    if (message == "throw a number") throw 42;
    if (message == "error") {
      reply.error("no ");
      reply.append("good");
      reply.append('!');
    }
    if (message == "silence") reply.no_reply();
    if (message == "close") reply.close_after();
    if (message == "log") reply.log(asyncd::log_level::warn, "watch out");
  }
};

TEST(SdkReply, KeepsWhatIsAppended) {
  fake_host host(handler_of<Scripted>);
  EXPECT_EQ(host.send("anything"), fake_reply("written "));
}

TEST(SdkReply, AnErrorReplacesWhatWasWritten) {
  fake_host host(handler_of<Scripted>);
  EXPECT_EQ(host.send("error"), fake_error("no good!"));
}

TEST(SdkReply, SilenceCloseAndLog) {
  fake_host host(handler_of<Scripted>);
  EXPECT_EQ(host.send("silence"), asyncd::fake_silence());
  EXPECT_EQ(host.send("close"), (asyncd::fake_answer{ASYNCD_REPLY, "written ", true}));
  EXPECT_EQ(host.send("log"), fake_reply("written "));
  ASSERT_EQ(host.log().size(), 1u);
  EXPECT_EQ(host.log()[0], (asyncd::fake_log_line{ASYNCD_LOG_WARN, "watch out", true}));
}

TEST(SdkExceptions, EndTheConnectionWhoseClientLearnsOnlyThatItFailed) {
  fake_host host(handler_of<Scripted>);
  for (const char* message : {"throw", "throw at length", "throw a number"})
    EXPECT_EQ(host.send(message), asyncd::fake_failure());
  ASSERT_EQ(host.log().size(), 3u);
  EXPECT_EQ(host.log()[0],
            (asyncd::fake_log_line{ASYNCD_LOG_ERROR, "handler failed: the disk is on fire", true}));
  EXPECT_EQ(host.log()[1].text, "handler failed: " + std::string(496, 'x'));
  EXPECT_EQ(host.log()[2].text, "handler failed: an exception of an unknown type");
  EXPECT_EQ(host.send("go on"), fake_reply("written "));
}

struct Fragile {
  struct connection {
    int messages = 0;
  };
  void on_message(std::string_view message, asyncd::reply& reply, connection& mine) const {
    ++mine.messages;
    if (message == "throw") throw std::runtime_error("half done");
    reply.append(std::to_string(mine.messages));
  }
  asyncd::frame on_frame(std::string_view bytes) const {
    if (bytes == "throw") throw std::bad_alloc();
    return asyncd::frame::message(0, bytes.size(), bytes.size());
  }
};

TEST(SdkExceptions, WhatAConnectionKeepsGoesWithIt) {
  fake_host host(handler_of<Fragile>);
  EXPECT_EQ(host.send("x"), fake_reply("1"));
  EXPECT_EQ(host.send("throw"), asyncd::fake_failure());
  EXPECT_EQ(host.send("x"), fake_reply("1"));
}

TEST(SdkExceptions, OfTheFrameHookAreNoMistakeOfTheClient) {
  const asyncd_handler& handler = handler_of<Fragile>;
  const Fragile self;
  asyncd_frame found{.size = sizeof found};
  EXPECT_EQ(handler.frame(const_cast<Fragile*>(&self), "throw", 5, &found), 0);
  EXPECT_GT(found.total, 5u) << "no such frame: the host takes it for failed";
}

struct Appending {
  void on_message(std::string_view message, asyncd::reply& reply) const {
    for (const char byte : message) reply.append(byte);
    reply.append(message);
    if (char* to = reply.reserve(message.size())) reply.commit(message.copy(to, message.size()));
  }
};

TEST(SdkReply, GrowsPieceByPiece) {
  fake_host host(handler_of<Appending>);
  for (const std::size_t size : {0u, 1u, 85u, 86u, 255u, 256u, 257u, 5000u}) {
    const std::string message(size, 'm');
    EXPECT_EQ(host.send(message), fake_reply(message + message + message));
  }
}

TEST(SdkReply, OverTheLimitIsOneClearError) {
  fake_host host(handler_of<Appending>);
  host.limit_reply(300);
  EXPECT_EQ(host.send(std::string(100, 'm')), fake_reply(std::string(300, 'm')));
  EXPECT_EQ(host.send(std::string(101, 'm')), fake_error("reply too long"));
  EXPECT_EQ(host.send(std::string(151, 'm')), fake_error("reply too long"));
  EXPECT_EQ(host.send(std::string(301, 'm')), fake_error("reply too long"));
}

// The sum of what there is and what is asked for is 0, which any window has room for.
struct Greedy {
  void on_message(std::string_view message, asyncd::reply& reply) const {
    reply.append('1');
    if (reply.reserve(UINT64_MAX) != nullptr) reply.commit(message.size());
  }
};

std::int32_t append_too_much(void*, asyncd_call* call) {
  const std::uint64_t below_zero = call->message_size - 9;
  const bool appended = asyncd_reply_append(call, "1", 1) == 0 &&
                        asyncd_reply_append(call, call->message, below_zero) == 0;
  return asyncd_reply_text(call, appended ? "appended" : "refused", appended ? 8 : 7);
}

TEST(SdkReply, ASizeThatRunsOverIsTooLong) {
  fake_host host(handler_of<Greedy>);
  EXPECT_EQ(host.send("anything"), fake_error("reply too long"));
  asyncd_handler in_c = handler_of<Greedy>;
  in_c.message = append_too_much;
  fake_host c_host(in_c);
  EXPECT_EQ(c_host.send("anything"), fake_reply("refused"));
}

struct Configured {
  static constexpr asyncd_option options[] = {
      asyncd::text_option("text", "some", "a text"),
      asyncd::integer_option("number", "-7", "a number"),
      asyncd::boolean_option("flag", "true", "a flag"),
      asyncd::duration_option("wait", "100ms", "a duration"),
      asyncd::size_option("room", "64KiB", "a size")};

  explicit Configured(const asyncd::options& given) {
    if (given.integer("number") > 100) throw std::invalid_argument("number must be at most 100");
    told = std::string(given.text("text")) + "," + std::to_string(given.integer("number")) + "," +
           (given.boolean("flag") ? "yes" : "no") + "," +
           std::to_string(given.duration("wait").count()) + "," +
           std::to_string(given.size("room"));
  }
  void on_message(std::string_view, asyncd::reply& reply) const { reply.append(told); }

  std::string told;
};

TEST(SdkOptions, AreTyped) {
  fake_host fallbacks(handler_of<Configured>);
  EXPECT_EQ(fallbacks.send(""), fake_reply("some,-7,yes,100000000,65536"));
  fake_host given(
      handler_of<Configured>,
      {{"text", ""}, {"number", "100"}, {"flag", "false"}, {"wait", "2s"}, {"room", "12"}});
  EXPECT_EQ(given.send(""), fake_reply(",100,no,2000000000,12"));
}

TEST(SdkOptions, AThrowingConstructorRefusesInItsOwnWords) {
  fake_host host(handler_of<Configured>, {{"number", "101"}});
  EXPECT_FALSE(host.created());
  EXPECT_EQ(host.refusal(), "number must be at most 100");
}

struct Stubborn {
  Stubborn() { throw 42; }
  void on_message(std::string_view, asyncd::reply&) const {}
};

struct Unconnectable {
  struct connection {
    connection() { throw std::bad_alloc(); }
  };
  void on_message(std::string_view, asyncd::reply&, connection&) const {}
};

TEST(SdkExceptions, StopAtEveryHook) {
  fake_host stubborn(handler_of<Stubborn>);
  EXPECT_FALSE(stubborn.created());
  EXPECT_EQ(stubborn.refusal(), "the handler's constructor failed");
  fake_host unconnectable(handler_of<Unconnectable>);
  EXPECT_TRUE(unconnectable.created());
  EXPECT_THROW(unconnectable.send(""), std::logic_error);
}

struct Counting {
  void on_message(std::string_view, asyncd::reply& reply) { reply.append(std::to_string(++count)); }
  int count = 0;
};

struct CountingForEach {
  struct connection {
    int count = 0;
  };
  void on_message(std::string_view, asyncd::reply& reply, connection& client) const {
    reply.append(std::to_string(++client.count));
  }
};

struct Declared {
  static constexpr auto concurrency = asyncd::concurrency::per_connection;
  void on_message(std::string_view, asyncd::reply&) const {}
};

TEST(SdkConcurrency, FollowsFromConstUnlessDeclared) {
  EXPECT_EQ(handler_of<Scripted>.concurrency, std::uint32_t{ASYNCD_REENTRANT});
  EXPECT_EQ(handler_of<Counting>.concurrency, std::uint32_t{ASYNCD_SERIAL});
  EXPECT_EQ(handler_of<CountingForEach>.concurrency, std::uint32_t{ASYNCD_PER_CONNECTION});
  EXPECT_EQ(handler_of<Declared>.concurrency, std::uint32_t{ASYNCD_PER_CONNECTION});
}

TEST(SdkState, OfTheHandlerAndOfTheConnection) {
  fake_host handler(handler_of<Counting>);
  fake_host connection(handler_of<CountingForEach>);
  for (fake_host* host : {&handler, &connection}) {
    EXPECT_EQ(host->send(""), fake_reply("1"));
    EXPECT_EQ(host->send(""), fake_reply("2"));
    host->reconnect();
  }
  EXPECT_EQ(handler.send(""), fake_reply("3"));
  EXPECT_EQ(connection.send(""), fake_reply("1"));
}

// All that a library exports exists before any of its code has run.
constinit const asyncd_handler described_before_any_code = handler_of<Configured>;

TEST(SdkDescription, IsConstant) {
  EXPECT_EQ(described_before_any_code.option_count, 5u);
  EXPECT_STREQ(described_before_any_code.options[3].fallback, "100ms");
}

}  // namespace
