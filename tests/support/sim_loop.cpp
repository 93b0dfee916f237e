#include "tests/support/sim_loop.h"

#include <algorithm>
#include <cstring>

#include "core/io/deliver.h"
#include "tests/support/failing_new.h"

namespace asyncd::test {

static_assert(Loop<SimLoop>);

namespace {

constexpr std::uint64_t most_calls_of_pump = 100'000;

// An operation of a real loop may need memory to begin.
void need_memory() { ::operator delete(::operator new(1)); }

}  // namespace

SimLoop::Channel SimLoop::open_channel(Socket) {
  Channel channel;
  channel.peer = opening_;
  return channel;
}

bool SimLoop::receive(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  begin(connection, channel.reading, "receive");
  const bool failing = fails(*channel.peer);
  const bool waits = style_.blocking && !connection.writing();
  if (waits && obey(connection)) {
    connection.on_idle();
    return true;
  }
  if (waits && !failing) wait_for_input(*channel.peer);
  if (waits || ((failing || channel.peer->readable()) && random_.chance(style_.inline_reads))) {
    settle_read(connection, failing);
    return true;
  }
  channel.reading = true;
  channel.read_at = delayed();
  channel.read_fails = failing;
  channel.read_in_vain = random_.chance(style_.vain_reads);
  return false;
}

bool SimLoop::send(Connection& connection, std::string_view output) {
  need_memory();
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  begin(connection, channel.sending, "send");
  if (output.empty()) complain(connection, "send of nothing");
  if (fails(*channel.peer)) {
    connection.on_send_failed(CloseReason::io_error);
    return true;
  }
  std::string_view part = output;
  if (random_.chance(style_.short_sends)) part = output.substr(0, random_.between(1, output.size()));
  if (random_.chance(style_.refused_sends)) part = {};
  const IoResult result = channel.peer->write(part, now_);
  if (result.status == IoResult::Status::reset) {
    connection.on_send_failed(CloseReason::client_reset);
    return true;
  }
  if (result.bytes == output.size()) {
    connection.on_sent(result.bytes);
    return true;
  }
  connection.on_partly_sent(result.bytes);
  channel.sending = true;
  channel.send_at = delayed();
  channel.unsent = output.substr(result.bytes);
  channel.unsent_copy = channel.unsent;
  return false;
}

bool SimLoop::yield(Connection& connection) {
  need_memory();
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  begin(connection, channel.yielding, "yield");
  if (style_.blocking || random_.chance(style_.inline_yields)) return true;
  channel.yielding = true;
  channel.turn_at = delayed();
  return false;
}

void SimLoop::shutdown_write(Connection& connection) {
  const CountAllocations own(false);
  begin(connection, connection.channel().sending, "shutdown_write");
  connection.channel().peer->shut(now_);
}

void SimLoop::arm(Connection& connection, Instant deadline) {
  const CountAllocations own(false);
  begin(connection, false, "arm");
  wheel_.arm(connection, deadline);
}

// What is pending completes all the same, and the last of it frees the connection.
void SimLoop::close(Connection& connection) {
  const CountAllocations own(false);
  Channel& channel = connection.channel();
  if (channel.peer->closed_at != never) complain(connection, "a second close");
  if (!connection.session().finished()) complain(connection, "close before the session has finished");
  note(connection);
  if (connection.session().cut_off())
    channel.peer->reset_by_server();
  else
    channel.peer->close();
  channel.peer->closed_at = now_;
  channel.peer->reason = connection.session().reason();
  channel.peer->counters = connection.session().counters();
  channel.read_at = channel.send_at = channel.turn_at = delayed();
}

// True: the session has something new to think about. A blocking loop is told nowhere else.
bool SimLoop::obey(Connection& connection) {
  if (phase() == obeyed_) return false;
  obeyed_ = phase();
  tell(connection);
  return true;
}

void SimLoop::begin(Connection& connection, bool pending, std::string_view what) {
  note(connection);
  if (++calls_of_pump_ > most_calls_of_pump) throw Endless();
  if (pending) complain(connection, std::string(what) + " while an operation is pending");
  if (connection.session().finished()) complain(connection, std::string(what) + " after the end");
}

void SimLoop::note(Connection& connection) {
  SimPeer& peer = *connection.channel().peer;
  if (connection.session().reason() != CloseReason::none) peer.closing_since = std::min(peer.closing_since, now_);
}

void SimLoop::complete(const Candidate& candidate) {
  Connection& connection = *candidate.connection;
  Channel& channel = connection.channel();
  switch (candidate.what) {
    case Pending::read:
      channel.reading = false;
      complete_read(connection);
      break;
    case Pending::send:
      channel.sending = false;
      complete_send(connection);
      break;
    case Pending::turn:
      channel.yielding = false;
      connection.on_turn();
      break;
  }
  pump(connection);
}

void SimLoop::complete_read(Connection& connection) {
  if (connection.closed())
    complete_read_of_closed(connection);
  else if (connection.channel().read_in_vain)
    connection.on_idle();
  else
    settle_read(connection, connection.channel().read_fails);
}

// Given up, failed, or it came too late: nobody may mind.
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

void SimLoop::complete_send(Connection& connection) {
  Channel& channel = connection.channel();
  if (!connection.closed() && channel.unsent != channel.unsent_copy)
    complain(connection, "output that was not acknowledged has changed");
  connection.on_writable();
}

// Lends what there is, or a part of it, or tells how the client has ended.
void SimLoop::settle_read(Connection& connection, bool failing) {
  if (failing) return connection.on_read_failed(CloseReason::io_error);
  SimPeer& peer = *connection.channel().peer;
  std::size_t size = std::clamp<std::size_t>(peer.unread(), 1, static_cast<std::size_t>(service_.limits.input_buffer));
  if (random_.chance(style_.short_reads)) size = random_.between(1, std::min<std::size_t>(size, 8));
  return_lent();
  lent_ = std::make_unique<char[]>(size);
  lent_size_ = size;
  deliver(connection, peer.read({lent_.get(), size}, now_), lent_.get());
}

// Whoever looks at them later, finds nonsense, or is found by a sanitizer.
void SimLoop::return_lent() {
  if (lent_) std::memset(lent_.get(), '~', lent_size_);
  lent_.reset();
}

void SimLoop::wait_for_input(const SimPeer& peer) {
  for (const Instant end = now_ + slice; !peer.readable() && now_ < end; act())
    now_ = std::clamp(soonest_act(), now_, end);
}

bool SimLoop::fails(SimPeer& peer) {
  if (++operations_ != failing_) return false;
  peer.faulted = true;
  return true;
}

Instant SimLoop::delayed() {
  return random_.chance(style_.delays) ? now_ + random_.time_up_to(style_.longest_delay) : now_;
}

void SimLoop::complain(const Connection& connection, std::string_view what) {
  if (!complaint_.empty()) return;
  complaint_ = "connection " + std::to_string(connection.info().id) + ": " + std::string(what);
}

}  // namespace asyncd::test
