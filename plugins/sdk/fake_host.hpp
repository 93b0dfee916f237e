// fake_host.hpp: serves a handler without asyncd, for the tests of its author. Header-only, no test
// framework.
//
//     asyncd::fake_host host(asyncd_plugin_v1, {{"text", "Good day"}});      or
//     asyncd::handler_of<MyHandler> assert(host.created()); assert(host.send("anything") ==
//     asyncd::fake_reply("Good day"));
//
// A handler that waits is served in two modes, as by the two kinds of backends: immediate, where
// operations have ended when they have been begun, and deferred, where they end later. Time is the
// host's own: a sleep takes none, and what other servers do is what the test says
// (fake_upstream.hpp).
//
//     asyncd::fake_host host(asyncd_plugin_v1, {{"delay", "1h"}}, asyncd::fake_mode::deferred);
//     host.upstream("10.0.0.1:80").answers("42\n").after(100ms);
//
// Role: does what asyncd does for one connection of one thread, and throws std::logic_error where a
// handler breaks the rules of asyncd.h. Thread: all calls of one fake host on one thread; handlers
// may post from any. Ownership: owns the handler's object; the plugin must outlive it.
#ifndef ASYNCD_FAKE_HOST_HPP
#define ASYNCD_FAKE_HOST_HPP

#include "asyncd_language.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asyncd.h"
#include "fake_call.hpp"
#include "fake_operations.hpp"
#include "fake_options.hpp"
#include "fake_services.hpp"
#include "fake_upstream.hpp"

namespace asyncd {

inline fake_answer fake_reply(std::string_view text) {
  return {ASYNCD_REPLY, std::string(text), false};
}
inline fake_answer fake_error(std::string_view text) {
  return {ASYNCD_ERROR, std::string(text), false};
}
inline fake_answer fake_silence() { return {}; }
// What asyncd answers for a handler that has thrown: its connection ends.
inline fake_answer fake_failure() { return {ASYNCD_ERROR, "handler failed", true}; }

inline std::ostream& operator<<(std::ostream& out, const fake_answer& answer) {
  if (answer.outcome == ASYNCD_NO_REPLY) return out << "no reply";
  return out << (answer.outcome == ASYNCD_ERROR ? "error: " : "reply: ") << answer.text
             << (answer.close ? ", close" : "");
}

class fake_host {
 public:
  using option_texts = fake_options::texts;
  using nanoseconds = std::chrono::nanoseconds;

  explicit fake_host(const asyncd_handler& handler, option_texts given = {},
                     fake_mode mode = fake_mode::immediate)
      : handler_(handler), options_(handler, std::move(given)), services_(mode) {
    start();
  }
  // The handler of that name, or the first.
  explicit fake_host(const asyncd_plugin& plugin, option_texts given = {},
                     std::string_view name = {})
      : fake_host(find(plugin, name), std::move(given)) {}
  fake_host(const asyncd_plugin& plugin, option_texts given, fake_mode mode,
            std::string_view name = {})
      : fake_host(find(plugin, name), std::move(given), mode) {}
  fake_host(const fake_host&) = delete;
  fake_host& operator=(const fake_host&) = delete;
  ~fake_host() {
    make_current();
    if (!created_) return;
    close_connection();
    if (has_worker_ && handler_.worker_destroy != nullptr) handler_.worker_destroy(self_, worker_);
    if (handler_.destroy != nullptr) handler_.destroy(self_);
    fake_services::current = nullptr;
    if (services_.breaches.size() == reported_) return;
    std::fprintf(stderr, "fake_host: %s\n", told().c_str());
    std::abort();
  }

  // Whether the handler serves; else why not, in its own words or the host's.
  bool created() const { return created_; }
  const std::string& refusal() const { return refusal_; }

  // One message of the connection, and what it came to. After a failure it is the first of another
  // connection.
  fake_answer send(std::string_view message) { return answer(begin(message)); }

  // The same in two steps, for several at once: they go on while any of them is waited for.
  std::size_t begin(std::string_view message) {
    if (services_.connection_failed) reconnect();
    if (!connected_) throw std::logic_error("no connection: " + refusal_);
    make_current();
    calls_.push_back(std::make_unique<fake_call>(services_, services_.breaches, services_.functions,
                                                 message, services_.first_window));
    fake_call& call = *calls_.back();
    call.worker = worker_;
    call.connection = connection_;
    call.deadline = services_.operations.now() + services_.call_limit;
    const std::int32_t outcome = handler_.message(self_, &call);
    if (outcome != ASYNCD_PENDING) {
      services_.end(call, outcome);
    } else if (call.now == fake_call::state::in_message_hook) {
      call.now = fake_call::state::pending;
      check_pending(call);
    }
    return calls_.size() - 1;
  }
  fake_answer answer(std::size_t begun) {
    run_until_ended(*calls_.at(begun));
    report();
    return calls_[begun]->answer;
  }

  // Bytes as they come to a listener with framing = "handler": what goes back, up to its end.
  std::string exchange(std::string_view bytes) {
    rest_ += bytes;
    std::string replies;
    for (asyncd_frame found{}; !ended_ && next_frame(found);) {
      const std::string message = rest_.substr(found.message_offset, found.message_size);
      rest_.erase(0, found.total);
      const fake_answer got = send(message);
      replies += (got.outcome == ASYNCD_ERROR ? "error: " : "") + got.text;
      ended_ = got.close;
    }
    return replies;
  }
  // Whether the handler has ended the connection, as far as exchange() knows.
  bool ended() const { return ended_; }

  // The client leaves, and another one comes.
  void reconnect() {
    make_current();
    close_connection();
    open_connection();
    report();
  }

  // The longest reply that the listener allows, and how much of it there is room for before the
  // handler asks for more.
  void limit_reply(std::uint64_t bytes) { services_.reply_limit = bytes; }
  void offer_window(std::uint64_t bytes) {
    services_.first_window = std::max<std::uint64_t>(bytes, 256);
  }
  // How much memory a call may have from host_allocate at a time; with none there are no tickets,
  // either.
  void limit_memory(std::uint64_t bytes) { services_.memory_limit = bytes; }
  // How long a call may wait, all in all, before it is cancelled.
  void limit_call(nanoseconds limit) { services_.call_limit = limit.count(); }

  // What listens at the address: without a word about it, a server that takes all and says nothing.
  fake_upstream& upstream(std::string_view address) {
    return services_.operations.upstream(address);
  }

  // Cancels the call that begins the k-th operation from now on, right there; or all that wait now.
  void cancel_at(int operation) { services_.operations.cancel_at(operation); }
  void cancel_all() {
    make_current();
    for (const auto& call : calls_)
      if (call->now == fake_call::state::pending) cancel(*call);
    for (const auto& call : calls_) run_until_ended(*call);
  }

  // The time that has passed, and how many operations were begun.
  nanoseconds now() const { return nanoseconds(services_.operations.now()); }
  std::size_t operations() const { return services_.operations.begun(); }

  // What was done against the rules, also told by the std::logic_error that the next answer throws.
  const fake_breaches& breaches() const { return services_.breaches; }

  const std::vector<fake_log_line>& log() const { return services_.log; }

 private:
  struct fake_setup : asyncd_setup {
    explicit fake_setup(fake_host& serving)
        : asyncd_setup{sizeof(asyncd_setup), 0, &serving.services_.functions}, owner(serving) {}
    fake_host& owner;
  };

  static const asyncd_handler& find(const asyncd_plugin& plugin, std::string_view name) {
    for (std::uint32_t i = 0; i < plugin.handler_count; ++i)
      if (name.empty() || name == plugin.handlers[i]->name) return *plugin.handlers[i];
    throw std::invalid_argument("the plugin has no handler " + std::string(name));
  }

  void make_current() { fake_services::current = &services_; }

  void start() {
    services_.functions.host_option_integer = option_integer;
    services_.functions.host_option_text = option_text;
    services_.functions.host_refuse = refuse;
    refusal_ = mistake_in_description();
    if (refusal_.empty()) refusal_ = options_.mistake();
    if (!refusal_.empty()) return;
    make_current();
    fake_setup setup(*this);
    const std::int32_t failed = handler_.create == nullptr ? 0 : handler_.create(&setup, &self_);
    if (failed != 0 && refusal_.empty()) refusal_ = "create failed without a reason";
    created_ = failed == 0;
    if (!created_) return;
    if (!refusal_.empty()) {
      if (handler_.destroy != nullptr) handler_.destroy(self_);
      created_ = false;
      return;
    }
    has_worker_ = handler_.worker_create == nullptr || handler_.worker_create(self_, &worker_) == 0;
    if (!has_worker_) refusal_ = "worker_create failed";
    open_connection();
  }

  std::string mistake_in_description() const {
    if (handler_.size < sizeof(asyncd_handler)) return "the handler's size is wrong";
    if (handler_.name == nullptr || handler_.message == nullptr)
      return "a handler needs a name and a message hook";
    if (handler_.concurrency > ASYNCD_SERIAL)
      return "the handler's concurrency is none of ASYNCD_REENTRANT, ASYNCD_PER_CONNECTION, "
             "ASYNCD_SERIAL";
    if ((handler_.flags & ~std::uint32_t{ASYNCD_ASYNC}) != 0)
      return "the handler has unknown flags";
    return {};
  }

  void open_connection() {
    connection_ = nullptr;
    rest_.clear();
    ended_ = services_.connection_failed = false;
    connected_ = has_worker_ && (handler_.connection_open == nullptr ||
                                 handler_.connection_open(self_, worker_, &connection_) == 0);
    if (has_worker_ && !connected_) refusal_ = "connection_open failed";
  }

  // Calls that still wait are cancelled: their client has gone.
  void close_connection() {
    cancel_all();
    if (connected_ && handler_.connection_close != nullptr)
      handler_.connection_close(self_, worker_, connection_);
    connected_ = false;
  }

  void cancel(fake_call& call) {
    if (std::exchange(call.told_cancelled, true)) return;
    call.cancelled = true;
    if (handler_.cancel != nullptr) handler_.cancel(self_, &call);
  }

  void check_pending(fake_call& call) {
    if (call.now != fake_call::state::pending || services_.operations.count_of(call) != 0) return;
    call.breach((handler_.flags & ASYNCD_ASYNC) == 0
                    ? "it returned ASYNCD_PENDING, but it is not asynchronous"
                    : "the call is pending without an operation under way");
    services_.end(call, ASYNCD_NO_REPLY);
  }

  void run_until_ended(fake_call& call) {
    if (call.now != fake_call::state::pending) return;
    make_current();
    for (const auto& each : calls_)
      if (each->cancelled && each->now == fake_call::state::pending) cancel(*each);
    constexpr int most_steps = 10'000'000;
    for (int i = 0; call.now == fake_call::state::pending; ++i) {
      if (i == most_steps) throw std::logic_error("the call does not end");
      asyncd_op* const ended = services_.operations.step();
      if (ended == nullptr) continue;
      fake_call& theirs = *services_.operations.call_of_last();
      theirs.move_window(theirs.window_size);
      ended->done(ended->context, ended);
      check_pending(theirs);
      if (theirs.cancelled && theirs.now == fake_call::state::pending) cancel(theirs);
    }
  }

  std::string told() const {
    std::string all = "the handler breaks the rules of asyncd.h: ";
    for (const std::string& each : services_.breaches)
      all += (&each == services_.breaches.data() ? "" : "; ") + each;
    return all;
  }

  // Each breach once; one that was not reported by the end ends the program.
  void report() {
    if (std::exchange(reported_, services_.breaches.size()) != services_.breaches.size())
      throw std::logic_error(told());
  }

  bool next_frame(asyncd_frame& found) {
    if (handler_.frame == nullptr) throw std::logic_error("the handler has no frame hook");
    if (rest_.empty()) return false;
    const std::vector<char> exactly(rest_.begin(), rest_.end());
    found = {sizeof found, 0, 0, 0, 0, 0};
    if (handler_.frame(self_, exactly.data(), exactly.size(), &found) != 0) {
      ended_ = true;
      return false;
    }
    if (found.total > exactly.size() ||
        (found.total == 0 && found.needed != 0 && found.needed <= exactly.size()))
      throw std::logic_error(
          "the frame hook takes bytes that are not there, or asks for those that are");
    if (found.total != 0 && (found.message_offset > found.total ||
                             found.message_size > found.total - found.message_offset))
      throw std::logic_error("the frame hook found a message outside of its frame");
    return found.total != 0;
  }

  static std::int64_t option_integer(asyncd_setup* setup, const char* key) {
    auto& owner = static_cast<fake_setup*>(setup)->owner;
    const auto text = owner.look_up(key, false);
    if (!text) return 0;
    const auto value = fake_options::to_integer(owner.options_.find(key)->type, *text);
    if (!value) owner.refusal_ = "bad fallback for option " + std::string(key);
    return value.value_or(0);
  }

  static const char* option_text(asyncd_setup* setup, const char* key, std::uint64_t* size) {
    const auto text =
        static_cast<fake_setup*>(setup)->owner.look_up(key, true).value_or(std::string_view());
    *size = text.size();
    return text.data() == nullptr ? "" : text.data();
  }

  std::optional<std::string_view> look_up(std::string_view key, bool is_text) {
    const auto text = options_.look_up(key, is_text);
    if (!text)
      refusal_ = "the handler asked for an option that it does not declare so: " + std::string(key);
    return text;
  }

  static std::int32_t refuse(asyncd_setup* setup, const char* why, std::uint64_t size) {
    static_cast<fake_setup*>(setup)->owner.refusal_.assign(why, size);
    return -1;
  }

  const asyncd_handler& handler_;
  const fake_options options_;
  fake_services services_;
  void* self_ = nullptr;
  void* worker_ = nullptr;
  void* connection_ = nullptr;
  bool created_ = false;
  bool has_worker_ = false;
  bool connected_ = false;
  bool ended_ = false;
  std::size_t reported_ = 0;
  std::string rest_;
  std::string refusal_;
  std::vector<std::unique_ptr<fake_call>> calls_;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_HOST_HPP
