// When messages are sent, and what their replies count for.
#include "cmd/asyncd/bench/load.h"

namespace asyncd::bench {

void Load::pace_all(Instant now) {
  for (Client& client : clients_)
    if (client.state == Client::State::open) pace(client, now);
}

// Begins what may be begun on a connection, and sends it.
void Load::pace(Client& client, Instant now) {
  if (client.state != Client::State::open || client.silent || plan_.one_shot) return;
  const bool early = phase_ == Phase::connecting;  // nobody sends before all are connected
  if (is_open_loop()) {
    if (!early) pace_open_loop(client, now);
  } else if (thinks()) {
    if (!early) think(client, now);
  } else if (!early && (phase_ == Phase::warming || phase_ == Phase::measuring)) {
    while (!client.exchange.is_full() && may_begin()) begin(client, now, now);
  }
  flush(client, now);
  // Only messages without a reply leave room so soon.
  if (client.state == Client::State::open && !early && !thinks() && !is_open_loop() && !client.exchange.is_full() &&
      !client.sending && may_begin())
    again_.push_back(index_of(client));
}

void Load::begin(Client& client, Instant intended, Instant now) {
  client.exchange.begin({intended, now});
  count_begun(intended);
}

void Load::count_begun(Instant intended) {
  ++begun_;
  recorder_.sent();
  if (is_open_loop() && intended >= recorder_.began()) recorder_.due();
}

// What is due already has waited for a connection; the next one waits for its moment.
void Load::pace_open_loop(Client& client, Instant now) {
  while (!client.exchange.is_full() && is_due(now)) {
    const Instant intended = schedule_->take();
    if (intended >= recorder_.began() && recorder_.recording()) recorder_.lagged(Duration(0));
    begin(client, intended, now);
  }
  if (!client.exchange.is_full() && !client.is_free) {
    client.is_free = true;
    free_.push_back(index_of(client));
  }
}

// Hands messages whose moment has come to connections that are free.
void Load::dispatch_due(Instant now) {
  if (phase_ == Phase::connecting) return;
  while (!free_.empty() && is_due(now)) {
    const std::size_t index = free_.back();
    free_.pop_back();
    Client& client = clients_[index];
    client.is_free = false;
    if (plan_.one_shot) {
      if (client.state != Client::State::closed) continue;
      if (recorder_.recording()) recorder_.lagged(now - schedule_->next());
      start_connecting(client, now);
      continue;
    }
    if (client.state != Client::State::open || client.exchange.is_full()) continue;
    const Instant intended = schedule_->take();
    if (intended >= recorder_.began() && recorder_.recording()) recorder_.lagged(now - intended);
    begin(client, intended, now);
    flush(client, now);
    if (client.state == Client::State::open) pace_open_loop(client, now);
    now = Clock::now();
  }
}

// Each message of the connection that is not under way is thought over.
void Load::think(Client& client, Instant now) {
  while (client.thinking + client.exchange.in_flight() < plan_.depth) {
    const auto span = static_cast<std::uint64_t>((plan_.think_most - plan_.think_least).count());
    const Duration pause = plan_.think_least + Duration(static_cast<std::int64_t>(random_.below(span + 1)));
    timers_.push({now + pause, index_of(client), client.connection});
    ++client.thinking;
  }
}

void Load::run_timers(Instant now) {
  while (!timers_.empty() && timers_.top().due <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Client& client = clients_[timer.client];
    if (client.connection != timer.connection || client.state != Client::State::open) continue;
    --client.thinking;
    if (!may_begin() || phase_ == Phase::finishing) continue;
    begin(client, now, now);
    flush(client, now);
  }
}

void Load::on_reply(Client& client, const Moments& moments, Verity verity, Instant now) {
  if (plan_.one_shot) {
    client.replied = true;
    client.verity = verity;
    return;
  }
  ++finished_;
  count_reply(moments, verity, now);
}

void Load::count_reply(const Moments& moments, Verity verity, Instant now) {
  if (verity != Verity::right) {
    recorder_.failed(verity == Verity::wrong ? Failure::wrong_reply : Failure::error_reply);
    return;
  }
  const Duration latency = now - moments.intended;
  if (!is_open_loop()) return recorder_.answered(latency);
  // A message counts where it was due, the rate where its reply came.
  if (moments.intended < recorder_.began()) return recorder_.answered_early();
  if (recorder_.recording())
    recorder_.answered(latency);
  else
    recorder_.answered_late(latency);
  recorder_.served(now - moments.sent);
}

}  // namespace asyncd::bench
