// asyncd.hpp: handlers as C++20 classes, over the C interface of asyncd.h. Header-only.
//
//     #include "asyncd.hpp"
//
//     struct Reverse {
//       static constexpr const char* summary = "Replies with the bytes in reverse order";
//       void on_message(std::string_view message, asyncd::reply& reply) const {
//         char* to = reply.reserve(message.size());
//         if (to != nullptr) reply.commit(std::reverse_copy(message.begin(), message.end(), to) -
//         to);
//       }
//     };
//     ASYNCD_EXPORT_HANDLERS(Reverse);
//
// What a handler class may also have:
//     static constexpr const char* name       else the name of the class: UppercaseEcho is
//     "uppercase-echo" static constexpr const char* version static constexpr asyncd_option
//     options[] = {asyncd::text_option("key", "fallback", "help"), ...}; static constexpr auto
//     concurrency = asyncd::concurrency::reentrant;
//         else what on_message promises: const is reentrant (per_connection with a connection
//         type), not const is serial
//     explicit Handler(const asyncd::options&)
//         an exception thrown here refuses the handler, with the exception's text
//     struct connection {...};
//         one for each connection; on_message gets a `connection&` as its last argument
//     asyncd::frame on_frame(std::string_view bytes) const
//         finds the first message of a protocol of its own, for listeners with framing = "handler"
//
// An exception that leaves on_message, on_frame or the connection's constructor ends the
// connection, whose client reads "error: handler failed"; the log has the exception's text where
// on_message has thrown it.
//
// A handler that waits for something includes asyncd_async.hpp instead: this header needs no
// coroutines.
//
// Role: what handler classes are written with. No exception and no C++ type passes the C hooks; a
// message costs what it would cost in C: nothing is allocated, nothing is virtual. Thread: as the
// handler's concurrency says. Ownership: the host owns the handler object between create and
// destroy.
#ifndef ASYNCD_HPP
#define ASYNCD_HPP

#include "asyncd_language.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

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
constexpr asyncd_option make_option(std::uint32_t type, const char* key, const char* fallback,
                                    const char* help) {
  return asyncd_option{sizeof(asyncd_option), type, key, fallback, help};
}
}  // namespace detail

// Entries of a handler's table of options. The fallback is written as a user would write it in the
// configuration.
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

// The values of the handler's options, while it is constructed. A text is the host's: copy what is
// to be kept.
class options {
 public:
  explicit options(asyncd_setup& setup) : setup_(setup) {}

  std::string_view text(const char* key) const {
    std::uint64_t size = 0;
    const char* value = setup_.host->host_option_text(&setup_, key, &size);
    return value == nullptr ? std::string_view() : std::string_view(value, size);
  }
  std::int64_t integer(const char* key) const {
    return setup_.host->host_option_integer(&setup_, key);
  }
  bool boolean(const char* key) const { return integer(key) != 0; }
  std::chrono::nanoseconds duration(const char* key) const {
    return std::chrono::nanoseconds(integer(key));
  }
  std::uint64_t size(const char* key) const { return static_cast<std::uint64_t>(integer(key)); }

 private:
  asyncd_setup& setup_;
};

// What on_frame says of the bytes received so far.
class frame {
 public:
  // Of the first `total` bytes, those from `offset` on are the message.
  static constexpr frame message(std::uint64_t offset, std::uint64_t size, std::uint64_t total) {
    return frame(0, {sizeof(asyncd_frame), 0, offset, size, total, 0});
  }
  // More bytes are needed: so many in all at least, where that is known.
  static constexpr frame more(std::uint64_t needed = 0) {
    return frame(0, {sizeof(asyncd_frame), 0, 0, 0, 0, needed});
  }
  // They are not of the protocol: the connection is closed.
  static constexpr frame wrong() { return frame(-1, {sizeof(asyncd_frame), 0, 0, 0, 0, 0}); }

  constexpr const asyncd_frame& told() const { return told_; }
  constexpr std::int32_t result() const { return result_; }

 private:
  constexpr frame(std::int32_t result, const asyncd_frame& told) : told_(told), result_(result) {}

  asyncd_frame told_;
  std::int32_t result_;
};

// The answer to one message, written straight into the connection's output. Left alone it is an
// empty reply. What would pass the listener's limit turns into the error "reply too long".
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

  // Room for `bytes` more, to be written in place then kept by commit(). Null: it would pass the
  // limit, so just return.
  [[nodiscard]] char* reserve(std::uint64_t bytes) {
    if (call_.window_size - size_ < bytes && !grow(bytes)) [[unlikely]] {
      outcome_ = too_long;
      return nullptr;
    }
    return call_.window + size_;
  }
  void commit(std::uint64_t bytes) { size_ += bytes; }

  // Refuses the message: drops what was written; what is appended from here on belongs to the
  // error's text.
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

}  // namespace asyncd

#include "asyncd_hooks.hpp"

#endif  // ASYNCD_HPP
