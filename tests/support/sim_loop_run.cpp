// The world of a SimLoop: clients come and act, what is pending completes, and time goes on when nothing else can.
#include <algorithm>
#include <new>

#include "tests/support/failing_new.h"
#include "tests/support/sim_loop.h"

namespace asyncd::test {

namespace {

constexpr int most_turns = 1'000'000;
constexpr const char* endless = "there is no end to it";

}  // namespace

SimLoop::SimLoop(const Service& service, const Style& style, std::uint64_t seed)
    : service_(service),
      services_(std::shared_ptr<const Service>(std::shared_ptr<void>(), &service)),
      style_(style),
      random_(seed),
      now_(sim_start),
      wheel_(now_) {
  workers_.refresh();
}

SimLoop::~SimLoop() = default;

void SimLoop::run() {
  for (int turns = 0; turn(); ++turns) {
    if (turns < most_turns) continue;
    if (complaint_.empty()) complaint_ = endless;
    return;
  }
}

// As in a real loop what has come is handled before deadlines are looked at.
bool SimLoop::turn() {
  obey();
  connect();
  act();
  if (complete_one()) return true;
  wheel_.advance(now_, [this](DeadlineWheel::Node& node) { pump(static_cast<Connection&>(node)); });
  return advance();
}

void SimLoop::connect() {
  for (std::size_t i = 0; i < coming_.size();) {
    if (coming_[i]->connects() > now_) {
      ++i;
      continue;
    }
    SimPeer& peer = *coming_[i];
    coming_.erase(coming_.begin() + static_cast<std::ptrdiff_t>(i));
    peers_.push_back(&peer);
    adopt(peer);
  }
}

void SimLoop::adopt(SimPeer& peer) {
  stats_.on_accepted();
  opening_ = &peer;
  connections_.reserve(connections_.size() + 1);
  try {
    const CountAllocations on(true);
    NewConnection connection;
    connection.info.id = peers_.size();
    connections_.push_back(
        std::make_unique<Connection>(*this, std::move(connection), workers_.enter(services_.get()), pool_));
  } catch (const std::bad_alloc&) {
    peer.close();
    peer.closed_at = now_;
    peer.rejected = true;
    return stats_.on_rejected(RejectReason::no_memory);
  }
  pump(*connections_.back());
}

// What the latch of a real loop would say.
Latch::Phase SimLoop::phase() const {
  return stop_at_ <= now_ ? Latch::Phase::stopping : drain_at_ <= now_ ? Latch::Phase::draining : Latch::Phase::serving;
}

// From now on nobody is taken in.
void SimLoop::obey() {
  if (phase() == obeyed_) return;
  obeyed_ = phase();
  coming_.clear();
  // Backwards, because pump takes those out that have ended.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    tell(*connections_[i]);
    pump(*connections_[i]);
  }
}

void SimLoop::tell(Connection& connection) {
  if (obeyed_ == Latch::Phase::stopping)
    connection.fail(CloseReason::stopped);
  else
    connection.on_drain(drain_at_);
}

void SimLoop::act() {
  for (SimPeer* peer : peers_)
    while (peer->next() <= now_) peer->act(now_);
}

// All that is pending and will complete without further events, now or later.
void SimLoop::find_candidates() {
  candidates_.clear();
  for (const auto& connection : connections_) {
    const Channel& channel = connection->channel();
    const bool closed = connection->closed();
    if (channel.reading && (closed || channel.peer->readable() || channel.read_in_vain || channel.read_fails))
      candidates_.push_back({connection.get(), Pending::read, channel.read_at});
    if (channel.sending && (closed || channel.peer->writable()))
      candidates_.push_back({connection.get(), Pending::send, channel.send_at});
    if (channel.yielding) candidates_.push_back({connection.get(), Pending::turn, channel.turn_at});
  }
}

bool SimLoop::complete_one() {
  find_candidates();
  std::erase_if(candidates_, [this](const Candidate& candidate) { return candidate.at > now_; });
  if (candidates_.empty()) return false;
  complete(candidates_[random_.between(0, candidates_.size() - 1)]);
  return true;
}

// False: nothing will ever happen again.
bool SimLoop::advance() {
  Instant soonest = soonest_act();
  for (const SimPeer* peer : coming_) soonest = std::min(soonest, peer->connects());
  find_candidates();
  for (const Candidate& candidate : candidates_) soonest = std::min(soonest, candidate.at);
  if (!connections_.empty()) {
    soonest = std::min(soonest, wheel_.next());
    for (const Instant told : {drain_at_, stop_at_})
      if (told > now_) soonest = std::min(soonest, told);
  }
  if (soonest == never && !connections_.empty()) complain(*connections_.front(), "nothing will ever happen to it");
  now_ = soonest == never ? now_ : std::max(now_, soonest);
  return soonest != never;
}

Instant SimLoop::soonest_act() const {
  Instant soonest = never;
  for (const SimPeer* peer : peers_) soonest = std::min(soonest, peer->next());
  return soonest;
}

// Pumps, and forgets the connection once it has ended and no operation of it is pending.
void SimLoop::pump(Connection& connection) {
  const bool failed_before = allocation_failed();
  calls_of_pump_ = 0;
  try {
    const CountAllocations on(true);
    connection.pump();
  } catch (const Endless&) {
    complain(connection, endless);
    connection.fail(CloseReason::io_error);
  }
  if (allocation_failed() != failed_before) connection.channel().peer->faulted = true;
  return_lent();
  observe(connection);
  const Channel& channel = connection.channel();
  if (connection.reading() != channel.reading || connection.writing() != channel.sending ||
      connection.yielding() != channel.yielding)
    complain(connection, "the driver is wrong about what is pending");
  if (connection.closed() && !channel.reading && !channel.sending && !channel.yielding) forget(connection);
}

void SimLoop::observe(Connection& connection) {
  note(connection);
  const Session& session = connection.session();
  if (!connection.closed() && !connection.yielding() && session.deadline() <= now_)
    complain(connection, "a deadline is over, and nothing happened");
  if (watcher_) watcher_(*connection.channel().peer, session);
}

void SimLoop::forget(Connection& connection) {
  const Session& session = connection.session();
  const SimPeer& peer = *connection.channel().peer;
  if (session.reason() != peer.reason || session.counters().bytes_received != peer.counters.bytes_received ||
      session.counters().messages_received != peer.counters.messages_received)
    complain(connection, "something was received after the end");
  stats_.on_closed(session.reason(), session.counters());
  std::erase_if(connections_, [&](const auto& one) { return one.get() == &connection; });
}

}  // namespace asyncd::test
