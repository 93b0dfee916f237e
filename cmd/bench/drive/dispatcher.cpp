#include "cmd/bench/drive/dispatcher.h"

#include <algorithm>
#include <utility>

namespace asyncd::bench {

void Dispatcher::begin_all(Instant now) {
  for (Client& client : connections_.clients())
    if (client.state == Client::State::open) on_room(client, now);
}

void Dispatcher::work(Instant now) {
  run_timers(now);
  plan_.is_open_loop() ? dispatch_due(now) : serve_free(now);
}

Instant Dispatcher::next_work() {
  if (!plan_.is_open_loop() && !free_.empty()) return {};
  Instant next = timers_.empty() ? never : timers_.top().due;
  if (plan_.is_open_loop() && pace_.is_more_due())
    if (const Client* free = find_free())
      next = std::min(next, std::max(free->free_since, pace_.next_due()));
  return next;
}

// Begins what may be begun on a connection, and sends it.
void Dispatcher::on_room(Client& client, Instant now) {
  const RunPhase phase = course_.phase;
  // No client sends before all are connected.
  if (client.state != Client::State::open || client.silent || plan_.one_shot ||
      phase == RunPhase::connecting)
    return;
  if (plan_.is_open_loop()) {
    while (!client.exchange.is_full() && pace_.is_due(now)) begin(client, pace_.take_due(), now);
  } else if (!plan_.thinks() && (phase == RunPhase::warming || phase == RunPhase::measuring)) {
    while (!client.exchange.is_full() && pace_.may_begin()) begin(client, now, now);
  }
  connections_.flush(client, now);
  if (client.state != Client::State::open) return;
  if (plan_.thinks()) return think(client, now);
  // Nothing is due, or messages without a reply were over at once.
  if (client.can_send() && pace_.may_begin()) set_free(client, now);
}

void Dispatcher::begin(Client& client, Instant intended, Instant now) {
  client.exchange.begin({intended, now});
  pace_.count_begun(intended);
}

void Dispatcher::set_free(Client& client, Instant now) {
  if (client.free_since == never) free_.push_back(client.index);
  client.free_since = now;
}

// One that can send now, or null. It may have got something to do since it was set free.
Client* Dispatcher::find_free() {
  while (!free_.empty()) {
    Client& client = connections_.clients()[free_.back()];
    if (plan_.one_shot ? client.state == Client::State::closed : client.can_send()) return &client;
    client.free_since = never;
    free_.pop_back();
  }
  return nullptr;
}

// Hands messages whose moment has come to connections that are free, once to each: those that get
// no reply leave them free, and others are to be looked after, too.
void Dispatcher::dispatch_due(Instant now) {
  if (course_.phase == RunPhase::connecting) return;
  for (std::size_t most = free_.size(); most != 0 && pace_.is_due(now); --most) {
    Client* const client = find_free();
    if (client == nullptr) return;
    pace_.note_absence(std::max(pace_.next_due(), client->free_since), now);
    client->free_since = never;
    free_.pop_back();
    if (plan_.one_shot)
      connections_.start_connecting(*client, now);
    else
      on_room(*client, now);
    now = Clock::now();
  }
}

// Closed loop: serves free clients whose last message needed no reply.
void Dispatcher::serve_free(Instant now) {
  for (const std::size_t index : std::exchange(free_, {})) {
    Client& client = connections_.clients()[index];
    client.free_since = never;
    on_room(client, now);
  }
}

// Each message of the connection that is not under way is thought over.
void Dispatcher::think(Client& client, Instant now) {
  while (client.thinking + client.exchange.in_flight() < plan_.depth) {
    const auto span = static_cast<std::uint64_t>((plan_.think_most - plan_.think_least).count());
    const Duration pause =
        plan_.think_least + Duration(static_cast<std::int64_t>(random_.below(span + 1)));
    timers_.push({after(now, pause), client.index, client.connection});
    ++client.thinking;
  }
}

void Dispatcher::run_timers(Instant now) {
  while (!timers_.empty() && timers_.top().due <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Client& client = connections_.clients()[timer.client];
    const bool goes_on = client.state == Client::State::open || client.resumes;
    if (client.connection != timer.connection || !goes_on) continue;
    --client.thinking;
    if (!pace_.may_begin() || course_.phase == RunPhase::finishing) continue;
    begin(client, now, now);
    on_room(client, now);
  }
}

}  // namespace asyncd::bench
