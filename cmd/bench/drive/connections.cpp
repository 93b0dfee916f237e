#include "cmd/bench/drive/connections.h"

#include <algorithm>

namespace asyncd::bench {

namespace {

constexpr std::uint64_t most_connecting = 1024;  // more would find the server's queue full
constexpr Duration before_retry = std::chrono::milliseconds(100);
constexpr std::size_t read_size = std::size_t{256} << 10;

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

Connections::Connections(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape,
                         const ReplyChecker& checker, const Course& course, Pace& pace,
                         Recorder& recorder, Random& random, ConnectionUser& user)
    : plan_(plan),
      endpoint_(endpoint),
      tape_(tape),
      checker_(checker),
      course_(course),
      pace_(pace),
      recorder_(recorder),
      random_(random),
      user_(user),
      buffer_(read_size) {
  const std::uint64_t most = plan.most_connections();
  clients_.reserve(most);
  for (std::uint64_t i = 0; i < most; ++i) {
    clients_.emplace_back(i, Exchange(tape, checker, plan.depth));
    clients_.back().silent = i >= most - plan.idle;
  }
}

Result<void> Connections::start(Instant now) {
  Result<Poller> poller = Poller::create();
  if (!poller) return poller.error();
  poller_.emplace(std::move(*poller));
  last_life_ = now;
  return {};
}

bool Connections::are_lifeless(Instant now, Duration longest) {
  if (open_ != 0) last_life_ = now;
  // One-shot clients may be far between: it is their attempts that tell.
  const Instant without = plan_.one_shot ? vain_ : now;
  return without - last_life_ > longest && connecting_ == 0;
}

std::uint64_t Connections::wanted(Instant now) const {
  if (!plan_.ramp) return plan_.connections;
  const Ramp& ramp = *plan_.ramp;
  if (course_.phase == RunPhase::connecting) return ramp.from;
  const double part = std::min(1.0, std::chrono::duration<double>(now - course_.began) / ramp.over);
  const double grown = (static_cast<double>(ramp.to) - static_cast<double>(ramp.from)) * part;
  return static_cast<std::uint64_t>(static_cast<double>(ramp.from) + grown);
}

// Connects those that are not, in their order; one that has failed gets another chance after a
// while.
void Connections::keep_connected(Instant now) {
  const std::uint64_t most = wanted(now);
  const std::size_t measured = clients_.size() - plan_.idle;
  for (std::size_t i = 0; i < clients_.size() && connecting_ < most_connecting; ++i) {
    Client& client = clients_[i];
    if (i >= most && i < measured) continue;
    if (client.state != Client::State::closed) continue;
    if (course_.phase == RunPhase::finishing && !client.resumes) continue;
    const bool first = client.connection == 0;
    if (!first && (now - client.since < before_retry || client.silent)) continue;
    start_connecting(client, now);
  }
}

void Connections::start_connecting(Client& client, Instant now) {
  if (plan_.one_shot && !client.silent && !take_one_shot(client, now)) return;
  // One-shot clients had not failed until now.
  if (plan_.one_shot && vain_ <= last_life_) last_life_ = now;
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
  if (!attempt || !poller_->add(attempt.handle(), client.index, true))
    return fail(client,
                error != 0 ? failure_of(classify_connect_error(error)) : Failure::no_resource, now);
  client.socket = std::move(attempt);
  client.state = Client::State::connecting;
  ++connecting_;
}

// The message for which a one-shot client connects; false: none is to be sent now.
bool Connections::take_one_shot(Client& client, Instant now) {
  const bool open_loop = plan_.is_open_loop();
  const bool is_wanted =
      open_loop && course_.phase == RunPhase::finishing ? pace_.is_more_due() : pace_.may_begin();
  if (course_.phase == RunPhase::over || !is_wanted) return false;
  // Of an open loop, the moment at which one more client was due.
  if (open_loop && pace_.next_due() > now) {
    user_.set_free(client, now);
    return false;
  }
  client.intended = open_loop ? pace_.take_due() : now;
  pace_.count_begun(client.intended);
  return true;
}

void Connections::on_event(const Poller::Event& event) {
  Client& client = clients_[event.token];
  if (client.state == Client::State::connecting && event.writable) {
    const Instant now = Clock::now();
    const int error = connect_error(client.socket.handle());
    if (error != 0) return fail(client, failure_of(classify_connect_error(error)), now);
    on_connected(client, now);
  } else if (client.state == Client::State::open && event.writable && client.sending) {
    const Instant now = Clock::now();
    flush(client, now);
    user_.on_room(client, now);  // messages without a reply were over
  }
  if (client.state == Client::State::open && event.readable) on_readable(client);
}

void Connections::on_connected(Client& client, Instant now) {
  --connecting_;
  ++open_;
  last_life_ = now;
  recorder_.measured().connections = std::max(recorder_.measured().connections, open_);
  client.state = Client::State::open;
  client.resumes = false;
  client.sending = true;  // the poller still watches for it; flush puts that right
  if (client.silent) {
    poller_->watch_writable(client.socket.handle(), client.index, false);
  } else {
    if (plan_.one_shot) client.exchange.begin({client.intended, now});
    flush(client, now);
    user_.on_room(client, now);
  }
}

void Connections::flush(Client& client, Instant now) {
  const auto sink = [&](const Moments& moments, ReplyStatus status) {
    on_reply(client, moments, status, now);
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
    poller_->watch_writable(client.socket.handle(), client.index, client.sending);
  }
  if (room && plan_.one_shot) shutdown_write(client.socket.handle());
}

// Replies may have come before the connection broke.
void Connections::drain(Client& client) {
  client.broken = true;
  while (client.state == Client::State::open) on_readable(client);
}

void Connections::on_readable(Client& client) {
  const IoResult received = receive_some(client.socket.handle(), buffer_);
  const Instant now = Clock::now();
  switch (received.status) {
    case IoResult::Status::ok:
      return on_bytes(client, {buffer_.data(), received.bytes}, now);
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

void Connections::on_bytes(Client& client, std::string_view bytes, Instant now) {
  const auto sink = [&](const Moments& moments, ReplyStatus status) {
    on_reply(client, moments, status, now);
  };
  client.heard = true;
  const Exchange::Taken taken = client.exchange.on_bytes(bytes, sink);
  if (taken == Exchange::Taken::all) return user_.on_room(client, now);
  // A one-shot client reads to the end, whatever comes.
  if (plan_.one_shot) {
    client.status = ReplyStatus::wrong;
    return;
  }
  if (taken == Exchange::Taken::unasked) {
    const bool refused = checker_.read(bytes).status == ReplyStatus::error;
    recorder_.failed(refused ? Failure::error_reply : Failure::wrong_reply);
  }
  drop(client, now);
}

void Connections::on_reply(Client& client, const Moments& moments, ReplyStatus status,
                           Instant now) {
  too_long_reply_ = too_long_reply_ || status == ReplyStatus::too_long;
  if (plan_.one_shot) {
    client.replied = true;
    client.status = status;
    return;
  }
  client.served = true;
  client.ill_served = client.ill_served || status != ReplyStatus::right;
  pace_.count_through(1);
  count_reply(moments, status, now);
}

void Connections::count_reply(const Moments& moments, ReplyStatus status, Instant now) {
  if (status != ReplyStatus::right) {
    recorder_.failed(status == ReplyStatus::wrong ? Failure::wrong_reply : Failure::error_reply);
    return;
  }
  const Duration latency = now - moments.intended;
  if (!plan_.is_open_loop()) return recorder_.answered(latency);
  // A message counts where it was due, the rate where its reply came.
  if (moments.intended < recorder_.began()) return recorder_.answered_early();
  if (recorder_.recording())
    recorder_.answered(latency);
  else
    recorder_.answered_late(latency);
  recorder_.served(now - moments.sent);
}

// The server has ended the connection. Between two messages it may: what is under way then, which
// it has not begun to answer, goes to the next connection. It makes no difference whether it closed
// or reset: the system of the server resets where a message had come that the server did not read
// any more.
void Connections::on_end(Client& client, Failure failure, Instant now) {
  if (client.silent) return fail(client, failure, now);
  if (plan_.one_shot) return end_one_shot(client, failure, now);
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
  const bool needed = course_.phase != RunPhase::finishing || under_way != 0 || pace_.is_more_due();
  if (needed && connecting_ < most_connecting) return start_connecting(client, now);
  client.since = {};
}

void Connections::end_one_shot(Client& client, Failure failure, Instant now) {
  const bool over =
      client.replied || (client.exchange.in_flight() == 0 && failure != Failure::reset);
  if (!over) return fail(client, failure, now);
  count_reply({client.intended, client.since}, client.status, now);
  pace_.count_through(1);
  close(client, now);
  start_connecting(client, now);
}

// Nothing is wrong with the network, so it may come back at once.
void Connections::drop(Client& client, Instant now) {
  forget_messages(client);
  close(client, now);
  client.since = {};
}

void Connections::fail(Client& client, Failure failure, Instant now) {
  recorder_.failed(failure);
  if (client.state != Client::State::open) vain_ = now;
  forget_messages(client);
  close(client, now);
}

void Connections::forget_messages(const Client& client) {
  if (client.silent) return;
  const std::uint64_t messages = plan_.one_shot ? 1 : client.exchange.in_flight();
  pace_.count_through(messages);
  recorder_.lost(messages);
}

void Connections::close(Client& client, Instant now) {
  disconnect(client, now);
  client.exchange.restart(0);
  client.resumes = false;
}

void Connections::disconnect(Client& client, Instant now) {
  if (client.state == Client::State::connecting) --connecting_;
  if (client.state == Client::State::open) --open_;
  if (client.socket) poller_->remove(client.socket.handle());
  client.socket.close();
  client.state = Client::State::closed;
  client.since = now;
}

void Connections::check_timeouts(Instant now) {
  for (Client& client : clients_)
    if (is_waiting(client) && now - waits_since(client) > plan_.timeout)
      fail(client, Failure::timeout, now);
}

bool Connections::is_waiting(const Client& client) const {
  if (client.state == Client::State::connecting) return true;
  if (client.silent || (client.state == Client::State::closed && !client.resumes)) return false;
  return plan_.one_shot || client.exchange.in_flight() != 0;
}

Instant Connections::waits_since(const Client& client) const {
  const bool by_message = !plan_.one_shot && client.exchange.in_flight() != 0;
  return by_message ? client.exchange.oldest().sent : client.since;
}

}  // namespace asyncd::bench
