// Input: the bytes of a client that are not yet part of a message. A loop lends what it has read; a
// turn parses it in place, and only what the turn leaves over is copied. Belongs to the session's
// thread. std::bad_alloc where a copy finds no memory.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/buffer.h"
#include "core/base/require.h"
#include "core/session/framer.h"

namespace asyncd {

class Input {
 public:
  explicit Input(BufferPool& pool) : kept_(pool) {}

  // `bytes` stay in place until the next keep, end_turn or discard.
  void lend(std::string_view bytes) {
    ASYNCD_REQUIRE(lent_.empty(), "what was lent has been taken before more is lent");
    lent_ = bytes;
    arrived_ = true;
  }
  bool take_arrived() { return std::exchange(arrived_, false); }  // since this was last asked
  void end() { ended_ = true; }                                   // the client sends no more
  bool ended() const { return ended_; }

  void keep();     // copies what is lent
  void discard();  // all of it

  // Parsing: begin_turn, then next as often as wanted, then end_turn, which keeps the remainder.
  // A discard in between leaves nothing to parse.
  void begin_turn();
  bool has_unparsed() const { return parsed_ < bytes_.size(); }
  std::size_t parsed() const { return parsed_; }  // bytes, since begin_turn
  std::size_t unparsed() const { return bytes_.size() - parsed_; }
  // The first message of what is unparsed. Only a complete one is taken.
  Frame next(const Framer& framer) {
    const Frame frame = framer.next(bytes_.substr(parsed_), scanned_, ended_);
    scanned_ = frame.scanned;
    if (frame.status == Frame::Status::complete) parsed_ += frame.total;
    return frame;
  }
  void end_turn();

  bool empty() const { return lent_.empty() && kept_.empty(); }
  bool has_kept() const { return !kept_.empty(); }  // between turns: a message has begun
  std::size_t kept() const { return kept_.size(); }
  std::size_t capacity() const { return kept_.capacity(); }

 private:
  std::string_view lent_;
  Buffer kept_;              // what could not be parsed in place
  std::string_view bytes_;   // of the turn: lent_, or kept_ with what was lent behind it
  std::size_t parsed_ = 0;   // of bytes_
  std::size_t scanned_ = 0;  // unparsed bytes that the framer need not look at again
  bool arrived_ = false;
  bool ended_ = false;
};

}  // namespace asyncd
