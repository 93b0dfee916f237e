// Externals: completed by other threads before, during and after the wait, or never.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "modes.h"
#include "sdk/asyncd_async.hpp"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_reply;
using asyncd::handler_of;
using asyncd::task;
using namespace std::chrono_literals;

class SdkExternal : public InBothModes {};
INSTANTIATE_TEST_SUITE_P(Modes, SdkExternal, both_modes(), name_of_mode);

// Has threads of its own, as the client of some database might; they end with it.
class Threads {
 public:
  ~Threads() {
    for (std::thread& each : threads_) each.join();
  }
  template <class Work>
  void run(Work work) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back(std::move(work));
  }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

struct Waiting {
  task<> on_message(asyncd::call call) {
    if (call.message() == "nothing") return wait_for_nothing(call);
    return call.message() == "slow" ? wait_too_short(call) : wait_for_text(call);
  }

  task<> wait_for_text(asyncd::call call) {
    asyncd::external<std::string> text = call.external<std::string>();
    threads.run([completer = text.completer()]() mutable {
      if (!completer.complete(std::string(40, 'x'))) throw std::logic_error("it is in time");
      if (completer.complete("again")) throw std::logic_error("complete already");
    });
    call.append(co_await text.wait(10min));
  }

  task<> wait_too_short(asyncd::call call) {
    asyncd::external<std::string> text = call.external<std::string>();
    const auto over = std::make_shared<std::atomic<bool>>(false);
    threads.run([completer = text.completer(), over]() mutable {
      while (!*over) std::this_thread::sleep_for(1ms);
      if (completer.complete("late")) throw std::logic_error("it is too late");
    });
    try {
      call.append(co_await text.wait(1ms));
    } catch (...) {
      *over = true;
      throw;
    }
  }

  task<> wait_for_nothing(asyncd::call call) {
    asyncd::external<> end = call.external();
    asyncd::completer<> completer = end.completer();
    if (!completer.complete() || completer.complete())
      throw std::logic_error("it is completed once");
    co_await end.wait();
    call.append("done");
  }

  Threads threads;
};

TEST_P(SdkExternal, AThreadGivesTheValue) {
  fake_host host(handler_of<Waiting>, {}, GetParam());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(host.send("quick"), fake_reply(std::string(40, 'x')));
}

TEST_P(SdkExternal, MayBeCompletedBeforeItIsAwaited) {
  fake_host host(handler_of<Waiting>, {}, GetParam());
  EXPECT_EQ(host.send("nothing"), fake_reply("done"));
}

TEST_P(SdkExternal, TooLateIsTooLate) {
  fake_host host(handler_of<Waiting>, {}, GetParam());
  EXPECT_EQ(host.send("slow"), fake_error("timed out"));
  EXPECT_EQ(host.log().back().text, "external: timed out");
}

TEST_P(SdkExternal, ACancelledWaitLeavesTheCompleterAlone) {
  fake_host host(handler_of<Waiting>, {}, GetParam());
  host.cancel_at(1);
  EXPECT_EQ(host.send("nothing"), fake_error("cancelled"));
}

TEST_P(SdkExternal, WithoutMemoryThereIsNone) {
  fake_host host(handler_of<Waiting>, {}, GetParam());
  host.limit_memory(0);
  EXPECT_EQ(host.send("nothing"), asyncd::fake_failure());
}

struct Twice {
  task<> on_message(asyncd::call call) const {
    asyncd::external<int> once = call.external<int>();
    once.completer().complete(7);
    const int first = co_await once.wait();
    call.append(std::to_string(first + co_await once.wait()));
  }
};

TEST_P(SdkExternal, HasOneWait) {
  fake_host host(handler_of<Twice>, {}, GetParam());
  EXPECT_EQ(host.send("x"), asyncd::fake_failure());
  EXPECT_EQ(host.log().back().text, "handler failed: an external has one wait");
}

// Time-outs and completions that happen at the same time: one of both, and the completer knows
// which.
struct Racing {
  task<> on_message(asyncd::call call) {
    asyncd::external<int> number = call.external<int>();
    const auto work = [completer = number.completer(), this]() mutable {
      std::this_thread::sleep_for(200us);
      completed += completer.complete(1) ? 1 : 0;
    };
    threads.run(work);
    try {
      received += co_await number.wait(300us);
    } catch (const asyncd::operation_error& failure) {
      if (failure.result() != asyncd::operation_result::timed_out) throw;
    }
    call.append(std::to_string(received));
  }
  ~Racing() { EXPECT_LE(received, 200); }

  std::atomic<int> completed = 0;
  int received = 0;
  Threads threads;
};

TEST_P(SdkExternal, ATimeoutMayRaceWithACompletion) {
  fake_host host(handler_of<Racing>, {}, GetParam());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(host.send("x").outcome, ASYNCD_REPLY);
}

struct ManyAtOnce {
  task<> on_message(asyncd::call call) {
    std::vector<task<int>> waits;
    for (int i = 0; i < 8; ++i) waits.push_back(wait(call, i));
    co_await asyncd::when_all(waits);
    int sum = 0;
    for (task<int>& each : waits) sum += each.take();
    call.append(std::to_string(sum));
  }
  task<int> wait(asyncd::call call, int number) {
    asyncd::external<int> result = call.external<int>();
    const auto work = [completer = result.completer(), number]() mutable {
      completer.complete(number);
    };
    threads.run(work);
    co_return co_await result.wait(10s);
  }

  Threads threads;
};

TEST_P(SdkExternal, SeveralThreadsCompleteSeveralWaits) {
  fake_host host(handler_of<ManyAtOnce>, {}, GetParam());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(host.send("x"), fake_reply("28"));
}

}  // namespace
