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

}  // namespace

Load::Load(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape,
           const ReplyChecker& checker, LoadObserver& observer)
    : plan_(plan),
      observer_(observer),
      random_(plan.seed),
      pace_(plan, course_, recorder_),
      connections_(plan, endpoint, tape, checker, course_, pace_, recorder_, random_, dispatcher_),
      dispatcher_(plan, course_, pace_, connections_, random_) {
  if (!plan.chaos.empty()) chaos_.emplace(plan.chaos, endpoint, tape);
}

Result<Measured> Load::run() {
  started_ = next_tick_ = course_.began = Clock::now();
  if (Result<void> can = connections_.start(started_); !can) return can.error();
  // Clients that come and go have no time at which all of them are connected.
  if (plan_.one_shot) begin_warming(started_);
  while (course_.phase != RunPhase::over && !connections_.has_too_long_reply()) turn();
  if (connections_.has_too_long_reply())
    return Error{
        ExitCode::usage,
        "a reply has more than " + std::to_string(ReplyChecker::longest_matched) +
            " bytes, which --check=regex cannot match: choose shorter messages by --data, or "
            "--check=handler, or --check=none"};
  Measured& measured = recorder_.measured();
  measured.idle_held = static_cast<std::uint64_t>(
      std::count_if(connections_.clients().begin(), connections_.clients().end(),
                    [](const Client& c) { return c.silent && c.state == Client::State::open; }));
  measured.chaos_turns = chaos_ ? chaos_->turns() : 0;
  if (plan_.is_open_loop()) count_unanswered();
  return std::move(measured);
}

void Load::turn() {
  // When there is something to do again, whatever comes meanwhile.
  const Instant end = course_.phase == RunPhase::measuring ? pace_.end() : never;
  const Instant meant = std::min({next_tick_, end, dispatcher_.next_work()});
  const std::span<const Poller::Event> events =
      connections_.wait(std::max(Duration(0), Duration(meant - Clock::now())));
  if (const Instant woke = Clock::now(); plan_.is_open_loop() && woke > meant)
    pace_.note_absence(meant, woke);
  for (const Poller::Event& event : events) connections_.on_event(event);
  const Instant now = Clock::now();
  keep_phase(now);
  dispatcher_.work(now);
  if (now >= next_tick_) tick(now);
}

void Load::tick(Instant now) {
  next_tick_ = now + tick_time;
  connections_.keep_connected(now);
  connections_.check_timeouts(now);
  if (chaos_) chaos_->turn();
  const bool lifeless = connections_.are_lifeless(now, without_life);
  if (const Second* second = recorder_.roll(now, connections_.open())) observer_.on_second(*second);
  if (lifeless) {
    recorder_.measured().gave_up = true;
    end_early(now);
  }
  if (observer_.wants_end()) {
    recorder_.measured().partial = true;
    end_early(now);
  }
}

void Load::keep_phase(Instant now) {
  switch (course_.phase) {
    case RunPhase::connecting:
      if (now - started_ <= settling_time && !connections_.all_open(now)) break;
      begin_warming(now);
      if (plan_.warmup.count() == 0) begin_measuring(now);
      dispatcher_.begin_all(now);
      break;
    case RunPhase::warming:
      if (now - course_.began >= plan_.warmup) begin_measuring(now);
      break;
    case RunPhase::measuring:
      if (!pace_.is_over(now)) break;
      end_measuring(now);
      course_.enter(plan_.is_open_loop() ? RunPhase::finishing : RunPhase::over, now);
      break;
    case RunPhase::finishing: {
      // What was due must be answered, too: the slowest are the last to come.
      const std::vector<Client>& clients = connections_.clients();
      const bool all = !pace_.is_more_due() &&
                       std::none_of(clients.begin(), clients.end(),
                                    [&](const Client& c) { return connections_.is_waiting(c); });
      if (all || now - course_.began >= plan_.timeout) course_.enter(RunPhase::over, now);
      break;
    }
    case RunPhase::over:
      break;
  }
}

void Load::begin_warming(Instant now) {
  course_.enter(RunPhase::warming, now);
  pace_.start(now);
}

void Load::begin_measuring(Instant now) {
  course_.phase = RunPhase::measuring;  // a ramp goes on since the warm-up began
  pace_.begin_measuring(now);
  recorder_.begin(now);
  observer_.on_measuring(connections_.open());
}

void Load::end_measuring(Instant now) {
  if (!recorder_.recording()) return;
  recorder_.end(now, connections_.open());
  pace_.end_measuring(now);
  observer_.on_measured();
  if (!plan_.is_open_loop()) count_waiting(now);
}

void Load::end_early(Instant now) {
  end_measuring(now);
  course_.enter(RunPhase::over, now);
}

// Of an open loop: what was due while it measured.
void Load::count_unanswered() {
  Measured& measured = recorder_.measured();
  if (recorder_.began() == never) return;
  pace_.count_never_begun();
  // Where the user ends it early, some are under way.
  if (measured.partial) return;
  for (const Client& client : connections_.clients())
    if (connections_.is_waiting(client))
      measured.unanswered += plan_.one_shot ? 1 : client.exchange.in_flight();
}

// A closed loop sends nothing while it waits, so of a client that is not served it has no time at
// all.
void Load::count_waiting(Instant now) {
  Measured& measured = recorder_.measured();
  const Duration long_time =
      std::max<Duration>(std::chrono::milliseconds(100), 2 * measured.latency.max());
  for (const Client& client : connections_.clients()) {
    if (!connections_.is_waiting(client)) continue;
    const Duration wait = now - connections_.waits_since(client);
    if (wait <= long_time) continue;
    ++measured.waiting;
    measured.longest_wait = std::max(measured.longest_wait, wait);
  }
}

}  // namespace asyncd::bench
