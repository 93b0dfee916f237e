#include "tests/support/sim_peer.h"

#include <algorithm>

namespace asyncd::test {

// It can act once it knows that it is connected, which takes a way there and one back.
SimPeer::SimPeer(Script script)
    : script_(std::move(script)),
      wire_(script_.wire),
      take_at_(std::max(script_.connects, script_.takes_from)) {
  if (!script_.acts.empty())
    act_at_ = after(after(script_.connects, 2 * script_.wire.latency), script_.acts.front().pause);
}

Instant SimPeer::next() const {
  if (gone()) return wire_.next();
  return std::min({wire_.next(), act_at_, has_to_take() ? take_at_ : never});
}

void SimPeer::act(Instant now) {
  wire_.advance(now);
  // A client that was waiting takes from now on; one that was not goes on at its pace.
  if (waiting_ && has_to_take()) {
    waiting_ = false;
    take_at_ = std::max(take_at_, now);
  }
  while (!gone() && act_at_ <= now) {
    perform(script_.acts[next_act_], now);
    ++next_act_;
    act_at_ =
        next_act_ < script_.acts.size() ? after(act_at_, script_.acts[next_act_].pause) : never;
  }
  if (!gone() && has_to_take() && take_at_ <= now) take(now);
}

void SimPeer::perform(const Act& act, Instant now) {
  if (act.does != Does::send) ended_at_ = std::min(ended_at_, now);
  switch (act.does) {
    case Does::send:
      sent_ += act.bytes;
      return wire_.send(act.bytes, now);
    case Does::end:
      ended_ = true;
      return wire_.end(now);
    case Does::leave:
      ended_ = left_ = true;
      return wire_.leave(now);
    case Does::reset:
      reset_ = left_ = true;
      return wire_.reset(now);
  }
}

void SimPeer::take(Instant now) {
  if (wire_.take(script_.takes_most, now) != 0)
    takes_.push_back({received().size(), after(now, script_.wire.latency)});
  take_at_ = after(now, script_.takes_every);
  waiting_ = wire_.to_take() == 0;
  if (!waiting_) return;
  was_reset_ = wire_.was_reset();
  saw_end_ = wire_.at_end();
  if (!saw_end_ || !script_.ends_when_told || ended_) return;
  ended_ = true;
  act_at_ = never;
  ended_at_ = now;
  wire_.end(now);
}

IoResult SimPeer::take_output(std::string_view output, Instant now) {
  const IoResult result = wire_.write(output, now);
  if (result.bytes != 0) {
    written += output.substr(0, result.bytes);
    writes.push_back({written.size(), now});
  }
  return result;
}

IoResult SimPeer::give_input(std::span<char> input, Instant now) {
  const IoResult result = wire_.read(input, now);
  if (result.status == IoResult::Status::ok) {
    const std::size_t before = reads.empty() ? 0 : reads.back().total;
    reads.push_back({before + result.bytes, now});
  }
  return result;
}

}  // namespace asyncd::test
