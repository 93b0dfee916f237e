// fake_host.hpp: serves a handler without asyncd, for the tests of its author. Header-only, no test framework.
//
//     asyncd::fake_host host(asyncd_plugin_v1, {{"text", "Good day"}});      or asyncd::handler_of<MyHandler>
//     assert(host.created());
//     assert(host.send("anything") == asyncd::fake_reply("Good day"));
//
// Role: does what asyncd does for one connection of one thread. Message and window are allocations of exactly their
// size, so that AddressSanitizer sees a handler that reads or writes outside of them. Thread: all calls of one fake
// host on one thread. Ownership: owns the handler's object; the plugin must outlive it.
#ifndef ASYNCD_FAKE_HOST_HPP
#define ASYNCD_FAKE_HOST_HPP

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "asyncd.h"

namespace asyncd {

// What a message came to: ASYNCD_REPLY, ASYNCD_NO_REPLY or ASYNCD_ERROR, and the text; an error's is without "error: ".
struct fake_answer {
  std::int32_t outcome = ASYNCD_NO_REPLY;
  std::string text;
  bool close = false;

  bool operator==(const fake_answer&) const = default;
};

inline fake_answer fake_reply(std::string_view text) { return {ASYNCD_REPLY, std::string(text), false}; }
inline fake_answer fake_error(std::string_view text) { return {ASYNCD_ERROR, std::string(text), false}; }
inline fake_answer fake_silence() { return {}; }

inline std::ostream& operator<<(std::ostream& out, const fake_answer& answer) {
  if (answer.outcome == ASYNCD_NO_REPLY) return out << "no reply";
  return out << (answer.outcome == ASYNCD_ERROR ? "error: " : "reply: ") << answer.text
             << (answer.close ? ", close" : "");
}

struct fake_log_line {
  std::int32_t level = 0;
  std::string text;
  bool with_call = false;

  bool operator==(const fake_log_line&) const = default;
};

class fake_host {
 public:
  using option_texts = std::map<std::string, std::string, std::less<>>;

  explicit fake_host(const asyncd_handler& handler, option_texts given = {})
      : handler_(handler), given_(std::move(given)) {
    start();
  }
  // The handler of that name, or the first.
  explicit fake_host(const asyncd_plugin& plugin, option_texts given = {}, std::string_view name = {})
      : fake_host(find(plugin, name), std::move(given)) {}
  fake_host(const fake_host&) = delete;
  fake_host& operator=(const fake_host&) = delete;
  ~fake_host() {
    current_ = created_ ? this : nullptr;
    if (!created_) return;
    close_connection();
    if (has_worker_ && handler_.worker_destroy != nullptr) handler_.worker_destroy(self_, worker_);
    if (handler_.destroy != nullptr) handler_.destroy(self_);
    current_ = nullptr;
  }

  // Whether the handler serves; else why not, in its own words or the host's.
  bool created() const { return created_; }
  const std::string& refusal() const { return refusal_; }

  // One message of the connection.
  fake_answer send(std::string_view message) {
    if (!connected_) throw std::logic_error("no connection: " + refusal_);
    current_ = this;
    fake_call call(*this, message);
    const std::int32_t outcome = handler_.message(self_, &call);
    if (call.reply_size > call.window_size) throw std::logic_error("the reply is longer than its window");
    fake_answer answer{outcome, {}, (call.flags & ASYNCD_CLOSE) != 0};
    if (outcome == ASYNCD_REPLY || outcome == ASYNCD_ERROR)
      answer.text.assign(call.window, call.reply_size);
    else if (outcome != ASYNCD_NO_REPLY)
      throw std::logic_error("the message hook returned " + std::to_string(outcome));
    return answer;
  }

  // The client leaves, and another one comes.
  void reconnect() {
    current_ = this;
    close_connection();
    open_connection();
  }

  // The longest reply that the listener allows, and how much of it there is room for before the handler asks for more.
  void limit_reply(std::uint64_t bytes) { reply_limit_ = bytes; }
  void offer_window(std::uint64_t bytes) { first_window_ = std::max<std::uint64_t>(bytes, 256); }

  const std::vector<fake_log_line>& log() const { return log_; }

 private:
  struct fake_setup : asyncd_setup {
    explicit fake_setup(fake_host& serving)
        : asyncd_setup{sizeof(asyncd_setup), 0, &serving.functions_}, owner(serving) {}
    fake_host& owner;
  };

  struct fake_call : asyncd_call {
    fake_call(fake_host& serving, std::string_view text)
        : asyncd_call{}, owner(serving), bytes(new char[text.size()]), room(new char[serving.first_window_]) {
      std::copy(text.begin(), text.end(), bytes.get());
      size = sizeof(asyncd_call);
      host = &serving.functions_;
      message = bytes.get();
      message_size = text.size();
      window = room.get();
      window_size = serving.first_window_;
      worker = serving.worker_;
      connection = serving.connection_;
    }
    fake_host& owner;
    std::unique_ptr<char[]> bytes;
    std::unique_ptr<char[]> room;
  };

  static const asyncd_handler& find(const asyncd_plugin& plugin, std::string_view name) {
    for (std::uint32_t i = 0; i < plugin.handler_count; ++i)
      if (name.empty() || name == plugin.handlers[i]->name) return *plugin.handlers[i];
    throw std::invalid_argument("the plugin has no handler " + std::string(name));
  }

  void start() {
    functions_ = {sizeof(asyncd_host), ASYNCD_ABI_MINOR, reply_reserve, write_log, option_integer, option_text, refuse};
    if (!is_well_described() || !options_are_declared()) return;
    current_ = this;
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

  bool is_well_described() {
    if (handler_.size < sizeof(asyncd_handler))
      refusal_ = "the handler's size is wrong";
    else if (handler_.name == nullptr || handler_.message == nullptr)
      refusal_ = "a handler needs a name and a message hook";
    else if (handler_.concurrency > ASYNCD_SERIAL)
      refusal_ = "the handler's concurrency is none of ASYNCD_REENTRANT, ASYNCD_PER_CONNECTION, ASYNCD_SERIAL";
    else if ((handler_.flags & ASYNCD_ASYNC) != 0)
      refusal_ = "asynchronous handlers cannot be served yet";
    return refusal_.empty();
  }

  bool options_are_declared() {
    for (const auto& [key, text] : given_) {
      const asyncd_option* option = find_option(key);
      if (option == nullptr)
        refusal_ = "the handler has no option " + key;
      else if (option->type != ASYNCD_OPTION_TEXT && !to_integer(option->type, text))
        refusal_ = "bad value for option " + key + ": " + text;
    }
    return refusal_.empty();
  }

  void open_connection() {
    connection_ = nullptr;
    connected_ = has_worker_ &&
                 (handler_.connection_open == nullptr || handler_.connection_open(self_, worker_, &connection_) == 0);
    if (has_worker_ && !connected_) refusal_ = "connection_open failed";
  }

  void close_connection() {
    if (connected_ && handler_.connection_close != nullptr) handler_.connection_close(self_, worker_, connection_);
    connected_ = false;
  }

  const asyncd_option* find_option(std::string_view key) const {
    const auto* at = reinterpret_cast<const char*>(handler_.options);
    for (std::uint32_t i = 0; i < handler_.option_count; ++i) {
      const auto* option = reinterpret_cast<const asyncd_option*>(at);
      if (option->key == key) return option;
      at += option->size;
    }
    return nullptr;
  }

  // The text of a declared option that is, or is not, a text; otherwise the handler is refused.
  std::optional<std::string_view> look_up(std::string_view key, bool is_text) {
    const asyncd_option* option = find_option(key);
    if (option == nullptr || (option->type == ASYNCD_OPTION_TEXT) != is_text) {
      refusal_ = "the handler asked for an option that it does not declare so: " + std::string(key);
      return std::nullopt;
    }
    const auto given = given_.find(key);
    if (given != given_.end()) return given->second;
    return option->fallback == nullptr ? std::string_view() : std::string_view(option->fallback);
  }

  static std::optional<std::int64_t> to_integer(std::uint32_t type, std::string_view text) {
    using Unit = std::pair<std::string_view, std::int64_t>;
    static const std::vector<Unit> durations = {{"ns", 1},         {"us", 1000},       {"ms", 1000000},
                                                {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};
    static const std::vector<Unit> sizes = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    static const std::vector<Unit> plain = {{"", 1}};
    if (type == ASYNCD_OPTION_BOOLEAN) {
      if (text == "true") return 1;
      return text == "false" ? std::optional<std::int64_t>(0) : std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc()) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& known : type == ASYNCD_OPTION_DURATION ? durations : type == ASYNCD_OPTION_SIZE ? sizes : plain)
      if (unit == known.first) return number * known.second;
    return std::nullopt;
  }

  static std::int32_t reply_reserve(asyncd_call* call, std::uint64_t bytes) {
    auto& served = *static_cast<fake_call*>(call);
    if (bytes <= call->window_size) return 0;
    if (bytes > served.owner.reply_limit_) return -1;
    std::unique_ptr<char[]> larger(new char[bytes]);
    std::copy(call->window, call->window + call->reply_size, larger.get());
    served.room = std::move(larger);
    call->window = served.room.get();
    call->window_size = bytes;
    return 0;
  }

  static void write_log(asyncd_call* call, std::int32_t level, const char* text, std::uint64_t size) {
    if (current_ != nullptr) current_->log_.push_back({level, std::string(text, size), call != nullptr});
  }

  static std::int64_t option_integer(asyncd_setup* setup, const char* key) {
    auto& owner = static_cast<fake_setup*>(setup)->owner;
    const auto text = owner.look_up(key, false);
    if (!text) return 0;
    const auto value = to_integer(owner.find_option(key)->type, *text);
    if (!value) owner.refusal_ = "bad fallback for option " + std::string(key);
    return value.value_or(0);
  }

  static const char* option_text(asyncd_setup* setup, const char* key, std::uint64_t* size) {
    const auto text = static_cast<fake_setup*>(setup)->owner.look_up(key, true).value_or(std::string_view());
    *size = text.size();
    return text.data() == nullptr ? "" : text.data();
  }

  static std::int32_t refuse(asyncd_setup* setup, const char* why, std::uint64_t size) {
    static_cast<fake_setup*>(setup)->owner.refusal_.assign(why, size);
    return -1;
  }

  // Whose hooks run on this thread: a log line without a call does not say.
  static inline thread_local fake_host* current_ = nullptr;

  const asyncd_handler& handler_;
  const option_texts given_;
  asyncd_host functions_{};
  std::uint64_t reply_limit_ = std::uint64_t{1} << 20;
  std::uint64_t first_window_ = 256;
  void* self_ = nullptr;
  void* worker_ = nullptr;
  void* connection_ = nullptr;
  bool created_ = false;
  bool has_worker_ = false;
  bool connected_ = false;
  std::string refusal_;
  std::vector<fake_log_line> log_;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_HOST_HPP
