// What a simulation came to. Counted, so that a test can tell that all of it is met.
#include <algorithm>

#include "client_check.h"

namespace sim {

namespace {

using asyncd::after;
using asyncd::CloseReason;
using asyncd::Instant;
using asyncd::never;
using asyncd::test::Move;
using asyncd::test::SimPeer;

bool has_between(const std::vector<Move>& moves, Instant from, Instant to) {
  return std::any_of(moves.begin(), moves.end(),
                     [&](const Move& move) { return move.at >= from && move.at < to; });
}

bool paused_for_a_second(const std::vector<Move>& moves) {
  const auto long_after = [](const Move& one, const Move& other) {
    return other.at - one.at >= std::chrono::seconds(1);
  };
  return std::adjacent_find(moves.begin(), moves.end(), long_after) != moves.end();
}

bool lost_input_by_reset(const SimPeer& peer) {
  const std::size_t read = peer.reads.empty() ? 0 : peer.reads.back().total;
  const auto& arrivals = peer.wire().arrivals();
  const std::size_t arrived = arrivals.empty() ? 0 : arrivals.back().total;
  return peer.has_reset() && peer.reason == CloseReason::client_reset && read < arrived;
}

bool saw(Sight sight, const ClientCase& one) {
  const SimPeer& peer = one.peer;
  const asyncd::Duration way = peer.arrives() - peer.connects();
  switch (sight) {
    case Sight::reset_by_late_input:
      return peer.was_reset() && has_between(peer.wire().arrivals(), peer.closed_at, never);
    case Sight::replies_lost_by_reset:
      return peer.was_reset() && peer.received() != peer.written;
    case Sight::input_lost_by_reset:
      return lost_input_by_reset(peer);
    case Sight::answer_after_half_close:
      return !peer.has_left() && has_between(peer.writes, peer.ended_at(), never);
    case Sight::stuck_output:
      return paused_for_a_second(peer.writes);
    case Sight::input_after_our_end:
      return peer.shut_at != never &&
             has_between(peer.wire().arrivals(), peer.shut_at, peer.closed_at);
    case Sight::both_ended_at_once:
      return peer.shut_at != never && peer.shut_at < after(peer.ended_at(), way) &&
             peer.ended_at() < after(peer.shut_at, way);
    case Sight::gone_before_accepted:
      return peer.has_left() && peer.began_at != never &&
             after(peer.ended_at(), way) < peer.began_at;
    case Sight::answer_in_grace:
      return peer.reason == CloseReason::drained &&
             has_between(peer.wire().arrivals(), told_to_end(one), end_of_grace(one)) &&
             has_between(peer.writes, told_to_end(one), never);
    case Sight::accepted_in_drain:
      return peer.began_at != never && peer.began_at > one.scenario.drain &&
             peer.arrives() < one.scenario.drain;
    case Sight::met_closed_port:
      return peer.closed_at == never && peer.arrives() > one.scenario.drain && peer.was_reset();
    case Sight::rejected:
      return peer.rejected;
    case Sight::second_service:
      return peer.service > 0 && !peer.written.empty();
    case Sight::retired:
      return peer.reason == CloseReason::drained && one.scenario.drain > peer.closed_at;
    case Sight::stopped_under_way:
      return peer.reason == CloseReason::stopped && peer.was_reset() && !peer.written.empty();
    case Sight::call_cut_by_reset:
      return peer.ended_in_call && peer.reason == CloseReason::client_reset;
    case Sight::call_cut_by_stop:
      return peer.ended_in_call && peer.reason == CloseReason::stopped;
    case Sight::call_cut_by_drain_end:
      return peer.ended_in_call && peer.reason == CloseReason::stopped &&
             end_of_grace(one) < one.scenario.stop;
    case Sight::call_timed_out:
      return peer.written.find("error: timed out") != std::string::npos;
    case Sight::reply_broken_off:
      return was_broken_off(one);
    case Sight::stale_event:
    case Sight::calls_in_flight:
    case Sight::reply_held_back:
    case Sight::flush_waited:
    case Sight::waited_for_its_turn:
      break;  // the loop counts these, or the handler
  }
  return false;
}

}  // namespace

void note_sights(const ClientCase& one, Outcome& outcome) {
  for (std::size_t i = 0; i < sight_count; ++i)
    if (saw(static_cast<Sight>(i), one)) ++outcome.sights[i];
}

}  // namespace sim
