#include "cmd/bench/drive/load.h"

#include <algorithm>
#include <span>
#include <utility>

namespace asyncd::bench {

namespace {

constexpr Duration tick_time = std::chrono::milliseconds(50);
// at most, until it begins with those that there are
constexpr Duration settling_time = std::chrono::seconds(5);
constexpr Duration without_life = std::chrono::seconds(2);  // then it gives up
constexpr std::size_t read_size = std::size_t{256} << 10;

}  // namespace

Load::Load(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape, const Judge& judge,
           Watcher& watcher)
    : plan_(plan),
      endpoint_(endpoint),
      tape_(tape),
      judge_(judge),
      watcher_(watcher),
      random_(plan.seed),
      buffer_(read_size) {
  if (plan.rate > 0) schedule_.emplace(plan.rate, plan.poisson, plan.seed);
  if (!plan.chaos.empty()) chaos_.emplace(plan.chaos, endpoint, tape);
  const std::uint64_t most = plan.most_connections();
  clients_.reserve(most);
  for (std::uint64_t i = 0; i < most; ++i) {
    clients_.emplace_back(Exchange(tape, judge, plan.depth));
    clients_.back().silent = i >= most - plan.idle;
  }
}

Result<Measured> Load::run() {
  Result<Poller> poller = Poller::create();
  if (!poller) return poller.error();
  poller_ = &*poller;
  started_ = last_life_ = phase_began_ = next_tick_ = Clock::now();
  // Clients that come and go have no time at which all of them are connected.
  if (plan_.one_shot) begin_warming(started_);
  while (phase_ != Phase::over && !too_long_) turn(*poller);
  if (too_long_)
    return Error{
        ExitCode::usage,
        "a reply has more than " + std::to_string(Judge::longest_matched) +
            " bytes, which --check=regex cannot match: choose shorter messages by --data, or "
            "--check=handler, or --check=none"};
  Measured& measured = recorder_.measured();
  measured.idle_held = static_cast<std::uint64_t>(
      std::count_if(clients_.begin(), clients_.end(),
                    [](const Client& c) { return c.silent && c.state == Client::State::open; }));
  measured.chaos_turns = chaos_ ? chaos_->turns() : 0;
  if (is_open_loop()) count_unanswered();
  return std::move(measured);
}

void Load::turn(Poller& poller) {
  const Instant meant = next_turn();
  const std::span<const Poller::Event> events =
      poller.wait(std::max(Duration(0), Duration(meant - Clock::now())));
  if (const Instant woke = Clock::now(); is_open_loop() && woke > meant) note_absence(meant, woke);
  for (const Poller::Event& event : events) on_event(event);
  const Instant now = Clock::now();
  keep_phase(now);
  run_timers(now);
  is_open_loop() ? dispatch_due(now) : pace_free(now);
  if (now >= next_tick_) tick(now);
}

// When there is something to do again, whatever comes meanwhile.
Instant Load::next_turn() {
  if (!is_open_loop() && !free_.empty()) return {};
  Instant next = std::min(next_tick_, phase_ == Phase::measuring ? end_ : never);
  if (!timers_.empty()) next = std::min(next, timers_.top().due);
  if (is_open_loop() && is_more_due())
    if (const Client* free = find_free())
      next = std::min(next, std::max(free->free_since, schedule_->next()));
  return next;
}

void Load::tick(Instant now) {
  next_tick_ = now + tick_time;
  keep_connected(now);
  check_timeouts(now);
  if (chaos_) chaos_->turn();
  if (open_ != 0) last_life_ = now;
  Measured& measured = recorder_.measured();
  if (const Second* second = recorder_.roll(now, open_)) watcher_.on_second(*second);
  // One-shot clients may be far between: it is their attempts that tell.
  const Instant without = plan_.one_shot ? vain_ : now;
  if (without - last_life_ > without_life && connecting_ == 0) {
    measured.gave_up = true;
    end_measuring(now);
    phase_ = Phase::over;
  }
  if (watcher_.wants_end()) {
    measured.partial = true;
    end_measuring(now);
    phase_ = Phase::over;
  }
}

void Load::keep_phase(Instant now) {
  switch (phase_) {
    case Phase::connecting:
      if (!is_settled(now)) break;
      begin_warming(now);
      if (plan_.warmup.count() == 0) begin_measuring(now);
      pace_all(now);
      break;
    case Phase::warming:
      if (now - phase_began_ >= plan_.warmup) begin_measuring(now);
      break;
    case Phase::measuring:
      if (!is_over(now)) break;
      end_measuring(now);
      phase_ = is_open_loop() ? Phase::finishing : Phase::over;
      phase_began_ = now;
      break;
    case Phase::finishing: {
      // What was due must be answered, too: the slowest are the last to come.
      const bool all =
          !is_more_due() && std::none_of(clients_.begin(), clients_.end(),
                                         [&](const Client& c) { return is_waiting(c); });
      if (all || now - phase_began_ >= plan_.timeout) phase_ = Phase::over;
      break;
    }
    case Phase::over:
      break;
  }
}

void Load::begin_warming(Instant now) {
  phase_ = Phase::warming;
  phase_began_ = now;
  if (is_open_loop()) schedule_->start(now);
}

void Load::begin_measuring(Instant now) {
  phase_ = Phase::measuring;
  begun_ -= std::exchange(finished_, 0);  // what is under way is among those that are to be through
  end_ = after(now, plan_.duration);
  recorder_.begin(now);
  watcher_.on_measuring(open_);
}

void Load::end_measuring(Instant now) {
  if (!recorder_.recording()) return;
  recorder_.end(now, open_);
  end_ = std::min(end_, now);
  watcher_.on_measured();
  if (!is_open_loop()) count_waiting(now);
}

bool Load::is_settled(Instant now) const {
  if (now - started_ > settling_time) return true;
  return open_ >= wanted_connections(now) + plan_.idle;
}

// Of an open loop: what was due while it measured.
void Load::count_unanswered() {
  Measured& measured = recorder_.measured();
  if (recorder_.began() == never) return;
  while (is_more_due()) {
    const Instant intended = schedule_->take();
    count_begun(intended);
    if (intended >= recorder_.began()) ++measured.unanswered;
  }
  // Who ends it early finds some under way.
  if (measured.partial) return;
  for (const Client& client : clients_) {
    if (is_waiting(client)) measured.unanswered += plan_.one_shot ? 1 : client.exchange.in_flight();
  }
}

// A closed loop sends nothing while it waits, so of a client that is not served it has no time at
// all.
void Load::count_waiting(Instant now) {
  Measured& measured = recorder_.measured();
  const Duration long_time =
      std::max<Duration>(std::chrono::milliseconds(100), 2 * measured.latency.max());
  for (const Client& client : clients_) {
    if (!is_waiting(client)) continue;
    const Duration wait = now - waits_since(client);
    if (wait <= long_time) continue;
    ++measured.waiting;
    measured.longest_wait = std::max(measured.longest_wait, wait);
  }
}

bool Load::is_over(Instant now) const {
  return now >= end_ || (plan_.requests != 0 && finished_ >= plan_.requests);
}

}  // namespace asyncd::bench
