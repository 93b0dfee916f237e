#include "tests/support/sim_loop.h"

#include <algorithm>
#include <cstring>

#include "core/io/deliver.h"
#include "tests/support/failing_new.h"

namespace asyncd::test {

static_assert(Loop<SimLoop>);

namespace {

constexpr std::uint64_t most_calls_of_pump = 100'000;
constexpr Duration short_slice = std::chrono::milliseconds(10);  // where the end is near

}  // namespace

SimLoop::Channel SimLoop::open_channel(Socket) { return opening_; }

void SimLoop::need_memory() { ::operator delete(::operator new(1)); }

bool SimLoop::receive(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  begin(connection, pending(connection, Pending::read), "receive");
  const bool failing = fails(*channel.peer);
  const bool waits = style_.kind == Kind::blocking && !connection.writing();
  if (waits && obey(connection)) {
    connection.on_idle();
    return true;
  }
  if (waits && !failing)
    wait_for_input(*channel.peer, connection.session().draining() ? short_slice : slice);
  if (waits ||
      ((failing || channel.peer->wire().readable()) && random_.chance(style_.inline_reads))) {
    settle_read(connection, failing);
    return true;
  }
  operations_.push_back(
      {channel.name, Pending::read, delayed(), failing, random_.chance(style_.vain_reads), {}, {}});
  return false;
}

bool SimLoop::send(Connection& connection, std::string_view output) {
  need_memory();
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  SimPeer& peer = *channel.peer;
  begin(connection, pending(connection, Pending::send), "send");
  if (output.empty()) complain(connection, "send of nothing");
  if (fails(peer)) {
    connection.on_send_failed(CloseReason::io_error);
    return true;
  }
  std::string_view part = output;
  if (random_.chance(style_.short_sends))
    part = output.substr(0, random_.between(1, output.size()));
  if (random_.chance(style_.refused_sends)) part = {};
  const IoResult result = peer.wire().write(part, now_);
  if (result.status == IoResult::Status::reset) {
    connection.on_send_failed(CloseReason::client_reset);
    return true;
  }
  if (result.bytes != 0) {
    peer.written += output.substr(0, result.bytes);
    peer.writes.push_back({peer.written.size(), now_});
  }
  if (result.bytes == output.size()) {
    connection.on_sent(result.bytes);
    return true;
  }
  connection.on_partly_sent(result.bytes);
  const std::string_view unsent = output.substr(result.bytes);
  operations_.push_back(
      {channel.name, Pending::send, delayed(), false, false, unsent, std::string(unsent)});
  return false;
}

bool SimLoop::yield(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  begin(connection, pending(connection, Pending::turn), "yield");
  if (style_.kind == Kind::blocking || random_.chance(style_.inline_yields)) return true;
  operations_.push_back(
      {connection.channel().name, Pending::turn, delayed(), false, false, {}, {}});
  return false;
}

void SimLoop::shutdown_write(Connection& connection) {
  const CountAllocations own(false);
  begin(connection, pending(connection, Pending::send), "shutdown_write");
  SimPeer& peer = *connection.channel().peer;
  peer.wire().shut(now_);
  peer.shut_at = now_;
}

void SimLoop::arm(Connection& connection, Instant deadline) {
  const CountAllocations own(false);
  begin(connection, false, "arm");
  wheel_.arm(connection, deadline);
}

void SimLoop::close(Connection& connection) {
  const CountAllocations own(false);
  SimPeer& peer = *connection.channel().peer;
  if (peer.closed_at != never) complain(connection, "a second close");
  if (!connection.session().finished())
    complain(connection, "close before the session has finished");
  note(connection);
  if (connection.session().cut_off())
    peer.wire().abort(now_);
  else
    peer.wire().close(now_);
  peer.closed_at = now_;
  peer.reason = connection.session().reason();
  peer.counters = connection.session().counters();
  peer.ended_in_call = connection.session().has_calls();
  give_up_operations(connection);
}

// Whether they complete all the same, or are forgotten, though an event of theirs may be on its way
// already.
void SimLoop::give_up_operations(Connection& connection) {
  const auto given_up = [&](Operation& operation) {
    if (operation.owner != connection.channel().name) return false;
    operation.at = delayed();
    if (style_.kind == Kind::completions || operation.what == Pending::turn) return false;
    if (random_.chance(50)) events_.push_back({operation.owner, operation.what});
    return true;
  };
  std::erase_if(operations_, given_up);
}

bool SimLoop::pending(Connection& connection, Pending what) const {
  const Connections::Name name = connection.channel().name;
  return std::any_of(operations_.begin(), operations_.end(),
                     [&](const Operation& one) { return one.owner == name && one.what == what; });
}

void SimLoop::begin(Connection& connection, bool pending, std::string_view what) {
  note(connection);
  if (++calls_of_pump_ > most_calls_of_pump) throw Endless();
  if (pending) complain(connection, std::string(what) + " while an operation is pending");
  if (connection.session().finished()) complain(connection, std::string(what) + " after the end");
}

void SimLoop::note(Connection& connection) {
  SimPeer& peer = *connection.channel().peer;
  if (connection.session().reason() != CloseReason::none)
    peer.closing_since = std::min(peer.closing_since, now_);
}

void SimLoop::complete(Operation operation) {
  Connection* connection = connections_.find(operation.owner);
  if (connection == nullptr) return;  // forget has complained already
  switch (operation.what) {
    case Pending::read:
      complete_read(*connection, operation);
      break;
    case Pending::send:
      complete_send(*connection, operation);
      break;
    case Pending::turn:
      connection->on_turn();
      break;
  }
  pump(*connection);
}

// A wait does not end in vain where there is something, and its client would be called late for
// that.
void SimLoop::complete_read(Connection& connection, const Operation& operation) {
  if (connection.closed())
    complete_read_of_closed(connection);
  else if (operation.in_vain && !is_late_with_input(connection))
    connection.on_idle();
  else
    settle_read(connection, operation.fails);
}

// Given up, failed, or it came too late: that must do no harm.
void SimLoop::complete_read_of_closed(Connection& connection) {
  switch (random_.between(0, 3)) {
    case 0:
      return connection.on_idle();
    case 1:
      return connection.on_bytes({});
    case 2:
      return connection.on_eof();
    default:
      return connection.on_read_failed(CloseReason::client_reset);
  }
}

void SimLoop::complete_send(Connection& connection, const Operation& operation) {
  if (!connection.closed() && operation.unsent != operation.unsent_copy)
    complain(connection, "output that was not acknowledged has changed");
  connection.on_writable();
}

// Lends what there is, or a part of it, or tells how the client has ended.
void SimLoop::settle_read(Connection& connection, bool failing) {
  if (failing) return connection.on_read_failed(CloseReason::io_error);
  SimPeer& peer = *connection.channel().peer;
  std::size_t size = std::clamp<std::size_t>(peer.wire().unread(), 1, input_buffer_);
  if (random_.chance(style_.short_reads)) size = random_.between(1, std::min<std::size_t>(size, 8));
  return_lent();
  lent_ = std::make_unique<char[]>(size);
  lent_size_ = size;
  const IoResult result = peer.wire().read({lent_.get(), size}, now_);
  if (result.status == IoResult::Status::ok) {
    const std::size_t before = peer.reads.empty() ? 0 : peer.reads.back().total;
    peer.reads.push_back({before + result.bytes, now_});
  }
  deliver(connection, result, lent_.get());
}

// Code that looks at them later finds nonsense, or is found by a sanitizer.
void SimLoop::return_lent() {
  if (lent_) std::memset(lent_.get(), '~', lent_size_);
  lent_.reset();
}

void SimLoop::wait_for_input(const SimPeer& peer, Duration longest) {
  for (const Instant end = now_ + longest; !peer.wire().readable() && now_ < end; act())
    now_ = std::clamp(soonest_act(), now_, end);
}

bool SimLoop::fails(SimPeer& peer) {
  if (++operations_begun_ != failing_) return false;
  peer.faulted = true;
  return true;
}

Instant SimLoop::delayed(Instant time) {
  return random_.chance(style_.delays) ? after(time, random_.time_up_to(style_.longest_delay))
                                       : time;
}

void SimLoop::complain(const Connection& connection, std::string_view what) {
  if (!complaint_.empty()) return;
  complaint_ = "connection " + std::to_string(connection.info().id) + ": " + std::string(what);
}

}  // namespace asyncd::test
