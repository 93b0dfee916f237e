// Framer: finds the messages in a byte stream and frames the replies. Stateless and immutable, so
// that all sessions of a service share one; any thread. It never copies: messages are views into
// the bytes given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/session/framing.h"

struct asyncd_handler;

namespace asyncd {

struct Frame {
  enum class Status : std::uint8_t {
    complete,
    need_more,
    too_long,    // over max_message
    incomplete,  // the client has ended in the middle of it
    malformed,
    failed,  // the handler's own framing has broken its contract
  };
  Status status = Status::need_more;
  std::string_view message;
  std::size_t total = 0;     // complete: bytes the message takes with its framing
  std::size_t scanned = 0;   // need_more: bytes that need not be looked at again
  std::size_t expected = 0;  // incomplete: bytes the message would have had, where that is known
};

class Framer {
 public:
  virtual ~Framer() = default;

  // The first message of `input`, of which the first `scanned` bytes gave need_more before.
  // `ended`: no more will come. `input` is not empty.
  virtual Frame next(std::string_view input, std::size_t scanned, bool ended) const = 0;

  // Replies: prefix_size() bytes before, written by write_prefix once the size is known, and a line
  // feed after, where has_line_end() says so.
  virtual void write_prefix(char* prefix, std::uint64_t reply_size) const {
    static_cast<void>(prefix);
    static_cast<void>(reply_size);
  }
  std::uint32_t prefix_size() const { return prefix_size_; }
  bool has_line_end() const { return has_line_end_; }
  std::uint64_t longest_reply() const { return longest_reply_; }
  // what one read brings is a message, so none may be joined
  bool goes_by_reads() const { return goes_by_reads_; }

 protected:
  std::uint32_t prefix_size_ = 0;
  bool has_line_end_ = false;
  std::uint64_t longest_reply_ = UINT64_MAX;
  bool goes_by_reads_ = false;
};

// `hooks` and `self` are the handler's, for FramingKind::handler, which needs its frame hook.
std::unique_ptr<const Framer> make_framer(const Framing& framing, std::uint64_t max_message,
                                          const asyncd_handler& hooks, void* self);

}  // namespace asyncd
