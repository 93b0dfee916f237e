// asyncd_hooks.hpp: a part of asyncd.hpp, which includes it: makes the C description of a handler
// class.
//
// Role: trampolines between C hooks and C++ members, and the constants that a library exports.
// Thread: as the handler's concurrency says. Ownership: the host owns the handler object between
// create and destroy. Errors: exceptions end in the trampolines.
#ifndef ASYNCD_HOOKS_HPP
#define ASYNCD_HOOKS_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

namespace asyncd {

class call;

namespace detail {

template <class Handler>
concept has_connection = requires {
  typename Handler::connection;
};

template <class Handler>
concept has_frame = requires(const Handler& handler, std::string_view bytes) {
  { handler.on_frame(bytes) } -> std::same_as<frame>;
};

template <class Handler>
concept answers = requires(Handler& handler, std::string_view message, reply& answer) {
  handler.on_message(message, answer);
};
template <class Handler>
concept answers_with_connection = has_connection<Handler> &&
    requires(Handler& handler, std::string_view message, reply& answer,
             typename Handler::connection& connection) {
  handler.on_message(message, answer, connection);
};

// Those that may wait.
template <class Handler>
concept answers_later = requires(Handler& handler, call& asked) {
  handler.on_message(asked);
};
template <class Handler>
concept answers_later_with_connection = has_connection<Handler> &&
    requires(Handler& handler, call& asked, typename Handler::connection& connection) {
  handler.on_message(asked, connection);
};
template <class Handler>
constexpr bool is_async = answers_later<Handler> || answers_later_with_connection<Handler>;

// on_message as the trampoline calls it: const where the class allows it, because calls may then
// overlap.
template <class Handler>
constexpr bool answers_as_const =
    answers<const Handler> || answers_with_connection<const Handler> || is_async<const Handler>;
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

// Whatever has thrown, what the handler keeps for the connection may be half done. The client
// learns only that it failed, and that ends its connection; the reason is for the log.
inline std::int32_t handler_failed(asyncd_call& call, std::string_view why) {
  constexpr std::string_view before = "handler failed: ";
  std::array<char, 512> line;
  std::memcpy(line.data(), before.data(), before.size());
  const std::size_t kept =
      why.size() < line.size() - before.size() ? why.size() : line.size() - before.size();
  std::memcpy(line.data() + before.size(), why.data(), kept);
  call.host->host_log(&call, ASYNCD_LOG_ERROR, line.data(), before.size() + kept);
  return ASYNCD_HANDLER_FAILED;
}

template <class Handler>
std::int32_t message_hook(void* self, asyncd_call* call) noexcept {
  reply answer(*call);
  try {
    auto& handler = *static_cast<called_as<Handler>*>(self);
    const std::string_view message(call->message, call->message_size);
    if constexpr (has_connection<Handler>)
      handler.on_message(message, answer,
                         *static_cast<typename Handler::connection*>(call->connection));
    else
      handler.on_message(message, answer);
  } catch (const std::exception& failure) {
    return handler_failed(*call, failure.what());
  } catch (...) {
    return handler_failed(*call, "an exception of an unknown type");
  }
  return answer.outcome();
}

// In asyncd_async.hpp.
template <class Handler>
std::int32_t async_message_hook(void* self, asyncd_call* call) noexcept;

template <class Handler>
std::int32_t frame_hook(void* self, const char* bytes, std::uint64_t size,
                        asyncd_frame* told) noexcept {
  try {
    const frame found = static_cast<const Handler*>(self)->on_frame(std::string_view(bytes, size));
    *told = found.told();
    return found.result();
  } catch (...) {
    // To answer -1 would blame the client. No message has so many bytes, so the host sees that the
    // handler has failed.
    told->total = UINT64_MAX;
    return 0;
  }
}

template <class Handler>
std::int32_t create_hook(asyncd_setup* setup, void** self) noexcept {
  const auto refuse = [setup](std::string_view why) {
    return setup->host->host_refuse(setup, why.data(), why.size());
  };
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
        const char lower = is_upper(byte) ? static_cast<char>(byte - 'A' + 'a') : byte;
        name[size++] = byte == '_' ? '-' : lower;
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
  static_assert(
      answers<Handler> || answers_with_connection<Handler> || is_async<Handler>,
      "a handler has void on_message(std::string_view, asyncd::reply&), or asyncd::task<> "
      "on_message(asyncd::call), with one more argument where it has a connection type");
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
  if constexpr (has_frame<Handler>) told.frame = frame_hook<Handler>;
  if constexpr (is_async<Handler>) {
    told.flags = ASYNCD_ASYNC;
    told.message = async_message_hook<Handler>;
  } else {
    told.message = message_hook<Handler>;
  }
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
inline constexpr auto descriptions =
    describe_all<Classes, Handlers...>(std::index_sequence_for<Handlers...>());

template <class_list Classes, class... Handlers, std::size_t... index>
constexpr auto point_at_all(std::index_sequence<index...>) {
  return std::array{&descriptions<Classes, Handlers...>[index]...};
}
template <class_list Classes, class... Handlers>
inline constexpr auto pointers =
    point_at_all<Classes, Handlers...>(std::index_sequence_for<Handlers...>());

template <class_list Classes, class... Handlers>
inline constexpr asyncd_plugin plugin = {sizeof(asyncd_plugin), ASYNCD_ABI_MINOR,
                                         sizeof...(Handlers), 0,
                                         pointers<Classes, Handlers...>.data()};

}  // namespace detail
}  // namespace asyncd

// Once in a library, at namespace scope: exports these handler classes.
#define ASYNCD_EXPORT_HANDLERS(...)                \
  constinit const asyncd_plugin asyncd_plugin_v1 = \
      ::asyncd::detail::plugin<#__VA_ARGS__, __VA_ARGS__>

#endif  // ASYNCD_HOOKS_HPP
