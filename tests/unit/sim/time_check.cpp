// Deadlines, seen from outside: each strikes when its time is over, not earlier, and hardly later;
// and no connection outlives its bounds.
#include <gtest/gtest.h>

#include <algorithm>

#include "client_check.h"

namespace sim {

namespace {

using asyncd::after;
using asyncd::CloseReason;
using asyncd::Duration;
using asyncd::Instant;
using asyncd::Limits;
using asyncd::never;
using asyncd::test::Move;
using asyncd::test::SimPeer;
using asyncd::test::Stretch;

class Times {
 public:
  explicit Times(const ClientCase& one)
      : one_(one),
        peer_(one.peer),
        limits_(one.serving.limits),
        struck_(peer_.closing_since),
        read_(last_before(struck_, peer_.reads, peer_.began_at)),
        written_(last_before(struck_, peer_.writes, peer_.began_at)),
        in_call_(last_in_call(peer_, struck_)),
        taken_(last_before(peer_.closed_at, peer_.taken(), peer_.began_at)) {}

  void check() const {
    check_strike();
    check_linger();
    check_silence();
    check_drain();
    if (one_.scenario.stop != never) {
      EXPECT_LE(peer_.closed_at,
                std::max(one_.scenario.stop, peer_.began_at) + tolerance(one_.scenario));
    }
  }

 private:
  static Instant last_in_call(const SimPeer& peer, Instant before) {
    Instant last = peer.began_at;
    for (const Stretch& stretch : peer.in_calls)
      if (stretch.from < before) last = std::min(stretch.to, before);
    return last;
  }

  void check_strike() const {
    switch (peer_.reason) {
      case CloseReason::first_byte_timeout:
        EXPECT_TRUE(peer_.reads.empty() || peer_.reads.front().at >= struck_);
        expect_strike(read_, limits_.first_byte_timeout);
        return expect_no_drain();
      case CloseReason::idle_timeout:
        return check_idle();
      case CloseReason::message_timeout:
        return check_message();
      case CloseReason::write_timeout:
        EXPECT_GE(peer_.closed_at - taken_, limits_.write_timeout)
            << "though the client took something";
        return;
      default:
        return;
    }
  }

  void expect_strike(Instant begin, Duration limit) const {
    EXPECT_GE(struck_ - begin, limit) << name_of(peer_.reason) << " too early";
    EXPECT_LE(struck_ - begin, limit + tolerance(one_.scenario))
        << name_of(peer_.reason) << " too late";
  }

  // One that had not taken everything when its time was over is still given time for that.
  void check_idle() const {
    const Instant from = std::max({read_, written_, in_call_});
    const Instant over = after(from, limits_.idle_timeout);
    const bool took_all = total_before(over, peer_.taken()) == total_before(over, peer_.writes);
    if (took_all) {
      expect_strike(from, limits_.idle_timeout);
      return expect_no_drain();
    }
    EXPECT_GE(struck_, over);
    EXPECT_LE(struck_ - std::max(over, std::min(taken_, struck_)),
              longest_write() + limits_.idle_timeout);
  }

  Duration longest_write() const {
    return limits_.write_timeout + limits_.write_timeout / 10 + 2 * tolerance(one_.scenario);
  }

  // Then no session may wait for more input, unless for the rest of a message.
  void expect_no_drain() const { EXPECT_GE(told_to_end(one_), struck_ - tolerance(one_.scenario)); }

  // From the first byte of the message; while output is stuck, or calls wait, it does not run.
  void check_message() const {
    ASSERT_LT(peer_.counters.messages_received, one_.expected.input_after.size());
    const std::size_t begin = one_.expected.input_after[peer_.counters.messages_received];
    const auto first = std::find_if(peer_.reads.begin(), peer_.reads.end(),
                                    [&](const Move& move) { return move.total > begin; });
    ASSERT_NE(first, peer_.reads.end());
    EXPECT_GE(struck_ - std::max(first->at, in_call_), limits_.message_timeout);
    EXPECT_LE(
        struck_ - std::max({first->at, written_, in_call_}),
        limits_.message_timeout + tolerance(one_.scenario) + 5 * one_.scenario.style.longest_delay);
  }

  // After its last output it waits for the client's end: not for ever, and not for long if that one
  // says nothing.
  void check_linger() const {
    if (peer_.shut_at == never) return;
    const Instant heard =
        peer_.reads.empty() ? peer_.shut_at : std::max(peer_.shut_at, peer_.reads.back().at);
    // What the system still has of its output may keep it.
    const bool took_all = total_before(peer_.shut_at, peer_.taken()) == peer_.written.size();
    const Instant took = took_all ? peer_.shut_at : std::max(peer_.shut_at, taken_);
    const Duration more = took_all ? Duration{} : longest_write();
    const Duration late = more + tolerance(one_.scenario);
    EXPECT_LE(peer_.closed_at, after(std::max(heard, took), limits_.linger_idle_timeout) + late);
    EXPECT_LE(peer_.closed_at, after(took, limits_.linger_timeout) + late);
  }

  // A connection that was told to end, and has nothing under way, ends.
  void check_drain() const {
    if (may_be_cut(one_)) return;
    const Instant from = end_of_grace(one_);
    const Duration soon = tolerance(one_.scenario) + 5 * one_.scenario.style.longest_delay;
    std::vector<Instant> moves = all_moves();
    moves.push_back(from);
    std::sort(moves.begin(), moves.end());
    for (std::size_t i = 0; i < moves.size(); ++i) {
      const Instant next = std::min(struck_, i + 1 < moves.size() ? moves[i + 1] : never);
      EXPECT_FALSE(moves[i] >= from && after(moves[i], soon) < next && rests(next) &&
                   !in_call(moves[i]))
          << "it went on though it was to end";
    }
  }

  // All that has come is answered, and all answers are sent.
  bool rests(Instant until) const {
    const std::size_t read = total_before(until, peer_.reads);
    const std::size_t written = total_before(until, peer_.writes);
    const std::size_t messages = one_.expected.messages_in(read);
    return total_before(until, peer_.wire().arrivals()) == read &&
           one_.expected.input_after[messages] == read &&
           one_.expected.output_after[messages] == written;
  }

  // However it went, a connection on which nothing moves is ended. A call has its time besides.
  void check_silence() const {
    const Duration longest =
        std::max({limits_.first_byte_timeout, limits_.idle_timeout, limits_.message_timeout}) +
        2 * longest_write() + limits_.linger_idle_timeout + 2 * tolerance(one_.scenario) + grace +
        last_look;
    std::vector<Instant> moves = all_moves();
    moves.insert(moves.end(), {peer_.began_at, peer_.closed_at});
    std::sort(moves.begin(), moves.end());
    for (std::size_t i = 1; i < moves.size(); ++i)
      EXPECT_LE(moves[i] - moves[i - 1],
                longest + (in_call(moves[i - 1]) ? limits_.call_timeout : Duration{}));
  }

  bool in_call(Instant time) const {
    return std::any_of(peer_.in_calls.begin(), peer_.in_calls.end(),
                       [time](const Stretch& one) { return one.from <= time && time < one.to; });
  }

  std::vector<Instant> all_moves() const {
    std::vector<Instant> moves;
    for (const auto* list : {&peer_.reads, &peer_.writes, &peer_.taken()})
      for (const Move& move : *list)
        if (move.at <= peer_.closed_at) moves.push_back(move.at);
    for (const Stretch& stretch : peer_.in_calls)
      if (stretch.from <= peer_.closed_at)
        moves.insert(moves.end(), {stretch.from, std::min(stretch.to, peer_.closed_at)});
    return moves;
  }

  const ClientCase& one_;
  const SimPeer& peer_;
  const Limits& limits_;
  const Instant struck_;
  const Instant read_;
  const Instant written_;
  const Instant in_call_;
  const Instant taken_;
};

}  // namespace

void check_times(const ClientCase& one) { Times(one).check(); }

}  // namespace sim
