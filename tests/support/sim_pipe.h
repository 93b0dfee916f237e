// SimPipe: one direction of a simulated TCP connection: the sender's buffer, the network, the
// receiver's buffer. Bytes, the end (FIN) and a reset (RST) arrive in order, each after the
// latency. No more bytes leave than the receiver has room for, and it takes as long again until the
// sender learns of new room. Belongs to a SimWire; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/taken.h"

namespace asyncd::test {

// How far something had come, and when.
struct Move {
  std::size_t total = 0;  // bytes after it
  Instant at{};
};

class SimPipe {
 public:
  struct Shape {
    Duration latency{};
    std::size_t send_buffer = SIZE_MAX;
    std::size_t receive_buffer = SIZE_MAX;
    std::size_t least_room = 1;  // with less of it the sender's buffer counts as full
  };

  explicit SimPipe(const Shape& shape) : shape_(shape) {}

  // The sender's end.
  std::size_t room() const {
    const std::size_t room = done_ ? 0 : shape_.send_buffer - (sent_.size() - left_);
    return room < shape_.least_room ? 0 : room;
  }
  Taken taken_by_receiver() const { return {known_, sent_.size() != left_}; }
  void write(std::string_view bytes, Instant now);  // at most room()
  void end(Instant now);                            // behind all that was written
  // ahead of all that has not left yet, and never will
  void reset(Instant now);
  // the same, and no side is told
  void abandon() {
    done_ = true;
    ending_ = false;
    sent_.resize(left_);
  }

  // The receiver's end.
  std::size_t unread() const { return arrived_ - taken_; }
  bool has_ended() const { return ended_; }  // there is nothing behind what is unread
  bool was_reset() const { return reset_; }
  std::size_t take(std::span<char> buffer, Instant now);
  void discard() { arrived_ = taken_; }  // what is unread

  // The network: when something will arrive next, and letting that happen.
  Instant next() const;
  void advance(Instant now);

  std::string_view taken() const { return std::string_view(sent_).substr(0, taken_); }
  const std::vector<Move>& arrivals() const { return arrivals_; }

 private:
  enum class Kind : std::uint8_t { bytes, end, reset, room };
  struct Parcel {
    Kind kind;
    std::size_t total;  // bytes: so many have left; room: so many were taken
    Instant at;
  };

  void ship(std::vector<Parcel>& parcels, Kind kind, std::size_t total, Instant now);
  void transmit(Instant now);
  void deliver(const Parcel& parcel);

  Shape shape_;
  std::string sent_;           // all that was written, unless a reset destroyed it
  std::size_t left_ = 0;       // of it the sender's buffer
  std::size_t arrived_ = 0;    // in the receiver's buffer
  std::size_t taken_ = 0;      // out of it
  std::size_t known_ = 0;      // to have been taken, by the sender
  bool ending_ = false;        // the end will leave behind the last byte
  bool done_ = false;          // nothing can be written any more
  bool ended_ = false;         // the end has arrived
  bool reset_ = false;         // a reset has
  std::vector<Parcel> there_;  // under way to the receiver ...
  std::vector<Parcel> back_;   // ... and to the sender
  std::vector<Move> arrivals_;
};

}  // namespace asyncd::test
