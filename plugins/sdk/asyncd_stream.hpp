// asyncd_stream.hpp: a part of asyncd_async.hpp: connections to other servers.
//
//     asyncd::stream stream = co_await call.connect("127.0.0.1:9000", 5s);
//     co_await stream.write("how much\n");
//     const std::optional<std::string_view> line = co_await stream.read_until("\n", 4096);
//     co_await stream.close();
//
// Thread: that of the call's hooks; a read and a write may be under way at once, in two tasks.
// Ownership: the host's; what has not been closed is closed at the end of the call. The stream owns
// what it has read and not yet given. Errors: operation_error. The end of what the other side sends
// is a value.
#ifndef ASYNCD_STREAM_HPP
#define ASYNCD_STREAM_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asyncd_operation.hpp"

namespace asyncd {

class stream;

namespace detail {

class [[nodiscard]] connect_operation : public operation {
 public:
  connect_operation(asyncd_call& raw, std::string_view address, std::chrono::nanoseconds timeout)
      : operation(raw, ASYNCD_OP_CONNECT, timeout) {
    op_.data = const_cast<char*>(address.data());
    op_.data_size = address.size();
  }

  inline stream await_resume() const;
};

// Something on a stream, whose error is told as it stands in `what`.
class [[nodiscard]] stream_operation : public operation {
 protected:
  stream_operation(asyncd_call& raw, asyncd_stream* on, std::uint32_t kind, std::span<char> data,
                   std::chrono::nanoseconds timeout)
      : operation(raw, kind, timeout) {
    op_.stream = on;
    op_.data = data.data();
    op_.data_size = data.size();
  }
};

class [[nodiscard]] read_operation : public stream_operation {
 public:
  read_operation(asyncd_call& raw, asyncd_stream* from, std::span<char> into,
                 std::size_t there_already, std::chrono::nanoseconds timeout)
      : stream_operation(raw, from, ASYNCD_OP_READ, into, timeout), there_already_(there_already) {}

  bool await_ready() const noexcept { return there_already_ != 0 || op_.data_size == 0; }
  std::size_t await_resume() const {
    if (there_already_ != 0 || op_.data_size == 0) return there_already_;
    if (op_.result == ASYNCD_END) return 0;
    expect_success("read");
    return op_.transferred;
  }

 private:
  std::size_t there_already_;
};

class [[nodiscard]] write_operation : public stream_operation {
 public:
  write_operation(asyncd_call& raw, asyncd_stream* to, std::string_view text,
                  std::chrono::nanoseconds timeout)
      : stream_operation(raw, to, ASYNCD_OP_WRITE, {const_cast<char*>(text.data()), text.size()},
                         timeout) {}

  bool await_ready() const noexcept { return op_.data_size == 0; }
  void await_resume() const { expect_success("write"); }
};

class [[nodiscard]] close_operation : public stream_operation {
 public:
  close_operation(asyncd_call& raw, asyncd_stream* closed, std::chrono::nanoseconds timeout)
      : stream_operation(raw, closed, ASYNCD_OP_CLOSE, {}, timeout) {}

  bool await_ready() const noexcept { return op_.stream == nullptr; }
  void await_resume() const { expect_success("close"); }
};

}  // namespace detail

class stream {
 public:
  stream(call owner, asyncd_stream* raw)
      : raw_(raw), call_(owner), buffer_(owner.allocator<char>()) {}
  stream(stream&& other) noexcept
      : raw_(std::exchange(other.raw_, nullptr)),
        call_(other.call_),
        buffer_(std::move(other.buffer_)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  stream& operator=(stream&&) = delete;
  ~stream() = default;

  // At least one byte and at most as many as there is room for; 0: the other side sends no more.
  detail::read_operation read(std::span<char> into, std::chrono::nanoseconds timeout = no_timeout) {
    return {call_.raw(), raw_, into, take(into), timeout};
  }

  // What comes before the next `mark`, which is taken, too; the text is there until the next read.
  // Nothing: the other side has ended before it; read() then gives the rest. More than `limit`
  // bytes without a mark are a failure.
  task<std::optional<std::string_view>> read_until(std::string_view mark, std::size_t limit,
                                                   std::chrono::nanoseconds timeout = no_timeout) {
    return find_mark(call_, *this, mark, limit, timeout);
  }

  // All of it.
  detail::write_operation write(std::string_view text,
                                std::chrono::nanoseconds timeout = no_timeout) {
    return {call_.raw(), raw_, text, timeout};
  }

  detail::close_operation close(std::chrono::nanoseconds timeout = no_timeout) {
    return {call_.raw(), std::exchange(raw_, nullptr), timeout};
  }

 private:
  using clock = std::chrono::steady_clock;

  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::size_t take(std::span<char> into) {
    const std::size_t taken = unread().copy(into.data(), into.size());
    begin_ += taken;
    return taken;
  }

  // Room for more behind what is unread. A stream that is read by messages of some size soon needs
  // no more memory.
  std::span<char> make_room(std::size_t most) {
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
    }
    if (end_ == buffer_.size())
      buffer_.resize(std::min(most, std::max<std::size_t>(2 * end_, 512)));
    return {buffer_.data() + end_, buffer_.size() - end_};
  }

  static std::chrono::nanoseconds left_of(std::chrono::nanoseconds timeout,
                                          clock::time_point begun) {
    return timeout == no_timeout ? no_timeout : timeout - (clock::now() - begun);
  }

  static task<std::optional<std::string_view>> find_mark(call owner, stream& from,
                                                         std::string_view mark, std::size_t limit,
                                                         std::chrono::nanoseconds timeout) {
    const clock::time_point begun = timeout == no_timeout ? clock::time_point() : clock::now();
    const std::size_t most = limit + mark.size();
    std::size_t seen = 0;
    for (;;) {
      const std::string_view text = from.unread();
      const std::size_t at = text.find(mark, seen);
      if (at != std::string_view::npos && at <= limit) {
        from.begin_ += at + mark.size();
        co_return text.substr(0, at);
      }
      if (text.size() >= most)
        throw operation_error(operation_result::failed,
                              "read: no end within " + std::to_string(limit) + " bytes");
      seen = text.size() - std::min(text.size(), mark.size() - 1);
      const std::span<char> room = from.make_room(most);
      const std::size_t read =
          co_await detail::read_operation(owner.raw(), from.raw_, room, 0, left_of(timeout, begun));
      if (read == 0) co_return std::nullopt;
      from.end_ += read;
    }
  }

  asyncd_stream* raw_;
  call call_;
  std::vector<char, call_allocator<char>> buffer_;
  std::size_t begin_ = 0;  // of what is unread
  std::size_t end_ = 0;
};

inline stream detail::connect_operation::await_resume() const {
  if (op_.result != ASYNCD_OK)
    throw_failure(op_, "connect to " + std::string(op_.data, op_.data_size));
  return stream(call(raw_), op_.stream);
}

inline detail::connect_operation call::connect(std::string_view address,
                                               std::chrono::nanoseconds timeout) const {
  return {*raw_, address, timeout};
}

}  // namespace asyncd

#endif  // ASYNCD_STREAM_HPP
