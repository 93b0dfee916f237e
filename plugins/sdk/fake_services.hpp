// fake_services.hpp: a part of fake_host.hpp: the functions of asyncd_host.
//
// Role: what a handler may call, held to the rules. Thread: the fake host's, but host_post any.
// Ownership: the fake host's, which outlives every call.
#ifndef ASYNCD_FAKE_SERVICES_HPP
#define ASYNCD_FAKE_SERVICES_HPP

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "asyncd.h"
#include "fake_call.hpp"
#include "fake_operations.hpp"

namespace asyncd {

// How operations end: when they have been begun, as where threads may block, or later, as on event
// loops.
enum class fake_mode { immediate, deferred };

struct fake_log_line {
  std::int32_t level = 0;
  std::string text;
  bool with_call = false;

  bool operator==(const fake_log_line&) const = default;
};

struct fake_services {
  explicit fake_services(fake_mode wanted) : mode(wanted) {
    functions.size = sizeof functions;
    functions.abi_minor = ASYNCD_ABI_MINOR;
    functions.host_reply_reserve = reply_reserve;
    functions.host_log = write_log;
    functions.host_submit = submit;
    functions.host_finish = finish;
    functions.host_ticket = ticket;
    functions.host_post = fake_operations::post;
    functions.host_allocate = allocate;
    functions.host_release = release;
  }

  // Whose hooks run on this thread: a log line without a call does not say.
  static inline thread_local fake_services* current = nullptr;

  const fake_mode mode;
  const std::thread::id thread = std::this_thread::get_id();
  asyncd_host functions{};
  std::uint64_t reply_limit = std::uint64_t{1} << 20;
  std::uint64_t first_window = 256;
  std::uint64_t memory_limit = std::uint64_t{1} << 20;
  std::int64_t call_limit = 30'000'000'000;
  bool connection_failed = false;
  fake_breaches breaches;
  fake_operations operations;
  std::vector<fake_log_line> log;

 private:
  static fake_services& of(asyncd_call* call) { return static_cast<fake_call*>(call)->owner; }

  // The call, where a function may be used on it now.
  static fake_call* usable(asyncd_call* call, const char* function) {
    fake_services& services = of(call);
    std::string wrong;
    if (services.thread != std::this_thread::get_id()) wrong = "on another thread than the hooks'";
    if (static_cast<fake_call*>(call)->now == fake_call::state::ended)
      wrong = "on a call that has ended";
    if (wrong.empty()) return static_cast<fake_call*>(call);
    services.breaches.push_back(std::string(function) + " " + wrong);
    return nullptr;
  }

  static std::int32_t reply_reserve(asyncd_call* raw, std::uint64_t bytes) {
    fake_call* const call = usable(raw, "host_reply_reserve");
    if (call == nullptr || bytes > of(raw).reply_limit) return -1;
    if (bytes > call->window_size) call->move_window(bytes);
    return 0;
  }

  static void write_log(asyncd_call* call, std::int32_t level, const char* text,
                        std::uint64_t size) {
    if (current != nullptr)
      current->log.push_back({level, std::string(text, size), call != nullptr});
  }

  static std::int32_t submit(asyncd_call* raw, asyncd_op* op) {
    fake_call* const call = usable(raw, "host_submit");
    if (call == nullptr) {
      op->result = ASYNCD_CANCELLED;
      return 0;
    }
    fake_services& services = of(raw);
    if (!services.operations.begin(*call, *op)) return 0;
    if (services.mode == fake_mode::immediate) services.operations.end_last();
    call->move_window(call->window_size);
    return services.mode == fake_mode::immediate ? 0 : ASYNCD_PENDING;
  }

  static void finish(asyncd_call* raw, std::int32_t outcome) {
    fake_call* const call = usable(raw, "host_finish");
    if (call == nullptr) return;
    if (call->now == fake_call::state::in_message_hook) {
      call->breach("host_finish in the message hook, which has not returned ASYNCD_PENDING yet");
      return;
    }
    of(raw).end(*call, outcome);
  }

  static std::uint64_t ticket(asyncd_call* raw) {
    fake_call* const call = usable(raw, "host_ticket");
    return call == nullptr || of(raw).memory_limit == 0 ? 0 : of(raw).operations.ticket(*call);
  }

  static void* allocate(asyncd_call* raw, std::uint64_t bytes) {
    fake_call* const call = usable(raw, "host_allocate");
    if (call == nullptr || call->allocated + bytes > of(raw).memory_limit) return nullptr;
    return call->allocate(bytes);
  }

  static void release(asyncd_call* raw, void* memory, std::uint64_t bytes) {
    fake_call* const call = usable(raw, "host_release");
    if (call != nullptr) call->release(memory, bytes);
  }

 public:
  void end(fake_call& call, std::int32_t outcome) {
    if (operations.count_of(call) != 0)
      call.breach("the call has ended with an operation under way");
    operations.forget(call);
    connection_failed = connection_failed || outcome == ASYNCD_HANDLER_FAILED;
    call.end(outcome);
  }
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_SERVICES_HPP
