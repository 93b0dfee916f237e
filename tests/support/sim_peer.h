// SimPeer: a client in virtual time, on its end of a SimWire. It follows a script, and keeps what
// it got. SimLoop uses the other end of the wire, and notes here what the server has done to this
// client. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/session/session.h"
#include "tests/support/sim_wire.h"

namespace asyncd::test {

struct Stretch {
  Instant from{};
  Instant to = never;
};

class SimPeer {
 public:
  enum class Does : std::uint8_t {
    send,
    end,    // its output, and still takes what comes
    leave,  // closes, and takes nothing any more
    reset,
  };
  struct Act {
    Does does = Does::send;
    Duration pause{};  // since the act before
    std::string bytes;
  };
  struct Script {
    Instant connects{};
    std::vector<Act> acts;
    Instant takes_from{};               // reads nothing before
    Duration takes_every{};             // then so often,
    std::size_t takes_most = SIZE_MAX;  // and so many bytes at most
    bool ends_when_told = true;         // ends its output when it sees the server's end
    SimWire::Shape wire;
  };

  explicit SimPeer(Script script);

  // The client: when it, or the network, does something next, and doing what is due.
  Instant connects() const { return script_.connects; }
  // in the server's queue
  Instant arrives() const { return after(script_.connects, script_.wire.latency); }
  bool takes() const { return script_.takes_from != never; }
  Instant next() const;
  void act(Instant now);

  // The server's system, on the other end of the wire: what it takes of the server's output, and
  // what it gives of the client's.
  IoResult take_output(std::string_view output, Instant now);
  IoResult give_input(std::span<char> input, Instant now);

  SimWire& wire() { return wire_; }
  const SimWire& wire() const { return wire_; }

  // What the client has done, and seen.
  const std::string& sent() const { return sent_; }
  std::string_view received() const { return wire_.received(); }
  bool has_ended() const { return ended_; }  // its output, properly
  bool has_reset() const { return reset_; }  // by itself, because it takes no more or wants no more
  bool has_left() const { return left_; }
  Instant ended_at() const { return ended_at_; }  // in any of these ways
  bool was_reset() const { return was_reset_; }   // by the server
  bool saw_end() const { return saw_end_; }
  // as the server's system learns of them
  const std::vector<Move>& taken() const { return takes_; }

  // What the server has done.
  std::string written;  // and its system has taken; the client may have got less of it
  std::vector<Move> reads;
  std::vector<Move> writes;
  Instant began_at = never;       // its session
  Instant closing_since = never;  // the session had a reason to end
  Instant shut_at = never;
  Instant closed_at = never;
  bool rejected = false;    // never had a session
  bool faulted = false;     // something was made to fail for it
  std::size_t service = 0;  // of those that the loop had, the one that it got
  CloseReason reason = CloseReason::none;
  SessionCounters counters;
  std::vector<Stretch> in_calls;  // its session had calls that waited
  bool ended_in_call = false;     // with calls that had to be cancelled

 private:
  bool gone() const { return left_ || was_reset_; }
  bool has_to_take() const {
    return wire_.to_take() != 0 || wire_.was_reset() || (wire_.at_end() && !saw_end_);
  }
  void perform(const Act& act, Instant now);
  void take(Instant now);

  Script script_;
  SimWire wire_;
  std::size_t next_act_ = 0;
  Instant act_at_ = never;
  Instant take_at_;
  bool waiting_ = true;  // for something to take

  std::string sent_;
  std::vector<Move> takes_;
  bool ended_ = false;
  bool reset_ = false;
  bool left_ = false;
  Instant ended_at_ = never;
  bool was_reset_ = false;
  bool saw_end_ = false;
};

}  // namespace asyncd::test
