// asyncd.hpp: handlers as C++20 classes, over the C interface of asyncd.h. Header-only.
//
//     #include "asyncd.hpp"
//
//     struct Reverse {
//       static constexpr const char* summary = "Replies with the bytes in reverse order";
//       void on_message(std::string_view message, asyncd::reply& reply) const {
//         char* to = reply.reserve(message.size());
//         if (to != nullptr) reply.commit(std::reverse_copy(message.begin(), message.end(), to) - to);
//       }
//     };
//     ASYNCD_EXPORT_HANDLERS(Reverse);
//
// What a handler class may also have:
//     static constexpr const char* name       else the name of the class: UppercaseEcho is "uppercase-echo"
//     static constexpr const char* version
//     static constexpr asyncd_option options[] = {asyncd::text_option("key", "fallback", "help"), ...};
//     static constexpr auto concurrency = asyncd::concurrency::reentrant;
//         else what on_message promises: const is reentrant (per_connection with a connection type), not const is
//         serial
//     explicit Handler(const asyncd::options&)
//         an exception thrown here refuses the handler, with the exception's text
//     struct connection {...};
//         one for each connection; on_message gets a `connection&` as third argument
//
// Role: trampolines between C hooks and C++ members. No exception and no C++ type passes them; a message costs what it
// would cost in C: nothing is allocated, nothing is virtual. Thread: as the handler's concurrency says. Ownership: the
// host owns the handler object between create and destroy.
#ifndef ASYNCD_HPP
#define ASYNCD_HPP

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "asyncd.h"

namespace asyncd {

enum class concurrency : std::uint32_t {
  reentrant = ASYNCD_REENTRANT,
  per_connection = ASYNCD_PER_CONNECTION,
  serial = ASYNCD_SERIAL
};

enum class log_level : std::int32_t {
  debug = ASYNCD_LOG_DEBUG,
  info = ASYNCD_LOG_INFO,
  warn = ASYNCD_LOG_WARN,
  error = ASYNCD_LOG_ERROR
};

namespace detail {
constexpr asyncd_option make_option(std::uint32_t type, const char* key, const char* fallback, const char* help) {
  return asyncd_option{sizeof(asyncd_option), type, key, fallback, help};
}
}  // namespace detail

// Entries of a handler's table of options. The fallback is written as a user would write it in the configuration.
constexpr asyncd_option text_option(const char* key, const char* fallback, const char* help) {
  return detail::make_option(ASYNCD_OPTION_TEXT, key, fallback, help);
}
constexpr asyncd_option integer_option(const char* key, const char* fallback, const char* help) {
  return detail::make_option(ASYNCD_OPTION_INTEGER, key, fallback, help);
}
constexpr asyncd_option boolean_option(const char* key, const char* fallback, const char* help) {
  return detail::make_option(ASYNCD_OPTION_BOOLEAN, key, fallback, help);
}
constexpr asyncd_option duration_option(const char* key, const char* fallback, const char* help) {
  return detail::make_option(ASYNCD_OPTION_DURATION, key, fallback, help);
}
constexpr asyncd_option size_option(const char* key, const char* fallback, const char* help) {
  return detail::make_option(ASYNCD_OPTION_SIZE, key, fallback, help);
}

// The values of the handler's options, while it is constructed. A text is the host's: copy what is to be kept.
class options {
 public:
  explicit options(asyncd_setup& setup) : setup_(setup) {}

  std::string_view text(const char* key) const {
    std::uint64_t size = 0;
    const char* value = setup_.host->host_option_text(&setup_, key, &size);
    return value == nullptr ? std::string_view() : std::string_view(value, size);
  }
  std::int64_t integer(const char* key) const { return setup_.host->host_option_integer(&setup_, key); }
  bool boolean(const char* key) const { return integer(key) != 0; }
  std::chrono::nanoseconds duration(const char* key) const { return std::chrono::nanoseconds(integer(key)); }
  std::uint64_t size(const char* key) const { return static_cast<std::uint64_t>(integer(key)); }

 private:
  asyncd_setup& setup_;
};

// The answer to one message, written straight into the connection's output. Left alone it is an empty reply. What would
// pass the listener's limit turns into the error "reply too long".
class reply {
 public:
  explicit reply(asyncd_call& call) : call_(call) {}
  reply(const reply&) = delete;
  reply& operator=(const reply&) = delete;

  void append(std::string_view text) {
    char* const to = reserve(text.size());
    if (to == nullptr || text.empty()) return;
    std::memcpy(to, text.data(), text.size());
    size_ += text.size();
  }
  void append(char byte) { append(std::string_view(&byte, 1)); }

  // Room for `bytes` more, to be written in place then kept by commit(). Null: it would pass the limit, so just return.
  [[nodiscard]] char* reserve(std::uint64_t bytes) {
    if (call_.window_size - size_ < bytes && !grow(bytes)) [[unlikely]] {
      outcome_ = too_long;
      return nullptr;
    }
    return call_.window + size_;
  }
  void commit(std::uint64_t bytes) { size_ += bytes; }

  // Refuses the message: drops what was written; what is appended from here on belongs to the error's text.
  void error(std::string_view text) {
    size_ = 0;
    outcome_ = ASYNCD_ERROR;
    append(text);
  }
  // Nothing is sent for this message.
  void no_reply() { outcome_ = ASYNCD_NO_REPLY; }
  // The connection closes gracefully once this reply is sent.
  void close_after() { call_.flags |= ASYNCD_CLOSE; }

  // A line in the server's log, with the handler's name and the peer.
  void log(log_level level, std::string_view text) {
    call_.host->host_log(&call_, static_cast<std::int32_t>(level), text.data(), text.size());
  }

  // For the trampoline: what the message hook returns.
  std::int32_t outcome() {
    if (outcome_ == too_long) [[unlikely]]
      return asyncd_error_text(&call_, "reply too long", 14);
    call_.reply_size = size_;
    return outcome_;
  }

 private:
  static constexpr std::int32_t too_long = -1;

  bool grow(std::uint64_t bytes) {
    call_.reply_size = size_;
    return size_ + bytes >= bytes && call_.host->host_reply_reserve(&call_, size_ + bytes) == 0;
  }

  asyncd_call& call_;
  std::uint64_t size_ = 0;  // here and not in the call, where every byte written might change it
  std::int32_t outcome_ = ASYNCD_REPLY;
};

namespace detail {

template <class Handler>
concept has_connection = requires {
  typename Handler::connection;
};

template <class Handler>
concept answers = requires(Handler& handler, std::string_view message, reply& answer) {
  handler.on_message(message, answer);
};
template <class Handler>
concept answers_with_connection = has_connection<Handler> &&
    requires(Handler& handler, std::string_view message, reply& answer, typename Handler::connection& connection) {
  handler.on_message(message, answer, connection);
};

// on_message as the trampoline calls it: const where the class allows it, because calls may then overlap.
template <class Handler>
constexpr bool answers_as_const = answers<const Handler> || answers_with_connection<const Handler>;
template <class Handler>
using called_as = std::conditional_t<answers_as_const<Handler>, const Handler, Handler>;

template <class Handler>
constexpr concurrency concurrency_of() {
  if constexpr (requires { Handler::concurrency; })
    return Handler::concurrency;
  else if constexpr (!answers_as_const<Handler>)
    return concurrency::serial;
  else if constexpr (has_connection<Handler>)
    return concurrency::per_connection;
  else
    return concurrency::reentrant;
}

// The client learns only that it failed; the reason is for the log.
inline std::int32_t handler_failed(asyncd_call& call, std::string_view why) {
  constexpr std::string_view before = "handler failed: ";
  std::array<char, 512> line;
  std::memcpy(line.data(), before.data(), before.size());
  const std::size_t kept = why.size() < line.size() - before.size() ? why.size() : line.size() - before.size();
  std::memcpy(line.data() + before.size(), why.data(), kept);
  call.host->host_log(&call, ASYNCD_LOG_ERROR, line.data(), before.size() + kept);
  return asyncd_error_text(&call, "handler failed", 14);
}

template <class Handler>
std::int32_t message_hook(void* self, asyncd_call* call) noexcept {
  reply answer(*call);
  try {
    auto& handler = *static_cast<called_as<Handler>*>(self);
    const std::string_view message(call->message, call->message_size);
    if constexpr (has_connection<Handler>)
      handler.on_message(message, answer, *static_cast<typename Handler::connection*>(call->connection));
    else
      handler.on_message(message, answer);
  } catch (const std::exception& failure) {
    return handler_failed(*call, failure.what());
  } catch (...) {
    return handler_failed(*call, "an exception of an unknown type");
  }
  return answer.outcome();
}

template <class Handler>
std::int32_t create_hook(asyncd_setup* setup, void** self) noexcept {
  const auto refuse = [setup](std::string_view why) { return setup->host->host_refuse(setup, why.data(), why.size()); };
  try {
    if constexpr (std::constructible_from<Handler, const options&>)
      *self = new Handler(options(*setup));
    else
      *self = new Handler();
    return 0;
  } catch (const std::exception& failure) {
    return refuse(failure.what());
  } catch (...) {
    return refuse("the handler's constructor failed");
  }
}

template <class Handler>
void destroy_hook(void* self) noexcept {
  delete static_cast<Handler*>(self);
}

template <class Handler>
std::int32_t connection_open_hook(void*, void*, void** connection) noexcept {
  try {
    *connection = new typename Handler::connection();
    return 0;
  } catch (...) {
    return -1;
  }
}

template <class Handler>
void connection_close_hook(void*, void*, void* connection) noexcept {
  delete static_cast<typename Handler::connection*>(connection);
}

// The text between the macro's parentheses, as a template argument.
template <std::size_t Size>
struct class_list {
  std::array<char, Size> text{};
  consteval class_list(const char (&classes)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = classes[i];
  }
};

constexpr bool is_upper(char byte) { return byte >= 'A' && byte <= 'Z'; }

// The class at `index` of "Square, text::UppercaseEcho" as a handler's name: "uppercase-echo".
template <class_list Classes, std::size_t index>
consteval auto name_from_class() {
  std::array<char, 2 * Classes.text.size()> name{};
  std::size_t size = 0;
  std::size_t commas = 0;
  char before = ':';
  for (const char byte : Classes.text) {
    commas += byte == ',' ? 1 : 0;
    if (commas == index && byte != ',' && byte != ' ' && byte != '\0') {
      if (byte == ':') {
        while (size != 0) name[--size] = '\0';
      } else {
        if (is_upper(byte) && size != 0 && !is_upper(before) && before != '_') name[size++] = '-';
        name[size++] = byte == '_' ? '-' : is_upper(byte) ? static_cast<char>(byte - 'A' + 'a') : byte;
      }
    }
    before = byte;
  }
  return name;
}

template <class_list Classes, std::size_t index>
inline constexpr auto class_name = name_from_class<Classes, index>();

template <class Handler>
constexpr asyncd_handler describe(const char* fallback_name) {
  static_assert(answers<Handler> || answers_with_connection<Handler>,
                "a handler has void on_message(std::string_view, asyncd::reply&), with a third argument where it has a "
                "connection type");
  asyncd_handler told{};
  told.size = sizeof told;
  told.concurrency = static_cast<std::uint32_t>(concurrency_of<Handler>());
  told.name = fallback_name;
  if constexpr (requires { Handler::name; }) told.name = Handler::name;
  if constexpr (requires { Handler::summary; }) told.summary = Handler::summary;
  if constexpr (requires { Handler::version; }) told.version = Handler::version;
  if constexpr (requires { Handler::options; }) {
    told.option_count = static_cast<std::uint32_t>(std::size(Handler::options));
    told.options = std::data(Handler::options);
  }
  told.create = create_hook<Handler>;
  told.destroy = destroy_hook<Handler>;
  if constexpr (has_connection<Handler>) {
    told.connection_open = connection_open_hook<Handler>;
    told.connection_close = connection_close_hook<Handler>;
  }
  told.message = message_hook<Handler>;
  return told;
}

}  // namespace detail

// The description of one handler class, for a test that needs no library.
template <class Handler>
inline constexpr asyncd_handler handler_of = detail::describe<Handler>("unnamed");

namespace detail {

template <class_list Classes, class... Handlers, std::size_t... index>
constexpr auto describe_all(std::index_sequence<index...>) {
  return std::array{describe<Handlers>(class_name<Classes, index>.data())...};
}
template <class_list Classes, class... Handlers>
inline constexpr auto descriptions = describe_all<Classes, Handlers...>(std::index_sequence_for<Handlers...>());

template <class_list Classes, class... Handlers, std::size_t... index>
constexpr auto point_at_all(std::index_sequence<index...>) {
  return std::array{&descriptions<Classes, Handlers...>[index]...};
}
template <class_list Classes, class... Handlers>
inline constexpr auto pointers = point_at_all<Classes, Handlers...>(std::index_sequence_for<Handlers...>());

template <class_list Classes, class... Handlers>
inline constexpr asyncd_plugin plugin = {sizeof(asyncd_plugin), ASYNCD_ABI_MINOR, sizeof...(Handlers), 0,
                                         pointers<Classes, Handlers...>.data()};

}  // namespace detail
}  // namespace asyncd

// Once in a library, at namespace scope: exports these handler classes.
#define ASYNCD_EXPORT_HANDLERS(...) \
  constinit const asyncd_plugin asyncd_plugin_v1 = ::asyncd::detail::plugin<#__VA_ARGS__, __VA_ARGS__>

#endif  // ASYNCD_HPP
