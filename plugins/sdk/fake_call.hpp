// fake_call.hpp: a part of fake_host.hpp: one call, its memory, and the book of what a handler did
// wrong.
//
// Role: message and window are allocations of exactly their size, and the window moves whenever it
// may, so that AddressSanitizer sees a handler that reads or writes where it should not. Thread:
// that of the fake host. Ownership: the fake host's; it stays after its end, to recognise who uses
// it then.
#ifndef ASYNCD_FAKE_CALL_HPP
#define ASYNCD_FAKE_CALL_HPP

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asyncd.h"

namespace asyncd {

struct fake_services;

// What a message came to: ASYNCD_REPLY, ASYNCD_NO_REPLY or ASYNCD_ERROR, and the text; an error's
// is without "error: ".
struct fake_answer {
  std::int32_t outcome = ASYNCD_NO_REPLY;
  std::string text;
  bool close = false;

  bool operator==(const fake_answer&) const = default;
};

// Breaches of the rules of asyncd.h, in words.
using fake_breaches = std::vector<std::string>;

struct fake_call : asyncd_call {
  enum class state { in_message_hook, pending, ended };

  fake_call(fake_services& serving, fake_breaches& told, const asyncd_host& functions,
            std::string_view text, std::uint64_t first_window)
      : asyncd_call{},
        owner(serving),
        breaches(told),
        bytes(new char[text.size()]),
        room(new char[first_window]) {
    std::copy(text.begin(), text.end(), bytes.get());
    size = sizeof(asyncd_call);
    host = &functions;
    message = bytes.get();
    message_size = text.size();
    window = room.get();
    window_size = first_window;
  }
  fake_call(const fake_call&) = delete;
  fake_call& operator=(const fake_call&) = delete;
  ~fake_call() {
    for (const auto& [memory, size_of_it] : blocks) ::operator delete(memory);
  }

  void breach(std::string what) const { breaches.push_back(std::move(what)); }

  void move_window(std::uint64_t new_size) {
    if (reply_size > window_size) return;  // told at the end
    std::unique_ptr<char[]> other(new char[new_size]);
    std::copy(window, window + reply_size, other.get());
    room = std::move(other);
    window = room.get();
    window_size = new_size;
  }

  void* allocate(std::uint64_t count) {
    void* const memory = ::operator new(count);
    blocks.emplace(memory, count);
    allocated += count;
    return memory;
  }

  void release(void* memory, std::uint64_t count) {
    const auto found = blocks.find(memory);
    if (found == blocks.end()) return breach("host_release: this memory is not the call's");
    if (found->second != count)
      breach("host_release: " + std::to_string(count) + " bytes, but " +
             std::to_string(found->second) + " were allocated");
    allocated -= found->second;
    blocks.erase(found);
    ::operator delete(memory);
  }

  // What has been sent of the reply so far, without its framing.
  void flush() {
    answer.text.append(window, std::min(reply_size, window_size));
    reply_size = 0;
  }

  void end(std::int32_t outcome) {
    now = state::ended;
    if ((flags & ~std::uint32_t{ASYNCD_CLOSE}) != 0)
      breach("it has set unknown flags: " + std::to_string(flags));
    if (!blocks.empty())
      breach(std::to_string(blocks.size()) + " pieces of the call's memory have not been released");
    const bool failed = outcome == ASYNCD_HANDLER_FAILED;
    if (!failed && (outcome < ASYNCD_REPLY || outcome > ASYNCD_ERROR))
      breach("a call cannot end with " + std::to_string(outcome));
    if (reply_size > window_size) {
      breach("the reply is longer than its window");
      reply_size = 0;
    }
    if (outcome == ASYNCD_NO_REPLY) reply_size = 0;
    flush();
    answer.outcome = outcome;
    answer.close = (flags & ASYNCD_CLOSE) != 0;
    if (failed) answer = {ASYNCD_ERROR, "handler failed", true};
    bytes.reset();
    room.reset();
  }

  fake_services& owner;
  fake_breaches& breaches;
  std::unique_ptr<char[]> bytes;
  std::unique_ptr<char[]> room;
  std::map<void*, std::uint64_t> blocks;
  state now = state::in_message_hook;
  bool cancelled = false;
  bool told_cancelled = false;
  std::uint64_t allocated = 0;
  std::int64_t deadline = 0;
  fake_answer answer;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_CALL_HPP
