// When messages are sent, and what their replies count for.
#include <algorithm>
#include <utility>

#include "cmd/bench/drive/load.h"

namespace asyncd::bench {

void Load::pace_all(Instant now) {
  for (Client& client : clients_)
    if (client.state == Client::State::open) pace(client, now);
}

// Begins what may be begun on a connection, and sends it.
void Load::pace(Client& client, Instant now) {
  // No client sends before all are connected.
  if (client.state != Client::State::open || client.silent || plan_.one_shot ||
      phase_ == Phase::connecting)
    return;
  if (is_open_loop()) {
    while (!client.exchange.is_full() && is_due(now)) begin(client, take_due(), now);
  } else if (!thinks() && (phase_ == Phase::warming || phase_ == Phase::measuring)) {
    while (!client.exchange.is_full() && may_begin()) begin(client, now, now);
  }
  flush(client, now);
  if (client.state != Client::State::open) return;
  if (thinks()) return think(client, now);
  // Nothing is due, or messages without a reply were over at once.
  if (!client.sending && !client.exchange.is_full() && may_begin()) set_free(client, now);
}

// The moment at which the next message was due. What of its wait since then is the client's own
// doing is known by now.
Instant Load::take_due() {
  const Instant intended = schedule_->take();
  if (intended >= recorder_.began())
    recorder_.lagged(std::max<Duration>(Duration(0), back_ - std::max(intended, away_)));
  return intended;
}

// The client would have sent since, but comes to it only now.
void Load::note_absence(Instant since, Instant now) {
  // Behind a long absence, what was due in it comes one by one; no short one hides it meanwhile.
  if (now - since < back_ - away_ && schedule_->next() < back_) return;
  away_ = since;
  back_ = now;
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

void Load::set_free(Client& client, Instant now) {
  if (client.free_since == never) free_.push_back(index_of(client));
  client.free_since = now;
}

// One that can send now, or null. It may have got something to do since it was set free.
Load::Client* Load::find_free() {
  while (!free_.empty()) {
    Client& client = clients_[free_.back()];
    const bool can_send =
        client.state == Client::State::open && !client.exchange.is_full() && !client.sending;
    if (plan_.one_shot ? client.state == Client::State::closed : can_send) return &client;
    client.free_since = never;
    free_.pop_back();
  }
  return nullptr;
}

// Hands messages whose moment has come to connections that are free, once to each: those that get
// no reply leave them free, and others are to be looked after, too.
void Load::dispatch_due(Instant now) {
  if (phase_ == Phase::connecting) return;
  for (std::size_t most = free_.size(); most != 0 && is_due(now); --most) {
    Client* const client = find_free();
    if (client == nullptr) return;
    note_absence(std::max(schedule_->next(), client->free_since), now);
    client->free_since = never;
    free_.pop_back();
    if (plan_.one_shot)
      start_connecting(*client, now);
    else
      pace(*client, now);
    now = Clock::now();
  }
}

// Closed loop: those whose messages were over at once.
void Load::pace_free(Instant now) {
  for (const std::size_t index : std::exchange(free_, {})) {
    clients_[index].free_since = never;
    pace(clients_[index], now);
  }
}

// Each message of the connection that is not under way is thought over.
void Load::think(Client& client, Instant now) {
  while (client.thinking + client.exchange.in_flight() < plan_.depth) {
    const auto span = static_cast<std::uint64_t>((plan_.think_most - plan_.think_least).count());
    const Duration pause =
        plan_.think_least + Duration(static_cast<std::int64_t>(random_.below(span + 1)));
    timers_.push({after(now, pause), index_of(client), client.connection});
    ++client.thinking;
  }
}

void Load::run_timers(Instant now) {
  while (!timers_.empty() && timers_.top().due <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Client& client = clients_[timer.client];
    const bool goes_on = client.state == Client::State::open || client.resumes;
    if (client.connection != timer.connection || !goes_on) continue;
    --client.thinking;
    if (!may_begin() || phase_ == Phase::finishing) continue;
    begin(client, now, now);
    pace(client, now);
  }
}

void Load::on_reply(Client& client, const Moments& moments, Verity verity, Instant now) {
  too_long_ = too_long_ || verity == Verity::too_long;
  if (plan_.one_shot) {
    client.replied = true;
    client.verity = verity;
    return;
  }
  client.served = true;
  client.ill_served = client.ill_served || verity != Verity::right;
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
