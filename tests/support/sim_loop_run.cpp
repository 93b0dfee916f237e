// The time of a SimLoop: clients act, what is pending completes, and time goes on when nothing else
// can.
#include <algorithm>

#include "tests/support/failing_new.h"
#include "tests/support/sim_loop.h"

namespace asyncd::test {

namespace {

constexpr int most_turns = 1'000'000;
constexpr const char* endless = "there is no end to it";

}  // namespace

SimLoop::SimLoop(std::shared_ptr<const Service> service, const Style& style, std::uint64_t seed)
    : style_(style),
      random_(seed),
      pool_(style.most_cached),
      input_buffer_(static_cast<std::size_t>(service->limits.input_buffer)),
      services_(std::move(service)) {
  if (style_.kind != Kind::blocking) notice_ = delayed() - now_;
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
  act();
  refresh();
  obey();
  accept();
  adopt();
  if (operations_due() != never && random_.chance(50) && run_operations()) return true;
  if (complete_one() || run_operations()) return true;
  expire();
  return advance();
}

// What goes on elsewhere, whatever the loop is doing.
void SimLoop::act() {
  replace();
  arrive();
  post_tickets();
  for (SimPeer* peer : peers_)
    while (peer->next() <= now_) peer->act(now_);
}

// Without further events.
bool SimLoop::may_complete(const Operation& operation) const {
  if (connections_.find(operation.owner) == nullptr) return true;
  Connection& connection = *connections_.find(operation.owner);
  const SimWire& wire = connection.channel().peer->wire();
  if (connection.closed()) return true;
  switch (operation.what) {
    case Pending::read:
      return wire.readable() || operation.in_vain || operation.fails;
    case Pending::send:
      return wire.writable();
    case Pending::turn:
      break;
  }
  return true;
}

// As a loop does that is told of several events at once: meanwhile one may have made another one
// stale.
bool SimLoop::complete_one() {
  if (events_.empty()) collect_events();
  if (events_.empty()) return false;
  std::swap(events_[random_.between(0, events_.size() - 1)], events_.back());
  const Event event = events_.back();
  events_.pop_back();
  const auto found = std::find_if(
      operations_.begin(), operations_.end(),
      [&](const Operation& one) { return one.owner == event.owner && one.what == event.what; });
  if (found == operations_.end()) {
    if (connections_.reused(event.owner)) ++stale_events_;
    return true;
  }
  Operation operation = std::move(*found);
  operations_.erase(found);
  complete(std::move(operation));
  return true;
}

void SimLoop::collect_events() {
  for (const Operation& operation : operations_)
    if (operation.at <= now_ && may_complete(operation))
      events_.push_back({operation.owner, operation.what});
}

// False: nothing will ever happen again.
bool SimLoop::advance() {
  check_deadlines();
  const Instant next = soonest();
  if (next == never && connections_.size() != 0)
    connections_.for_each(
        [&](Connection& connection) { complain(connection, "nothing will ever happen to it"); });
  now_ = next == never ? now_ : std::max(now_, next);
  return next != never;
}

Instant SimLoop::soonest_act() const {
  Instant soonest = never;
  for (const SimPeer* peer : peers_) soonest = std::min(soonest, peer->next());
  for (const SimPeer* peer : coming_) soonest = std::min(soonest, peer->arrives());
  for (const Post& post : posts_) soonest = std::min(soonest, post.at);
  return changes_.empty() ? soonest : std::min(soonest, changes_.front().at);
}

Instant SimLoop::soonest() const {
  if (wants_refresh_ && free_to_accept()) return now_;
  Instant soonest = std::min({soonest_act(), refresh_at_, operations_due()});
  for (const Accepted& one : accepted_) soonest = std::min(soonest, one.adopted_at);
  for (const Operation& operation : operations_)
    if (may_complete(operation)) soonest = std::min(soonest, operation.at);
  if (!queue_.empty() && free_to_accept()) soonest = std::min(soonest, accept_at_);
  if (connections_.size() == 0 && queue_.empty() && coming_.empty()) return soonest;
  for (const Instant told : {after(drain_at_, notice_), after(stop_at_, notice_)})
    if (told > now_) soonest = std::min(soonest, told);
  return connections_.size() == 0 ? soonest : std::min(soonest, wheel_.next());
}

// Pumps, and forgets the connection once it has ended and, as far as the driver knows, nothing of
// it is pending.
void SimLoop::pump(Connection& connection) {
  failed_ = allocation_failed();
  calls_of_pump_ = 0;
  try {
    const CountAllocations on(true);
    connection.pump();
  } catch (const Endless&) {
    complain(connection, endless);
    connection.fail(CloseReason::io_error);
  }
  note_fault(connection);
  return_lent();
  observe(connection);
  if (over(connection)) forget(connection);
}

// As far as the driver knows. A loop of readiness forgets what it was to tell a connection that is
// closed.
bool SimLoop::over(Connection& connection) const {
  if (style_.kind == Kind::completions) return connection.over();
  return connection.closed() && !connection.yielding() && !connection.session().has_calls();
}

void SimLoop::observe(Connection& connection) {
  note(connection);
  note_calls(connection);
  const StagedSession& session = connection.session();
  if (!connection.closed() && !connection.yielding() && session.deadline() <= now_)
    complain(connection, "a deadline is over, and nothing happened");
  if (!connection.closed() && (connection.reading() != pending(connection, Pending::read) ||
                               connection.writing() != pending(connection, Pending::send) ||
                               connection.yielding() != pending(connection, Pending::turn)))
    complain(connection, "the driver is wrong about what is pending");
  if (watcher_) watcher_(*connection.channel().peer, *session.session());
}

void SimLoop::expire() {
  wheel_.advance(now_, [this](DeadlineWheel::Node& node) {
    auto& connection = static_cast<Connection&>(node);
    if (has_input_waiting(connection))
      wheel_.arm(connection, now_ + DeadlineWheel::tick);
    else
      pump(connection);
  });
}

// As core/io/deliver.h has it: a client that has sent something is told to be late only when it has
// been read.
bool SimLoop::has_input_waiting(Connection& connection) const {
  return connection.reading() && is_late_with_input(connection);
}

bool SimLoop::is_late_with_input(Connection& connection) const {
  return now_ >= connection.session().deadline() && connection.channel().peer->wire().readable();
}

// Before time goes on: no connection may have been forgotten.
void SimLoop::check_deadlines() {
  connections_.for_each([this](Connection& connection) {
    if (!connection.closed() && !connection.yielding() && !has_input_waiting(connection) &&
        after(connection.session().deadline(), DeadlineWheel::tick) < now_)
      complain(connection, "a deadline was missed");
  });
}

void SimLoop::forget(Connection& connection) {
  const StagedSession& session = connection.session();
  const SimPeer& peer = *connection.channel().peer;
  const Connections::Name name = connection.channel().name;
  if (session.reason() != peer.reason ||
      session.counters().bytes_received != peer.counters.bytes_received ||
      session.counters().messages_received != peer.counters.messages_received)
    complain(connection, "something was received after the end");
  if (std::any_of(operations_.begin(), operations_.end(),
                  [&](const Operation& one) { return one.owner == name; }))
    complain(connection, "it was freed while an operation of it was pending");
  stats_.on_closed(session.reason());
  connections_.end(name);
}

}  // namespace asyncd::test
