// Exchange: what one connection has sent and what it waits for, without its I/O. Bytes to send come
// out, bytes received go in, and the sink gets each reply once, with its message's times. One
// owner; one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/bench/exchange/reply_checker.h"
#include "cmd/bench/exchange/tape.h"
#include "core/base/clock.h"

namespace asyncd::bench {

// A message under way.
struct Moments {
  Instant intended;  // when it was due
  Instant sent;      // when it was given to the system
};

class Exchange {
 public:
  // At most `depth` messages are under way at once; the tape is longer than that. Both outlive the
  // exchange.
  Exchange(const Tape& tape, const ReplyChecker& checker, std::size_t depth);

  // A new connection, which begins with message `first`.
  void restart(std::size_t first);
  // A new connection, which goes on with the messages that are under way: they are sent again.
  void resume();

  std::size_t in_flight() const { return in_flight_; }
  bool is_full() const { return in_flight_ == moments_.size(); }
  // Whether nothing has come yet of the reply that is due next.
  bool is_between() const { return strange_.empty() && got_at_ == tape_.reply_begin(answered_); }
  const Moments& oldest() const { return moments_[head_]; }

  void begin(Moments moments);  // one more message; not while it is full

  // What is to be sent now, in one piece, and how much of it has been.
  std::string_view unsent() const;
  template <class Sink>  // sink(moments, status)
  void on_sent(std::size_t bytes, Sink&& sink);

  enum class Taken : std::uint8_t {
    all,
    unasked,  // no message is under way that these bytes could be a reply to
    lost,     // after a wrong reply, the next one's beginning is unknown
  };
  template <class Sink>
  Taken on_bytes(std::string_view bytes, Sink&& sink);

 private:
  template <class Sink>
  void finish(ReplyStatus status, Sink&& sink);
  template <class Sink>
  void finish_silent(Sink&& sink);
  template <class Sink>
  std::size_t follow_tape(std::string_view bytes, Sink&& sink);
  template <class Sink>
  Taken check_all(std::string_view bytes, Sink&& sink);
  template <class Sink>
  Taken keep(std::string_view bytes, Sink&& sink);

  // More than that is no reply.
  static constexpr std::size_t longest_strange = std::size_t{64} << 20;

  std::size_t next(std::size_t index) const { return index + 1 == tape_.size() ? 0 : index + 1; }

  const Tape& tape_;
  const ReplyChecker& checker_;
  std::vector<Moments> moments_;  // a ring
  std::size_t head_ = 0;          // of the oldest
  std::size_t in_flight_ = 0;
  std::size_t begun_ = 0;      // the message to begin next
  std::size_t answered_ = 0;   // the oldest message without its reply
  std::size_t unsent_ = 0;     // messages begun of which something is left to be sent
  std::uint64_t sent_at_ = 0;  // byte of the requests to send next
  std::uint64_t got_at_ = 0;   // byte of the replies to come next
  std::string strange_;        // a reply, from its beginning, that is not the one on the tape
};

template <class Sink>
void Exchange::finish(ReplyStatus status, Sink&& sink) {
  const Moments moments = moments_[head_];
  head_ = head_ + 1 == moments_.size() ? 0 : head_ + 1;
  --in_flight_;
  answered_ = next(answered_);
  got_at_ = tape_.reply_begin(answered_);
  sink(moments, status);
}

// Messages that get no reply are over once they are sent.
template <class Sink>
void Exchange::finish_silent(Sink&& sink) {
  if (checker_.check() != ReplyChecker::Check::tape) return;
  while (in_flight_ > unsent_ && tape_.is_silent(answered_)) finish(ReplyStatus::right, sink);
}

template <class Sink>
void Exchange::on_sent(std::size_t bytes, Sink&& sink) {
  sent_at_ += bytes;
  const std::size_t last = unsent_ != 0 ? tape_.message_at(sent_at_ - 1) : 0;
  const std::size_t first = (begun_ + tape_.size() - unsent_) % tape_.size();
  unsent_ -= last - first + (sent_at_ == tape_.request_end(last) ? 1 : 0);
  if (sent_at_ == tape_.requests().size()) sent_at_ = 0;
  finish_silent(sink);
}

// How many of the bytes are as they must be.
template <class Sink>
std::size_t Exchange::follow_tape(std::string_view bytes, Sink&& sink) {
  const bool wraps = answered_ + in_flight_ > tape_.size();
  const std::uint64_t end =
      wraps ? tape_.replies().size() : tape_.reply_end(answered_ + in_flight_ - 1);
  const std::string_view expected = tape_.replies().substr(got_at_, end - got_at_);
  const std::size_t most = std::min(bytes.size(), expected.size());
  std::size_t same = most;
  if (bytes.substr(0, most) != expected.substr(0, most))
    same = static_cast<std::size_t>(
        std::mismatch(bytes.begin(), bytes.end(), expected.begin(), expected.end()).first -
        bytes.begin());
  const std::uint64_t reached = got_at_ + same;
  for (std::size_t left = in_flight_; left != 0 && tape_.reply_end(answered_) <= reached; --left) {
    const bool last = answered_ + 1 == tape_.size();
    finish(ReplyStatus::right, sink);
    if (last) return same;
  }
  got_at_ = reached;
  return same;
}

template <class Sink>
Exchange::Taken Exchange::on_bytes(std::string_view bytes, Sink&& sink) {
  if (checker_.check() != ReplyChecker::Check::tape) return check_all(bytes, sink);
  std::string joined = std::exchange(strange_, {});
  bool strange = !joined.empty();
  if (strange) bytes = joined.append(bytes);
  for (std::size_t at = 0; at < bytes.size();) {
    if (strange) {
      const ReplyChecker::Reply reply = checker_.read(bytes.substr(at));
      if (reply.size == 0) return keep(bytes.substr(at), sink);
      at += reply.size;
      finish(reply.status, sink);
      if (!checker_.can_cut()) return Taken::lost;
      strange = false;
      continue;
    }
    finish_silent(sink);
    if (in_flight_ == 0) return Taken::unasked;
    const std::size_t same = follow_tape(bytes.substr(at), sink);
    at += same;
    if (same != 0) continue;
    // Back to where this reply began; that may have been in what came before these bytes.
    strange = true;
    const std::uint64_t begin = tape_.reply_begin(answered_);
    const std::size_t followed = got_at_ - begin;
    if (followed > at)
      bytes = joined.append(tape_.replies().substr(begin, followed - at)).append(bytes);
    at -= std::min(followed, at);
  }
  return Taken::all;
}

// Whole replies, each judged by itself.
template <class Sink>
Exchange::Taken Exchange::check_all(std::string_view bytes, Sink&& sink) {
  const std::string joined = std::exchange(strange_, {}).append(bytes);
  for (bytes = joined; !bytes.empty();) {
    if (in_flight_ == 0) return Taken::unasked;
    const ReplyChecker::Reply reply = checker_.read(bytes);
    if (reply.size == 0) return keep(bytes, sink);
    bytes.remove_prefix(reply.size);
    finish(reply.status, sink);
  }
  return Taken::all;
}

// The beginning of a reply, until more comes.
template <class Sink>
Exchange::Taken Exchange::keep(std::string_view bytes, Sink&& sink) {
  if (bytes.size() <= longest_strange) {
    strange_ = bytes;
    return Taken::all;
  }
  finish(ReplyStatus::wrong, sink);
  return Taken::lost;
}

}  // namespace asyncd::bench
