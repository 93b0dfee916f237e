// Output: the replies of a session on their way to its client, and the windows that handlers write
// them into. Two buffers: one is being sent and stays in place until all of it has gone, the other
// is being filled. Belongs to the session's thread. std::bad_alloc where there is no memory.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/send_buffer.h"
#include "core/session/counters.h"
#include "core/session/service.h"

namespace asyncd {

class Output {
 public:
  // Counts replies, errors and bytes in `counters`. Both references outlive it.
  Output(BufferPool& pool, const Service& service, SessionCounters& counters)
      : service_(service), counters_(counters), bytes_(pool) {}

  // Sending. What is pending stays in place until on_sent has acknowledged all of it.
  std::string_view pending() { return bytes_.pending(); }
  void on_sent(std::size_t bytes) {
    bytes_.on_sent(bytes);
    counters_.bytes_sent += bytes;
  }
  bool empty() const { return bytes_.empty(); }
  std::uint64_t unsent() const { return bytes_.size(); }
  bool take_begun();  // since the last time that this was asked, output has begun to wait
  void clear() { bytes_.clear(); }

  // The marks. From the high one on no message is taken, until the low one is reached. With nothing
  // to be sent there is nothing to wait for, however low the high mark is.
  bool is_full() const { return !empty() && unsent() >= service_.limits.output_high_water; }
  bool is_low() const { return unsent() <= service_.limits.output_low_water; }
  void pause() { paused_ = true; }
  bool paused() const { return paused_; }
  bool resume();  // false: still paused

  // The window of the next reply: room for at least call.window_size bytes, between the framing's
  // prefix and the line's end.
  void open_window(asyncd_call& call);
  std::span<char> window();
  // What a call says of its window is in its handler's hands. Whether it can be true.
  bool holds(const asyncd_call& call) {
    return call.window == window().data() && call.reply_size <= window().size();
  }
  void enlarge_window(asyncd_call& call, std::uint64_t bytes);  // keeps what is written
  std::uint64_t reply_limit() const;

  void commit_reply(std::uint64_t size);  // that lies in the window
  void write_error(std::string_view what);
  // Of a reply in several parts; only in framings that do not tell its size first.
  bool takes_parts() const { return service_.framer->prefix_size() == 0; }
  void commit_part(std::size_t size);
  void append_part(std::string_view part);

  void release_empty() {
    if (back().empty()) back().clear();
  }
  std::uint64_t capacity() const { return bytes_.capacity(); }
  BufferPool& pool() const { return bytes_.back().pool(); }

 private:
  Buffer& back() { return bytes_.back(); }
  std::size_t around_reply() const;
  void note_begin() { begun_ = begun_ || empty(); }

  const Service& service_;
  SessionCounters& counters_;
  SendBuffer bytes_;
  bool begun_ = false;
  bool paused_ = false;
};

}  // namespace asyncd
