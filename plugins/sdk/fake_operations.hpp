// fake_operations.hpp: a part of fake_host.hpp: what calls wait for, in a time that only it moves.
//
// Role: ends operations at once (immediate), or later and in the order of their times (deferred).
// Nothing sleeps: where nothing else can happen, time goes on to what comes next. Only external
// operations wait for other threads, and in real time. Thread: the fake host's, but post() any.
// Ownership: connections, until they are closed or their call ends.
#ifndef ASYNCD_FAKE_OPERATIONS_HPP
#define ASYNCD_FAKE_OPERATIONS_HPP

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "fake_call.hpp"
#include "fake_upstream.hpp"

namespace asyncd {

class fake_operations {
 public:
  using clock = std::chrono::steady_clock;

  std::int64_t now() const { return now_; }
  fake_upstream& upstream(std::string_view address) { return upstreams_[std::string(address)]; }
  void cancel_at(int operation) { until_cancel_ = operation; }
  std::size_t begun() const { return begun_; }

  // Takes an operation on: false where it may not be begun.
  bool begin(fake_call& call, asyncd_op& op) {
    ++begun_;
    if (until_cancel_ > 0 && --until_cancel_ == 0) call.cancelled = true;
    if (is_under_way(op)) {
      call.breach("host_submit: the operation is under way already");
      return false;
    }
    op.result = ASYNCD_OK;
    op.error = 0;
    op.transferred = 0;
    std::fill(std::begin(op.host_words), std::end(op.host_words), mark);
    if (const std::string wrong = mistake_in(call, op); !wrong.empty()) {
      call.breach("host_submit: " + wrong);
      op.result = ASYNCD_FAILED;
      return false;
    }
    under_way_.push_back({&op, op, &call, now_, clock::now()});
    return true;
  }

  // Ends the one that was begun last, here and now.
  void end_last() {
    const auto last = std::prev(under_way_.end());
    std::optional<std::int32_t> result;
    while (!(result = attempt(*last))) pass_time(wake_of(*last), has_external(*last));
    finish(last, *result);
  }

  // One step of those under way: what ended, or nothing where time has passed only.
  asyncd_op* step() {
    for (auto at = under_way_.begin(); at != under_way_.end(); ++at)
      if (const auto result = attempt(*at)) return finish(at, *result);
    std::int64_t wake = fake_never;
    bool external = false;
    for (const waiting& each : under_way_) {
      wake = std::min(wake, wake_of(each));
      external = external || has_external(each);
    }
    pass_time(wake, external);
    return nullptr;
  }

  // Whose operation the last step has ended.
  fake_call* call_of_last() const { return call_of_last_; }

  std::size_t count_of(const fake_call& call) const {
    return static_cast<std::size_t>(
        std::count_if(under_way_.begin(), under_way_.end(),
                      [&](const waiting& each) { return each.call == &call; }));
  }

  void forget(const fake_call& call) {
    under_way_.remove_if([&](const waiting& each) { return each.call == &call; });
    connections_.remove_if([&](const auto& each) { return &each->owner() == &call; });
    const std::lock_guard lock(mutex_);
    std::erase_if(tickets_, [&](const auto& each) { return each.second.call == &call; });
  }

  std::uint64_t ticket(const fake_call& call) {
    const std::lock_guard lock(mutex_);
    tickets_[++last_ticket_] = {&call};
    return last_ticket_;
  }

  static std::int32_t post(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = tickets_.find(number);
    if (found == tickets_.end() || std::exchange(found->second.posted, true)) return -1;
    posted_.notify_all();
    return 0;
  }

 private:
  static constexpr std::uint64_t mark = 0xa5a5a5a5a5a5a5a5;
  static constexpr std::chrono::seconds patience{20};

  struct waiting {
    asyncd_op* op;
    asyncd_op given;
    fake_call* call;
    std::int64_t begun;
    clock::time_point really_begun;

    std::int64_t timeout_at() const {
      return given.timeout <= 0 ? fake_never : begun + given.timeout;
    }
  };
  struct ticket_state {
    const fake_call* call = nullptr;
    bool posted = false;
  };

  bool is_under_way(const asyncd_op& op) const {
    return std::any_of(under_way_.begin(), under_way_.end(),
                       [&](const waiting& each) { return each.op == &op; });
  }

  fake_connection* find(const asyncd_stream* stream) const {
    for (const auto& each : connections_)
      if (reinterpret_cast<const asyncd_stream*>(each.get()) == stream) return each.get();
    return nullptr;
  }

  std::string mistake_in(const fake_call& call, const asyncd_op& op) {
    if (op.size != sizeof op) return "the operation's size is wrong";
    if (op.kind < ASYNCD_OP_SLEEP || op.kind > ASYNCD_OP_FLUSH)
      return "an operation of an unknown kind";
    if (op.done == nullptr) return "the operation has no done";
    if (op.timeout < 0) return "the operation's timeout is negative";
    if (op.kind == ASYNCD_OP_OFFLOAD && op.work == nullptr) return "there is no work to offload";
    if (op.kind == ASYNCD_OP_EXTERNAL) {
      const std::lock_guard lock(mutex_);
      const auto found = tickets_.find(op.ticket);
      if (found == tickets_.end() || found->second.call != &call)
        return "an external operation needs an unused ticket of its call";
    }
    if (op.kind < ASYNCD_OP_READ || op.kind > ASYNCD_OP_CLOSE) return {};
    const fake_connection* const connection = find(op.stream);
    if (connection == nullptr || &connection->owner() != &call)
      return "the stream is not open, or not the call's";
    for (const waiting& each : under_way_)
      if (each.given.stream == op.stream &&
          (each.given.kind == op.kind || op.kind == ASYNCD_OP_CLOSE))
        return "the stream has such an operation under way";
    return {};
  }

  bool has_external(const waiting& one) const { return one.given.kind == ASYNCD_OP_EXTERNAL; }

  // When there may be something new for it; what another thread will do is unknown.
  std::int64_t wake_of(const waiting& one) {
    if (has_external(one)) return fake_never;
    std::int64_t wake = std::min(one.call->deadline, one.timeout_at());
    if (one.given.kind == ASYNCD_OP_CONNECT) {
      const fake_upstream& to = upstream({one.given.data, one.given.data_size});
      if (!to.hangs_) wake = std::min(wake, one.begun + to.delay_);
    }
    if (one.given.kind == ASYNCD_OP_READ) {
      std::int64_t ready = fake_never;
      asyncd_op probe = one.given;
      probe.data_size = 0;
      (void)find(one.given.stream)->read(probe, now_, &ready);
      wake = std::min(wake, ready);
    }
    return wake;
  }

  void pass_time(std::int64_t wake, bool external) {
    if (wake != fake_never) {
      now_ = std::max(now_, wake);
    } else if (external) {
      std::unique_lock lock(mutex_);
      posted_.wait_for(lock, std::chrono::milliseconds(1));
    }
  }

  // Its result, where it can end now.
  std::optional<std::int32_t> attempt(waiting& one) {
    if (one.call->cancelled ||
        (!has_external(one) && now_ >= one.call->deadline && one.call->deadline > 0))
      return ASYNCD_CANCELLED;
    const std::int32_t result = attempt_kind(one);
    if (result >= 0) return result;
    if (!has_external(one)) {
      if (now_ >= one.timeout_at()) return ASYNCD_TIMED_OUT;
      return std::nullopt;
    }
    const auto waited = clock::now() - one.really_begun;
    if (one.given.timeout > 0 && waited >= std::chrono::nanoseconds(one.given.timeout))
      return ASYNCD_TIMED_OUT;
    if (waited < patience) return std::nullopt;
    one.call->breach("no thread has posted the ticket of an external operation");
    return ASYNCD_CANCELLED;
  }

  std::int32_t attempt_kind(waiting& one) {
    asyncd_op& op = *one.op;
    std::int64_t wake = fake_never;
    switch (one.given.kind) {
      case ASYNCD_OP_SLEEP:
        return now_ >= one.begun + one.given.timeout ? ASYNCD_OK : -1;
      case ASYNCD_OP_EXTERNAL: {
        const std::lock_guard lock(mutex_);
        return tickets_.at(one.given.ticket).posted ? ASYNCD_OK : -1;
      }
      case ASYNCD_OP_OFFLOAD:
        op.work(op.work_context);
        return ASYNCD_OK;
      case ASYNCD_OP_CONNECT:
        return connect(one);
      case ASYNCD_OP_READ:
        return find(op.stream)->read(op, now_, &wake);
      case ASYNCD_OP_WRITE:
        return find(op.stream)->write(op, now_);
      case ASYNCD_OP_CLOSE: {
        fake_connection* const closed = find(op.stream);
        connections_.remove_if([&](const auto& each) { return each.get() == closed; });
        return ASYNCD_OK;
      }
      default:
        one.call->flush();
        return ASYNCD_OK;
    }
  }

  std::int32_t connect(waiting& one) {
    fake_upstream& to = upstream({one.given.data, one.given.data_size});
    if (to.hangs_ || now_ < one.begun + to.delay_) return -1;
    if (to.refusal_ != 0) {
      one.op->error = to.refusal_;
      return ASYNCD_FAILED;
    }
    connections_.push_back(std::make_unique<fake_connection>(to, *one.call, now_));
    one.op->stream = reinterpret_cast<asyncd_stream*>(connections_.back().get());
    return ASYNCD_OK;
  }

  asyncd_op* finish(std::list<waiting>::iterator at, std::int32_t result) {
    const waiting ended = *at;
    under_way_.erase(at);
    call_of_last_ = ended.call;
    asyncd_op& op = *ended.op;
    const asyncd_op& given = ended.given;
    if (op.kind != given.kind || op.done != given.done || op.context != given.context ||
        op.data != given.data || op.data_size != given.data_size || op.timeout != given.timeout ||
        op.ticket != given.ticket ||
        !std::equal(std::begin(op.host_words), std::end(op.host_words),
                    std::begin(given.host_words)))
      ended.call->breach("an operation was changed while it was under way");
    if (given.kind == ASYNCD_OP_EXTERNAL) {
      if (result == ASYNCD_TIMED_OUT) now_ += given.timeout;
      const std::lock_guard lock(mutex_);
      // A post that came between counts: its thread was told so.
      if (tickets_.at(given.ticket).posted && result == ASYNCD_TIMED_OUT) result = ASYNCD_OK;
      tickets_.erase(given.ticket);
    }
    op.result = result;
    return &op;
  }

  std::int64_t now_ = 0;
  std::size_t begun_ = 0;
  int until_cancel_ = 0;
  fake_call* call_of_last_ = nullptr;
  std::map<std::string, fake_upstream, std::less<>> upstreams_;
  std::list<std::unique_ptr<fake_connection>> connections_;
  std::list<waiting> under_way_;
  // Of all fake hosts: who posts a ticket does not say whose it is.
  static inline std::mutex mutex_;
  static inline std::condition_variable posted_;
  static inline std::uint64_t last_ticket_ = 0;
  static inline std::map<std::uint64_t, ticket_state> tickets_;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_OPERATIONS_HPP
