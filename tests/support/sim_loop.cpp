#include "tests/support/sim_loop.h"

#include <algorithm>
#include <new>

#include "tests/support/failing_new.h"

namespace asyncd::test {

static_assert(Loop<SimLoop>);

namespace {

constexpr int most_turns = 1'000'000;
constexpr const char* endless = "there is no end to it";
constexpr Duration short_slice = std::chrono::milliseconds(10);  // where the end is near

// As an operation of a real loop may, to begin.
void need_memory() { ::operator delete(::operator new(1)); }

}  // namespace

SimLoop::SimLoop(std::shared_ptr<const Service> service, const Style& style, std::uint64_t seed)
    : world_(style, seed),
      services_(world_, service),
      pool_(style.most_cached),
      io_(world_, rules_, connections_, service->limits.input_buffer) {
  workers_.refresh();
}

SimLoop::~SimLoop() = default;

// What a driver asks for.

bool SimLoop::receive(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  io_.check(connection, What::read, "receive");
  SimPeer& peer = *connection.channel().peer;
  const bool failing = io_.fails(peer);
  const bool waits = world_.blocks() && !connection.writing();
  if (waits && obey(connection)) {
    connection.on_idle();
    return true;
  }
  if (waits && !failing)
    wait_for_input(peer, connection.session().draining() ? short_slice : slice);
  return io_.receive(connection, failing, waits);
}

bool SimLoop::send(Connection& connection, std::string_view output) {
  need_memory();
  const CountAllocations own(false);
  io_.check(connection, What::send, "send");
  return io_.send(connection, output);
}

bool SimLoop::yield(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  io_.check(connection, What::turn, "yield");
  return io_.yield(connection);
}

void SimLoop::shutdown_write(Connection& connection) {
  const CountAllocations own(false);
  io_.check(connection, What::send, "shutdown_write");
  SimPeer& peer = *connection.channel().peer;
  peer.wire().shut(world_.now);
  peer.shut_at = world_.now;
}

void SimLoop::arm(Connection& connection, Instant deadline) {
  const CountAllocations own(false);
  rules_.check_request(subject_of(connection), false, "arm");
  wheel_.arm(connection, deadline);
}

void SimLoop::close(Connection& connection) {
  const CountAllocations own(false);
  SimPeer& peer = *connection.channel().peer;
  const StagedSession& session = connection.session();
  rules_.check_close(subject_of(connection));
  if (session.cut_off())
    peer.wire().abort(world_.now);
  else
    peer.wire().close(world_.now);
  peer.closed_at = world_.now;
  peer.reason = session.reason();
  peer.counters = session.counters();
  peer.ended_in_call = session.has_calls();
  io_.close(connection);
}

// Turns: clients act, what is pending completes, and time goes on when nothing else can.

void SimLoop::run() {
  for (int turns = 0; turn(); ++turns)
    if (turns == most_turns) return world_.complain(endless);
}

// As in a real loop what has come is handled before deadlines are looked at.
bool SimLoop::turn() {
  act();
  refresh();
  if (services_.has_new_phase()) tell_all();
  accept();
  adopt();
  if (reactor_.due() != never && world_.random.chance(50) && run_operations()) return true;
  if (io_.complete_one([this](Connection& one) { pump(one); }) || run_operations()) return true;
  expire();
  return advance();
}

// What goes on elsewhere, whatever the loop is doing.
void SimLoop::act() {
  services_.replace();
  queue_.arrive();
  reactor_.post();
  for (SimPeer* peer : peers_)
    while (peer->next() <= world_.now) peer->act(world_.now);
}

// One that blocks takes the next client in when the last one has gone.
bool SimLoop::free_to_accept() const {
  return !world_.blocks() || (connections_.size() == 0 && queue_.none_accepted());
}

// One in each turn, so that the others have theirs in between.
void SimLoop::accept() {
  if (services_.phase() == StopFlag::Phase::stopping) return queue_.stop_listening();
  const bool draining = services_.phase() == StopFlag::Phase::draining;
  if (draining) queue_.hurry();
  if (SimPeer* const peer = free_to_accept() ? queue_.next_client() : nullptr) {
    stats_.on_accepted();
    peer->service = services_.count() - 1;
    NewConnection connection;
    connection.info.id = stats_.snapshot().accepted;
    connection.service = services_.slot().get();
    queue_.accept(*peer, std::move(connection));
  }
  if (draining && queue_.empty()) queue_.stop_listening();
}

void SimLoop::adopt() {
  while (std::optional<SimQueue::Accepted> next = queue_.take_adopted()) adopt(std::move(*next));
}

void SimLoop::adopt(SimQueue::Accepted accepted) {
  if (services_.phase() == StopFlag::Phase::stopping)
    return reject(*accepted.peer, RejectReason::stopping);
  opening_ = {accepted.peer, connections_.next()};
  Connection* made = make(std::move(accepted));
  if (made == nullptr) return;
  opening_.peer->began_at = world_.now;
  obey(*made);
  pump(*made);
}

// Null, and the client rejected, where the handler has no worker here, or memory is short.
SimLoop::Connection* SimLoop::make(SimQueue::Accepted accepted) {
  const CountAllocations on(true);
  Workers::Place place = workers_.enter(accepted.connection.service);
  if (!place.ok()) {
    reject(*accepted.peer, place.why());
    return nullptr;
  }
  try {
    need_memory();
    return &connections_.make(*this, std::move(accepted.connection), std::move(place), pool_);
  } catch (const std::bad_alloc&) {
    reject(*accepted.peer, RejectReason::no_memory);
    return nullptr;
  }
}

void SimLoop::reject(SimPeer& peer, RejectReason reason) {
  const CountAllocations own(false);
  peer.wire().close(world_.now);
  peer.closed_at = world_.now;
  peer.rejected = true;
  stats_.on_rejected(reason);
}

// One that blocks tells its connection after a slice of waiting, and looks after its workers in
// between two.
void SimLoop::refresh() {
  if (services_.is_told_of_change()) tell_all();
  if (!services_.wants_refresh() || !free_to_accept()) return;
  services_.on_refreshed();
  const CountAllocations on(true);
  workers_.refresh();
}

void SimLoop::tell_all() {
  connections_.for_each([this](Connection& connection) {
    if (obey(connection)) pump(connection);
  });
}

// True: the session has something new to think about.
bool SimLoop::obey(Connection& connection) {
  if (connection.closed()) return false;
  if (services_.phase() == StopFlag::Phase::stopping) {
    connection.fail(CloseReason::stopped);
    return true;
  }
  const bool draining = services_.phase() == StopFlag::Phase::draining;
  if (connection.session().draining() ||
      !(draining || services_.slot().has_retired(connection.service())))
    return false;
  connection.on_drain(draining ? services_.drain_began() : world_.now);
  return true;
}

bool SimLoop::run_operations() {
  if (reactor_.due() > world_.now) return false;
  rules_.begin_operations();
  reactor_.run();
  return true;
}

void SimLoop::resume(void* driver) {
  const CountAllocations own(false);
  Connection* known = nullptr;
  connections_.for_each([&](Connection& one) { known = &one == driver ? &one : known; });
  if (known == nullptr) return world_.complain("a call has outlived its connection");
  if (reactor_.hook_began() != world_.now)
    rules_.complain(subject_of(*known), "a hook began at another time");
  rules_.note_fault(*known->channel().peer);  // in the hook
  pump(*known);
}

void SimLoop::wait_for_input(const SimPeer& peer, Duration longest) {
  const Instant end = world_.now + longest;
  while (!peer.wire().readable() && world_.now < end) {
    world_.now = std::clamp(soonest_act(), world_.now, end);
    act();
  }
}

// Pumps, and forgets the connection once it has ended and, as far as the driver knows, nothing of
// it is pending.
void SimLoop::pump(Connection& connection) {
  rules_.begin_pump();
  try {
    const CountAllocations on(true);
    connection.pump();
  } catch (const SimRules::Endless&) {
    rules_.complain(subject_of(connection), endless);
    connection.fail(CloseReason::io_error);
  }
  rules_.note_fault(*connection.channel().peer);
  io_.take_back_input();
  check(connection);
  if (over(connection)) forget(connection);
}

// As far as the driver knows. A loop of readiness forgets what it was to tell a connection that is
// closed.
bool SimLoop::over(Connection& connection) const {
  if (world_.style.kind == SimKind::completions) return connection.over();
  return connection.closed() && !connection.yielding() && !connection.session().has_calls();
}

void SimLoop::check(Connection& connection) {
  rules_.check_turn(subject_of(connection));
  if (!connection.closed() && (connection.reading() != io_.pending(connection, What::read) ||
                               connection.writing() != io_.pending(connection, What::send) ||
                               connection.yielding() != io_.pending(connection, What::turn)))
    rules_.complain(subject_of(connection), "the driver is wrong about what is pending");
  if (watcher_) watcher_(*connection.channel().peer, *connection.session().session());
}

void SimLoop::forget(Connection& connection) {
  rules_.check_end(subject_of(connection));
  if (io_.any_pending(connection))
    rules_.complain(subject_of(connection), "it was freed while an operation of it was pending");
  stats_.on_closed(connection.session().reason());
  connections_.end(connection.channel().name);
}

// Time goes on.

void SimLoop::expire() {
  wheel_.advance(world_.now, [this](DeadlineWheel::Node& node) {
    auto& connection = static_cast<Connection&>(node);
    if (has_input_waiting(connection))
      wheel_.arm(connection, world_.now + DeadlineWheel::tick);
    else
      pump(connection);
  });
}

bool SimLoop::has_input_waiting(Connection& connection) const {
  return connection.reading() && io_.is_late_with_input(connection);
}

// False: nothing will ever happen again.
bool SimLoop::advance() {
  connections_.for_each([this](Connection& connection) {
    if (!has_input_waiting(connection)) rules_.check_deadline(subject_of(connection));
  });
  const Instant next = soonest();
  if (next == never)
    connections_.for_each([this](Connection& connection) {
      rules_.complain(subject_of(connection), "nothing will ever happen to it");
    });
  else
    world_.now = std::max(world_.now, next);
  return next != never;
}

Instant SimLoop::soonest_act() const {
  Instant soonest =
      std::min({queue_.next_arrival(), reactor_.next_post(), services_.next_change()});
  for (const SimPeer* peer : peers_) soonest = std::min(soonest, peer->next());
  return soonest;
}

Instant SimLoop::soonest() const {
  if (services_.wants_refresh() && free_to_accept()) return world_.now;
  Instant soonest = std::min(
      {soonest_act(), services_.told_at(), reactor_.due(), queue_.next_adopted(), io_.soonest()});
  if (free_to_accept()) soonest = std::min(soonest, queue_.next_accept());
  if (connections_.size() == 0 && queue_.none_left()) return soonest;
  soonest = std::min(soonest, services_.next_phase());
  return connections_.size() == 0 ? soonest : std::min(soonest, wheel_.next());
}

}  // namespace asyncd::test
