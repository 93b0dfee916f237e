// asyncd_call.hpp: a part of asyncd_async.hpp: the call that an asynchronous handler answers.
//
// Role: message and reply, and the way to every operation. Thread: that of the call's hooks; what
// an offload runs, and other threads, use nothing of it. Ownership: the host's; an asyncd::call is
// a pointer, to be copied freely, which is good until the call's task has ended. Errors:
// operation_error.
#ifndef ASYNCD_CALL_HPP
#define ASYNCD_CALL_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "asyncd.hpp"

namespace asyncd {

// For operations: none but the call's own.
inline constexpr std::chrono::nanoseconds no_timeout = std::chrono::nanoseconds::max();

namespace detail {

// Of what the host allocates: as for new, which may be more than std::max_align_t says.
inline constexpr std::size_t call_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

class sleep_operation;
class flush_operation;
class connect_operation;
template <class Work>
class offload_operation;

// What the handler has decided so far, kept in the half of asyncd_call.flags that no flag uses. The
// host sees it only as the result of the message hook, or of host_finish: every hook takes it out
// before it returns.
inline constexpr std::uint32_t outcome_shift = 16;
inline constexpr std::uint32_t outcome_bits = 0xffff0000;
inline constexpr std::int32_t too_long = 0xff;

inline void set_outcome(asyncd_call& call, std::int32_t outcome) {
  call.flags =
      (call.flags & ~outcome_bits) | (static_cast<std::uint32_t>(outcome) << outcome_shift);
}

inline std::uint32_t take_outcome_bits(asyncd_call& call) {
  return std::exchange(call.flags, call.flags & ~outcome_bits) & outcome_bits;
}

// For the trampoline: what the message hook, or host_finish, tells the host.
inline std::int32_t take_outcome(asyncd_call& call) {
  const auto outcome = static_cast<std::int32_t>(take_outcome_bits(call) >> outcome_shift);
  return outcome == too_long ? asyncd_error_text(&call, "reply too long", 14) : outcome;
}

}  // namespace detail

template <class T = void>
class external;
template <class T>
class call_allocator;

class call {
 public:
  explicit call(asyncd_call& raw) : raw_(&raw) {}

  // Readable until the call's task has ended.
  std::string_view message() const { return {raw_->message, raw_->message_size}; }

  // The reply, as in asyncd::reply. Where the reply lies changes with every co_await: commit what
  // was reserved before.
  void append(std::string_view text) const {
    char* const to = reserve(text.size());
    if (to == nullptr || text.empty()) return;
    std::memcpy(to, text.data(), text.size());
    commit(text.size());
  }
  void append(char byte) const { append(std::string_view(&byte, 1)); }
  [[nodiscard]] char* reserve(std::uint64_t bytes) const {
    const std::uint64_t whole = raw_->reply_size + bytes;
    if (raw_->window_size - raw_->reply_size < bytes &&
        (whole < bytes || raw_->host->host_reply_reserve(raw_, whole) != 0)) [[unlikely]] {
      detail::set_outcome(*raw_, detail::too_long);
      return nullptr;
    }
    return raw_->window + raw_->reply_size;
  }
  void commit(std::uint64_t bytes) const { raw_->reply_size += bytes; }
  void error(std::string_view text) const {
    raw_->reply_size = 0;
    detail::set_outcome(*raw_, ASYNCD_ERROR);
    append(text);
  }
  void no_reply() const { detail::set_outcome(*raw_, ASYNCD_NO_REPLY); }
  void close_after() const { raw_->flags |= ASYNCD_CLOSE; }
  void log(log_level level, std::string_view text) const {
    raw_->host->host_log(raw_, static_cast<std::int32_t>(level), text.data(), text.size());
  }

  // What is to be awaited, each where it is made: `co_await call.sleep(100ms)`.

  // Goes on after that time; at once where it is not positive.
  detail::sleep_operation sleep(std::chrono::nanoseconds duration) const;

  // Connects to another server: "host:port" or "unix:/path". Gives a stream.
  detail::connect_operation connect(std::string_view address,
                                    std::chrono::nanoseconds timeout = no_timeout) const;

  // Runs work() where it may take its time, and gives what it returns, or throws what it throws.
  // Work that has a destructor gets a name before: `auto work = [text = std::string(...)] {...};
  // co_await call.offload(work);`
  template <class Work>
  detail::offload_operation<Work> offload(Work&& work,
                                          std::chrono::nanoseconds timeout = no_timeout) const;

  // Sends what has been written of the reply, which goes on after it.
  detail::flush_operation flush(std::chrono::nanoseconds timeout = no_timeout) const;

  // Something that another thread will complete: see asyncd_external.hpp.
  template <class T = void>
  asyncd::external<T> external() const;

  // For containers that live no longer than the call: their memory is the call's, and costs no
  // malloc.
  template <class T = std::byte>
  call_allocator<T> allocator() const {
    return call_allocator<T>(*this);
  }

  // The C interface below it.
  asyncd_call& raw() const { return *raw_; }

 private:
  asyncd_call* raw_;
};

template <class T>
class call_allocator {
 public:
  using value_type = T;

  explicit call_allocator(call owner) : raw_(&owner.raw()) {}
  template <class Other>
  call_allocator(const call_allocator<Other>& other) : raw_(other.raw_) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(alignof(T) <= detail::call_alignment,
                  "the memory of a call is not aligned for this type");
    if (count > SIZE_MAX / sizeof(T)) throw std::bad_array_new_length();
    void* const memory = raw_->host->host_allocate(raw_, count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    raw_->host->host_release(raw_, memory, count * sizeof(T));
  }
  bool operator==(const call_allocator&) const = default;

 private:
  template <class>
  friend class call_allocator;

  asyncd_call* raw_;
};

}  // namespace asyncd

#endif  // ASYNCD_CALL_HPP
