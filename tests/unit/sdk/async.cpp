// Handlers that wait, as coroutines: every operation, in both modes.
#include <chrono>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "modes.h"
#include "sdk/asyncd_async.hpp"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_reply;
using asyncd::handler_of;
using asyncd::operation_error;
using asyncd::operation_result;
using asyncd::task;
using namespace std::chrono_literals;

class SdkAsync : public InBothModes {};
INSTANTIATE_TEST_SUITE_P(Modes, SdkAsync, both_modes(), name_of_mode);

struct Sleeping {
  task<> on_message(asyncd::call call) const {
    call.append("before ");
    co_await call.sleep(100ms);
    co_await call.sleep(0s);
    co_await call.sleep(-1s);
    call.append(call.message());
  }
};

TEST_P(SdkAsync, SleepGoesOnAfterItsTime) {
  fake_host host(handler_of<Sleeping>, {}, GetParam());
  EXPECT_EQ(host.send("after"), fake_reply("before after"));
  EXPECT_EQ(host.now(), 100ms);
  EXPECT_EQ(host.operations(), 1u) << "no time takes no operation";
  host.cancel_at(1);
  EXPECT_EQ(host.send("never"), fake_error("cancelled"));
  EXPECT_TRUE(host.log().empty());
}

struct Answering {
  task<> on_message(asyncd::call call) const {
    co_await call.sleep(1ms);
    const std::string_view message = call.message();
    call.append("written ");
    if (message == "error") {
      call.error("no ");
      call.append("good");
      call.append('!');
    }
    co_await call.sleep(1ms);
    if (message == "silence") call.no_reply();
    if (message == "close") call.close_after();
    if (message == "log") call.log(asyncd::log_level::warn, "watch out");
    if (message == "throw") throw std::runtime_error("the disk is on fire");
    if (message == "throw a number") throw 42;
    if (message == "long") call.append(std::string(2000, 'x'));
    if (message == "throw late") {
      call.error("no");
      throw std::runtime_error("and more");
    }
  }
};

TEST_P(SdkAsync, AnswersAsAnyHandler) {
  fake_host host(handler_of<Answering>, {}, GetParam());
  host.limit_reply(1000);
  EXPECT_EQ(host.send("anything"), fake_reply("written "));
  EXPECT_EQ(host.send("error"), fake_error("no good!"));
  EXPECT_EQ(host.send("silence"), asyncd::fake_silence());
  EXPECT_EQ(host.send("close"), (asyncd::fake_answer{ASYNCD_REPLY, "written ", true}));
  EXPECT_EQ(host.send("long"), fake_error("reply too long"));
  EXPECT_TRUE(host.log().empty());
  EXPECT_EQ(host.send("log"), fake_reply("written "));
  EXPECT_EQ(host.log().back(), (asyncd::fake_log_line{ASYNCD_LOG_WARN, "watch out", true}));
}

TEST_P(SdkAsync, ExceptionsStopAtTheBorder) {
  fake_host host(handler_of<Answering>, {}, GetParam());
  for (const char* message : {"throw", "throw a number", "throw late"})
    EXPECT_EQ(host.send(message), asyncd::fake_failure());
  ASSERT_EQ(host.log().size(), 3u);
  EXPECT_EQ(host.log()[0],
            (asyncd::fake_log_line{ASYNCD_LOG_ERROR, "handler failed: the disk is on fire", true}));
  EXPECT_EQ(host.log()[1].text, "handler failed: an exception of an unknown type");
}

struct AtOnce {
  task<> on_message(asyncd::call call) const {
    if (call.message() == "throw") throw std::runtime_error("at once");
    if (call.message() == "later") return later(call);
    if (call.message() == "error") {
      call.error("no");
      return task<>();
    }
    call.append("now");
    return {};
  }
  static task<> later(asyncd::call call) {
    co_await nothing();
    co_await call.sleep(1ms);
    call.append("later");
  }
  static task<> nothing() { return {}; }
};

TEST_P(SdkAsync, AnAnswerAtOnceNeedsNoCoroutine) {
  fake_host host(handler_of<AtOnce>, {}, GetParam());
  EXPECT_EQ(host.send("later"), fake_reply("later"));
  host.limit_memory(0);
  EXPECT_EQ(host.send("x"), fake_reply("now"));
  EXPECT_EQ(host.send("error"), fake_error("no"));
  EXPECT_EQ(host.send("throw"), asyncd::fake_failure());
  EXPECT_EQ(host.send("later"), asyncd::fake_failure());
  EXPECT_EQ(host.log().back().text, "handler failed: std::bad_alloc");
}

struct Offloading {
  task<> on_message(asyncd::call call) const {
    std::vector<int> numbers(10, 7);
    call.append(std::to_string(
        co_await call.offload([&] { return std::accumulate(numbers.begin(), numbers.end(), 0); })));
    auto work = [text = call.message(), suffix = std::make_unique<std::string>(40, '!')] {
      if (text == "throw") throw std::invalid_argument("offloaded");
      return std::make_unique<std::string>(*suffix);
    };
    call.append(*co_await call.offload(work, 5s));
    bool done = false;
    co_await call.offload([&done] { done = true; });
    if (done) call.append("done");
  }
};

TEST_P(SdkAsync, OffloadGivesAValueOrThrows) {
  fake_host host(handler_of<Offloading>, {}, GetParam());
  EXPECT_EQ(host.send("x"), fake_reply("70" + std::string(40, '!') + "done"));
  EXPECT_EQ(host.send("throw"), asyncd::fake_failure());
  EXPECT_EQ(host.log().back().text, "handler failed: offloaded");
  for (int operation = 1; operation <= 3; ++operation) {
    host.cancel_at(operation);
    EXPECT_EQ(host.send("x"), fake_error("cancelled"));
  }
}

struct Streaming {
  task<> on_message(asyncd::call call) const {
    for (const char part : call.message()) {
      call.append(part);
      co_await call.flush();
    }
    call.append("end");
  }
};

TEST_P(SdkAsync, FlushSendsPartsOfTheReply) {
  fake_host host(handler_of<Streaming>, {}, GetParam());
  EXPECT_EQ(host.send("abc"), fake_reply("abcend"));
  EXPECT_EQ(host.operations(), 3u);
}

task<int> add(asyncd::call call, int one, int other) {
  co_await call.sleep(1ms);
  co_return one + other;
}
task<int> sum_below(asyncd::call call, int end) {
  if (end == 0) co_return 0;
  co_return co_await add(call, end, co_await sum_below(call, end - 1));
}
task<std::unique_ptr<std::string>> make(asyncd::call call, std::string text) {
  co_await call.sleep(1ms);
  co_return std::make_unique<std::string>(std::move(text));
}

struct Nested {
  task<> on_message(asyncd::call call) const {
    call.append(std::to_string(co_await sum_below(call, 50)));
    call.append(*co_await make(call, std::string(40, 'x') + std::string(call.message())));
    task<int> kept = add(call, 1, 2);
    call.append(std::to_string(co_await std::move(kept)));
    const task<int> never_begun = add(call, 3, 4);
  }
};

TEST_P(SdkAsync, TasksAwaitTasks) {
  fake_host host(handler_of<Nested>, {}, GetParam());
  EXPECT_EQ(host.send("y"), fake_reply("1275" + std::string(40, 'x') + "y3"));
  for (int operation = 1; operation <= 52; ++operation) {
    host.cancel_at(operation);
    EXPECT_EQ(host.send("y"), fake_error("cancelled")) << operation;
  }
}

// Neither does a chain of any length need stack.
struct Looping {
  static task<> nothing(asyncd::call) { co_return; }
  task<> on_message(asyncd::call call) const {
    for (int i = 0; i < 200'000; ++i) co_await nothing(call);
    for (int i = 0; i < 20'000; ++i) co_await add(call, 1, 1);
    call.append("done");
  }
};

TEST_P(SdkAsync, LoopsNeedNoStack) {
  fake_host host(handler_of<Looping>, {}, GetParam());
  host.limit_call(1h);
  EXPECT_EQ(host.send("x"), fake_reply("done"));
}

task<int> fail_after(asyncd::call call, std::chrono::nanoseconds time, const char* why) {
  co_await call.sleep(time);
  throw std::runtime_error(why);
}
task<> sleep_for(asyncd::call call, std::chrono::nanoseconds time) { co_await call.sleep(time); }

struct Gathering {
  task<> on_message(asyncd::call call) const {
    if (call.message() == "fail") {
      co_await asyncd::when_all(sleep_for(call, 3s), fail_after(call, 2s, "two"),
                                fail_after(call, 1s, "one"));
    } else if (call.message() == "many") {
      std::vector<task<int>> tasks;
      for (int i = 0; i < 20; ++i)
        tasks.push_back(i % 2 == 0 ? add(call, i, i) : fail_after(call, 1s, "odd"));
      co_await asyncd::when_all(tasks);
      int sum = 0, failed = 0;
      for (task<int>& each : tasks) try {
          sum += each.take();
        } catch (const std::runtime_error&) {
          ++failed;
        }
      call.append(std::to_string(sum) + " " + std::to_string(failed));
      std::vector<task<>> none;
      co_await asyncd::when_all(none);
    } else {
      const auto [one, two, three] =
          co_await asyncd::when_all(add(call, 1, 2), sleep_for(call, 1s), make(call, "text"));
      call.append(std::to_string(one) + *three);
    }
  }
};

TEST_P(SdkAsync, WhenAllWaitsForTheLast) {
  fake_host host(handler_of<Gathering>, {}, GetParam());
  const bool deferred = GetParam() == asyncd::fake_mode::deferred;
  EXPECT_EQ(host.send("x"), fake_reply("3text"));
  EXPECT_EQ(host.now(), deferred ? 1s : 1002ms);
  EXPECT_EQ(host.send("fail"), asyncd::fake_failure());
  EXPECT_EQ(host.log().back().text, "handler failed: two");
  EXPECT_EQ(host.now(), deferred ? 4s : 7002ms) << "no task was left behind";
  EXPECT_EQ(host.send("many"), fake_reply("180 10"));
  for (int operation = 1; operation <= 3; ++operation) {
    host.cancel_at(operation);
    EXPECT_EQ(host.send("x"), fake_error("cancelled"));
  }
}

struct Remembering {
  struct connection {
    int count = 0;
  };
  task<> on_message(asyncd::call call, connection& client) const {
    const int count = ++client.count;
    co_await call.sleep(1ms);
    call.append(std::to_string(count));
  }
};

TEST_P(SdkAsync, HasConnectionsToo) {
  EXPECT_EQ(handler_of<Remembering>.concurrency, std::uint32_t{ASYNCD_PER_CONNECTION});
  EXPECT_EQ(handler_of<Remembering>.flags, std::uint32_t{ASYNCD_ASYNC});
  EXPECT_EQ(handler_of<Sleeping>.concurrency, std::uint32_t{ASYNCD_REENTRANT});
  fake_host host(handler_of<Remembering>, {}, GetParam());
  EXPECT_EQ(host.send("x"), fake_reply("1"));
  EXPECT_EQ(host.send("x"), fake_reply("2"));
  host.reconnect();
  EXPECT_EQ(host.send("x"), fake_reply("1"));
}

TEST(SdkAsyncEnd, AClientThatLeavesEndsTheCallsThatWait) {
  fake_host host(handler_of<Sleeping>, {}, asyncd::fake_mode::deferred);
  const std::size_t one = host.begin("1"), other = host.begin("2");
  host.reconnect();
  EXPECT_EQ(host.answer(one), fake_error("cancelled"));
  EXPECT_EQ(host.answer(other), fake_error("cancelled"));
  host.begin("left to the host's end");
}

TEST_P(SdkAsync, TheCallsOwnTimeEndsWhatHasNone) {
  fake_host host(handler_of<Sleeping>, {}, GetParam());
  host.limit_call(50ms);
  EXPECT_EQ(host.send("x"), fake_error("cancelled"));
}

}  // namespace
