// One client's connection: its beginning, its end, and what comes in between.
#include <algorithm>

#include "cmd/bench/drive/load.h"

namespace asyncd::bench {

namespace {

constexpr std::uint64_t most_connecting = 1024;  // more would find the server's queue full
constexpr Duration before_retry = std::chrono::milliseconds(100);

Failure failure_of(ConnectError error) {
  switch (error) {
    case ConnectError::refused:
      return Failure::refused;
    case ConnectError::no_port:
      return Failure::no_port;
    case ConnectError::no_resource:
      return Failure::no_resource;
    case ConnectError::none:
    case ConnectError::unreachable:
      break;
  }
  return Failure::unreachable;
}

}  // namespace

std::uint64_t Load::wanted_connections(Instant now) const {
  if (!plan_.ramp) return plan_.connections;
  const Ramp& ramp = *plan_.ramp;
  if (phase_ == Phase::connecting) return ramp.from;
  const double part = std::min(1.0, std::chrono::duration<double>(now - phase_began_) / ramp.over);
  const double grown = (static_cast<double>(ramp.to) - static_cast<double>(ramp.from)) * part;
  return static_cast<std::uint64_t>(static_cast<double>(ramp.from) + grown);
}

// Connects those that are not, in their order; one that has failed gets another chance after a
// while.
void Load::keep_connected(Instant now) {
  const std::uint64_t wanted = wanted_connections(now);
  const std::size_t measured = clients_.size() - plan_.idle;
  for (std::size_t i = 0; i < clients_.size() && connecting_ < most_connecting; ++i) {
    Client& client = clients_[i];
    if (i >= wanted && i < measured) continue;
    if (client.state != Client::State::closed) continue;
    if (phase_ == Phase::finishing && !client.resumes) continue;
    const bool first = client.connection == 0;
    if (!first && (now - client.since < before_retry || client.silent)) continue;
    start_connecting(client, now);
  }
}

void Load::start_connecting(Client& client, Instant now) {
  if (plan_.one_shot && !client.silent) {
    const bool is_wanted =
        is_open_loop() && phase_ == Phase::finishing ? is_more_due() : may_begin();
    if (phase_ == Phase::over || !is_wanted) return;
    // Of an open loop, the moment at which one more client was due.
    if (is_open_loop() && schedule_->next() > now) return set_free(client, now);
    client.intended = is_open_loop() ? take_due() : now;
    count_begun(client.intended);
  }
  if (plan_.one_shot && vain_ <= last_life_)
    last_life_ = now;  // no connection had failed until now
  int error = 0;
  Socket attempt = begin_connect(endpoint_, error);
  client.since = now;
  if (!client.resumes) {
    ++client.connection;
    client.exchange.restart(random_.below(tape_.size()));
    client.thinking = 0;
  }
  client.sending = client.replied = client.broken = false;
  client.heard = client.served = client.ill_served = false;
  if (!attempt || !poller_->add(attempt.handle(), index_of(client), true))
    return fail(client,
                error != 0 ? failure_of(classify_connect_error(error)) : Failure::no_resource, now);
  client.socket = std::move(attempt);
  client.state = Client::State::connecting;
  ++connecting_;
}

void Load::on_event(const Poller::Event& event) {
  Client& client = clients_[event.token];
  if (client.state == Client::State::connecting && event.writable) {
    const Instant now = Clock::now();
    const int error = connect_error(client.socket.handle());
    if (error != 0) return fail(client, failure_of(classify_connect_error(error)), now);
    on_connected(client, now);
  } else if (client.state == Client::State::open && event.writable && client.sending) {
    const Instant now = Clock::now();
    flush(client, now);
    pace(client, now);  // messages without a reply were over
  }
  if (client.state == Client::State::open && event.readable) on_readable(client);
}

void Load::on_connected(Client& client, Instant now) {
  --connecting_;
  ++open_;
  last_life_ = now;
  recorder_.measured().connections = std::max(recorder_.measured().connections, open_);
  client.state = Client::State::open;
  client.resumes = false;
  client.sending = true;  // the poller still watches for it; flush puts that right
  if (client.silent) {
    poller_->watch_writable(client.socket.handle(), index_of(client), false);
  } else {
    if (plan_.one_shot) client.exchange.begin({client.intended, now});
    flush(client, now);
    pace(client, now);
  }
}

void Load::flush(Client& client, Instant now) {
  const auto sink = [&](const Moments& moments, Verity verity) {
    on_reply(client, moments, verity, now);
  };
  bool room = !client.broken;
  for (std::string_view bytes; room && !(bytes = client.exchange.unsent()).empty();) {
    const IoResult sent = send_some(client.socket.handle(), bytes);
    room = sent.status == IoResult::Status::ok;
    if (room)
      client.exchange.on_sent(sent.bytes, sink);
    else if (sent.status != IoResult::Status::would_block)
      return drain(client);
  }
  if (client.broken) return;
  if (client.sending == room) {
    client.sending = !room;
    poller_->watch_writable(client.socket.handle(), index_of(client), client.sending);
  }
  if (room && plan_.one_shot) shutdown_write(client.socket.handle());
}

// Replies may have come before the connection broke.
void Load::drain(Client& client) {
  client.broken = true;
  while (client.state == Client::State::open) on_readable(client);
}

void Load::on_readable(Client& client) {
  const IoResult received = receive_some(client.socket.handle(), buffer_);
  const Instant now = Clock::now();
  switch (received.status) {
    case IoResult::Status::ok: {
      const auto sink = [&](const Moments& moments, Verity verity) {
        on_reply(client, moments, verity, now);
      };
      client.heard = true;
      const Exchange::Taken taken =
          client.exchange.on_bytes({buffer_.data(), received.bytes}, sink);
      if (taken == Exchange::Taken::all) return pace(client, now);
      // A one-shot client reads to the end, whatever comes.
      if (plan_.one_shot) client.verity = Verity::wrong;
      if (plan_.one_shot) return;
      if (taken == Exchange::Taken::unasked) {
        const bool refused = judge_.read({buffer_.data(), received.bytes}).verity == Verity::error;
        recorder_.failed(refused ? Failure::error_reply : Failure::wrong_reply);
      }
      return drop(client, now);
    }
    case IoResult::Status::would_block:
      if (client.broken) on_end(client, Failure::reset, now);
      return;
    case IoResult::Status::eof:
      return on_end(client, Failure::early_eof, now);
    case IoResult::Status::reset:
    case IoResult::Status::failed:
      return on_end(client, Failure::reset, now);
  }
}

// The server has ended the connection. Between two messages it may: what is under way then, which
// it has not begun to answer, goes to the next connection. It makes no difference whether it closed
// or reset: the system of the server resets where a message had come that the server did not read
// any more.
void Load::on_end(Client& client, Failure failure, Instant now) {
  if (client.silent) return fail(client, failure, now);
  if (plan_.one_shot) {
    const bool over =
        client.replied || (client.exchange.in_flight() == 0 && failure != Failure::reset);
    if (!over) return fail(client, failure, now);
    count_reply({client.intended, client.since}, client.verity, now);
    ++finished_;
    close(client, now);
    return start_connecting(client, now);
  }
  const bool lived = now - client.since >= before_retry;
  const std::size_t under_way = client.exchange.in_flight();
  const bool served = client.served || (under_way == 0 && lived);
  if (!served || !client.exchange.is_between()) return fail(client, failure, now);
  recorder_.reopened(under_way);
  disconnect(client, now);
  client.exchange.resume();
  client.resumes = true;
  // A server that says nothing, or turns clients away, is left in peace for a while.
  if (client.ill_served || (!client.heard && !lived)) return;
  const bool needed = phase_ != Phase::finishing || under_way != 0 || is_more_due();
  if (needed && connecting_ < most_connecting) return start_connecting(client, now);
  client.since = {};
}

// Nothing is wrong with the network, so it may come back at once.
void Load::drop(Client& client, Instant now) {
  forget_messages(client);
  close(client, now);
  client.since = {};
}

void Load::fail(Client& client, Failure failure, Instant now) {
  recorder_.failed(failure);
  if (client.state != Client::State::open) vain_ = now;
  forget_messages(client);
  close(client, now);
}

void Load::forget_messages(const Client& client) {
  const std::uint64_t of_talker = plan_.one_shot ? 1 : client.exchange.in_flight();
  const std::uint64_t messages = client.silent ? 0 : of_talker;
  finished_ += messages;
  recorder_.lost(messages);
}

void Load::close(Client& client, Instant now) {
  disconnect(client, now);
  client.exchange.restart(0);
  client.resumes = false;
}

void Load::disconnect(Client& client, Instant now) {
  if (client.state == Client::State::connecting) --connecting_;
  if (client.state == Client::State::open) --open_;
  if (client.socket) poller_->remove(client.socket.handle());
  client.socket.close();
  client.state = Client::State::closed;
  client.since = now;
}

void Load::check_timeouts(Instant now) {
  for (Client& client : clients_)
    if (is_waiting(client) && now - waits_since(client) > plan_.timeout)
      fail(client, Failure::timeout, now);
}

bool Load::is_waiting(const Client& client) const {
  if (client.state == Client::State::connecting) return true;
  if (client.silent || (client.state == Client::State::closed && !client.resumes)) return false;
  return plan_.one_shot || client.exchange.in_flight() != 0;
}

Instant Load::waits_since(const Client& client) const {
  const bool by_message = !plan_.one_shot && client.exchange.in_flight() != 0;
  return by_message ? client.exchange.oldest().sent : client.since;
}

}  // namespace asyncd::bench
