// In the steady state a message of a handler that waits allocates nothing: what it needs is the
// call's memory.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "count_allocations.h"
#include "sdk/asyncd_async.hpp"

namespace {

using asyncd::task;
using namespace std::chrono_literals;

// The least of a host: memory as from a slab, and operations that end later, or at once.
struct Bare {
  static inline std::array<std::byte, 1 << 16> memory;
  static inline std::size_t used = 0, live = 0;
  static inline std::array<asyncd_op*, 16> waiting;
  static inline std::size_t count = 0;
  static inline bool deferred = false;
  static inline int finished = 0;

  static void end(asyncd_op& op) {
    op.result = ASYNCD_OK;
    if (op.kind == ASYNCD_OP_OFFLOAD) op.work(op.work_context);
    if (op.kind == ASYNCD_OP_CONNECT) op.stream = reinterpret_cast<asyncd_stream*>(&op);
    if (op.kind == ASYNCD_OP_READ)
      op.transferred = std::string_view("answer\n").copy(op.data, op.data_size);
  }
  static std::int32_t submit(asyncd_call*, asyncd_op* op) {
    if (deferred) {
      waiting[count++] = op;
      return ASYNCD_PENDING;
    }
    end(*op);
    return 0;
  }
  static void run() {
    while (count != 0) {
      asyncd_op* const op = waiting[--count];
      end(*op);
      op->done(op->context, op);
    }
  }
  static void* allocate(asyncd_call*, std::uint64_t bytes) {
    void* const at = memory.data() + used;
    used += (bytes + 15) / 16 * 16;
    ++live;
    return used <= memory.size() ? at : nullptr;
  }
  static void release(asyncd_call*, void*, std::uint64_t) {
    if (--live == 0) used = 0;
  }
};

task<int> number(asyncd::call call, int value) {
  co_await call.sleep(1ms);
  co_return value;
}

struct Busy {
  task<> on_message(asyncd::call call) const {
    co_await call.sleep(1ms);
    asyncd::stream stream = co_await call.connect("server:80", 1s);
    co_await stream.write(call.message(), 1s);
    const auto line = co_await stream.read_until("\n", 100, 1s);
    call.append(line.value_or("none"));
    const auto [one, two] = co_await asyncd::when_all(number(call, 1), number(call, 2));
    std::vector<task<int>, asyncd::call_allocator<task<int>>> several(call.allocator<task<int>>());
    several.reserve(2);
    several.push_back(number(call, one));
    several.push_back(number(call, two));
    co_await asyncd::when_all(several);
    const int sum = co_await call.offload([first = one, second = two] { return first + second; });
    asyncd::external<> end = call.external();
    end.completer().complete();
    co_await end.wait();
    co_await call.flush();
    call.append(static_cast<char>('0' + sum));
    co_await stream.close();
  }
};

TEST(SdkAsyncAllocation, NoneForAMessage) {
  asyncd_host host{};
  host.size = sizeof host;
  host.host_submit = Bare::submit;
  host.host_finish = [](asyncd_call*, std::int32_t) { ++Bare::finished; };
  host.host_ticket = [](asyncd_call*) -> std::uint64_t { return 1; };
  host.host_post = [](std::uint64_t) -> std::int32_t { return 0; };
  host.host_allocate = Bare::allocate;
  host.host_release = Bare::release;
  Busy busy;
  std::array<char, 256> window;
  for (const bool deferred : {false, true}) {
    Bare::deferred = deferred;
    Bare::finished = 0;
    asyncd_call call{};
    call.size = sizeof call;
    call.host = &host;
    call.message = "question\n";
    call.message_size = 9;
    call.window = window.data();
    call.window_size = window.size();
    const std::size_t before = count_allocations();
    const std::int32_t outcome = asyncd::handler_of<Busy>.message(&busy, &call);
    Bare::run();
    const std::size_t after = count_allocations();
    EXPECT_EQ(after, before);
    EXPECT_EQ(outcome, deferred ? ASYNCD_PENDING : ASYNCD_REPLY);
    EXPECT_EQ(Bare::finished, deferred ? 1 : 0);
    EXPECT_EQ(std::string_view(call.window, call.reply_size), "answer3");
    EXPECT_EQ(Bare::live, 0u);
  }
}

}  // namespace
