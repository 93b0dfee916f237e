#include "scenario.h"

#include <algorithm>
#include <string>

#include "tests/support/random.h"

namespace sim {

namespace {

using asyncd::ByteOrder;
using asyncd::Duration;
using asyncd::Framing;
using asyncd::FramingKind;
using asyncd::Limits;
using asyncd::never;
using asyncd::test::Random;
using asyncd::test::sim_start;
using asyncd::test::SimLoop;
using asyncd::test::SimPeer;
using asyncd::test::SimWire;
using std::chrono::milliseconds;
using std::chrono::seconds;

Framing make_framing(Random& random) {
  Framing framing;
  framing.kind = std::array{FramingKind::line, FramingKind::raw, FramingKind::fixed,
                            FramingKind::length}[random.between(0, 3)];
  framing.message_size = random.between(1, 20);
  framing.prefix_size = 1U << random.between(0, 3);
  framing.prefix_order = random.chance(50) ? ByteOrder::little : ByteOrder::big;
  return framing;
}

// Small ones, so that all of them are met; now and then messages of more than one turn's bytes.
Limits make_limits(Random& random) {
  Limits limits;
  if (random.chance(2)) return limits;
  limits.max_message = random.between(20, 200);
  limits.max_reply = random.between(50, 3000);
  limits.output_high_water = random.chance(10) ? random.between(0, 1) : random.between(1, 2000);
  limits.output_low_water = random.between(0, static_cast<std::size_t>(limits.output_high_water));
  limits.input_buffer = random.chance(50) ? 4096 : random.between(1, 300);
  if (random.chance(15)) limits.messages_per_connection = random.between(1, 20);
  if (random.chance(10)) {
    for (Duration* time :
         {&limits.first_byte_timeout, &limits.idle_timeout, &limits.message_timeout,
          &limits.write_timeout, &limits.linger_timeout, &limits.linger_idle_timeout})
      *time = milliseconds(1) + random.time_up_to(milliseconds(100));
  }
  return limits;
}

// Whether a message has its time however slowly its bytes come, one by one.
bool may_be_slow(const Limits& limits) { return limits.max_message < 1000; }

SimLoop::Style make_style(Random& random, bool may_delay, bool ends_early) {
  const auto some = [&](std::size_t most) {
    return random.chance(50) ? 0 : random.between(1, most);
  };
  SimLoop::Style style;
  if (random.chance(20))
    style.kind = SimLoop::Kind::blocking;
  else
    style.kind = random.chance(50) ? SimLoop::Kind::readiness : SimLoop::Kind::completions;
  style.short_reads = some(100);
  style.short_sends = some(100);
  style.refused_sends = some(50);
  style.vain_reads = some(50);
  style.inline_reads = some(100);
  style.inline_yields = some(100);
  style.delays = may_delay ? some(100) : 0;
  // A loop that takes longer than a connection's last look cannot keep what a drain promises.
  style.longest_delay = milliseconds(random.chance(50) || ends_early ? 2 : 20);
  style.most_cached = random.chance(50) ? 0 : 1 << 20;
  return style;
}

// The byte that decides what the handler does, and some text.
std::string make_message(Random& random, std::size_t size) {
  std::string message;
  for (std::size_t i = 0; i < size; ++i) message += static_cast<char>('a' + random.between(0, 25));
  if (size == 0) return message;
  const std::size_t kind = random.between(0, 99);
  if (kind < 15)
    message.replace(0, std::min<std::size_t>(size, 5),
                    ("*" + std::to_string(random.between(0, 4000))).substr(0, size));
  else if (kind < 22)
    message[0] = '-';
  else if (kind < 28)
    message[0] = '!';
  else if (kind < 32)
    message[0] = '?';
  else if (kind < 35)
    message[0] = kind < 33 ? '.' : '\r';
  return message;
}

std::string make_framed(Random& random, const Framing& framing, const Limits& limits) {
  auto most = std::min<std::size_t>(static_cast<std::size_t>(limits.max_message), 100'000);
  if (framing.kind == FramingKind::length && framing.prefix_size == 1)
    most = std::min<std::size_t>(most, 250);
  const bool at_limit = random.next() % 200 == 0;
  const std::size_t usual = std::min<std::size_t>(most, random.chance(5) ? most : 40);
  const std::size_t size = at_limit ? most + random.between(0, 5) : random.between(0, usual);
  switch (framing.kind) {
    case FramingKind::line:
      return make_message(random, size) + (random.chance(30) ? "\r\n" : "\n");
    case FramingKind::fixed:
      return make_message(random, static_cast<std::size_t>(framing.message_size));
    case FramingKind::length:
      return prefix_of(framing, size) + make_message(random, size);
    default:
      return make_message(random, size);
  }
}

// Cuts the stream into pieces, with pauses between most of them.
void cut(Random& random, const Limits& limits, std::string_view stream, SimPeer::Script& script) {
  const bool slowly = may_be_slow(limits) && random.chance(50);
  std::size_t most = stream.size() / 10;
  if (stream.size() <= 10'000)
    most = random.chance(30) ? random.between(1, 5) : random.between(1, 400);
  while (!stream.empty()) {
    const std::string_view piece = stream.substr(0, random.between(1, most));
    const Duration pause = slowly ? random.time_up_to(milliseconds(10)) : Duration{};
    script.acts.push_back({.pause = pause, .bytes = std::string(piece)});
    stream.remove_prefix(piece.size());
  }
}

// How it takes what it gets.
void take_at_some_pace(Random& random, SimPeer::Script& script) {
  if (random.chance(30)) script.takes_every = random.time_up_to(milliseconds(5));
  if (random.chance(30)) script.takes_most = random.between(1, 500);
  script.ends_when_told = random.chance(80);
}

// Small buffers and long ways, but not so much of both that nothing ever gets there.
SimWire::Shape make_wire(Random& random, std::size_t stream) {
  SimWire::Shape wire;
  if (random.chance(60)) wire.latency = random.time_up_to(milliseconds(random.chance(80) ? 5 : 60));
  const std::size_t least =
      stream / 1000 + 1 + 20 * static_cast<std::size_t>(wire.latency / milliseconds(1));
  for (std::size_t* buffer : {&wire.window, &wire.send_buffer, &wire.receive_buffer})
    if (random.chance(30)) *buffer = least + random.between(0, 3000);
  if (random.chance(20)) wire.least_room = random.between(1, wire.send_buffer / 2 + 1);
  wire.resets_destroy = random.chance(50);
  return wire;
}

// How it ends, or does not.
void end_somehow(Random& random, std::size_t kind, SimPeer::Script& script) {
  const Duration pause = random.time_up_to(milliseconds(10));
  if (kind < 85) script.acts.push_back({.does = SimPeer::Does::end, .pause = pause});
  if (kind >= 80 && kind < 90)
    script.acts.push_back({.does = SimPeer::Does::reset, .pause = pause});
  if (kind >= 90 && kind < 94)
    script.acts.push_back({.does = SimPeer::Does::leave, .pause = pause});
  if (kind < 5)
    script.acts[random.between(0, script.acts.size() - 1)].pause += random.time_up_to(seconds(100));
  if (kind >= 5 && kind < 10) {
    script.wire.window = random.between(1, 500);
    script.takes_from = random.chance(50) ? never : script.connects + seconds(20);
  }
  // Sends when the server reads no more, and has not read its replies by then.
  if (kind >= 94 && kind < 97) {
    script.takes_from = script.connects + random.time_up_to(seconds(30));
    script.ends_when_told = false;
    script.acts.push_back({.pause = random.time_up_to(seconds(20)), .bytes = "late"});
  }
  // Gone before a loop takes it in, perhaps.
  if (kind == 10)
    script.acts = {{.does = random.chance(50) ? SimPeer::Does::reset : SimPeer::Does::leave}};
}

Client make_client(Random& random, const Serving& serving, Duration latest) {
  const Limits& limits = serving.limits;
  std::string stream;
  for (std::size_t left = random.chance(10) ? 0 : random.between(0, 40); left > 0; --left)
    stream += make_framed(random, serving.framing, limits);
  if (random.chance(30))
    stream.resize(stream.size() - std::min(stream.size(), random.between(0, 10)));

  Client client;
  SimPeer::Script& script = client.script;
  script.connects = sim_start + random.time_up_to(latest);
  script.wire = make_wire(random, stream.size());
  take_at_some_pace(random, script);
  cut(random, limits, stream, script);
  const std::size_t kind = random.between(0, 99);
  end_somehow(random, kind, script);
  client.calm = kind > 10 && kind < 80;
  return client;
}

// A call has time enough, or so little that it ends soon: but for those of serial handlers no
// test has to guess.
void make_it_wait(Random& random, Serving& serving) {
  Manner& manner = serving.manner;
  Limits& limits = serving.limits;
  manner = {.waits = random.chance(95)};
  manner.concurrency = std::array{ASYNCD_REENTRANT, ASYNCD_REENTRANT, ASYNCD_PER_CONNECTION,
                                  ASYNCD_SERIAL}[random.between(0, 3)];
  manner.hurried = random.chance(40);
  const std::size_t patient = manner.concurrency == ASYNCD_SERIAL ? 0 : 20;
  manner.sticks = random.chance(manner.hurried ? 50 : patient);
  // A flush waits for earlier calls, too: behind one that sticks its time would be over as well.
  const bool alone = manner.concurrency != ASYNCD_REENTRANT || !manner.sticks;
  manner.flushes = !manner.hurried && alone && random.chance(70);
  const bool small =
      serving.framing.kind == FramingKind::length && serving.framing.prefix_size == 1;
  manner.longest_flushed =
      std::min<std::size_t>(small ? 255 : SIZE_MAX, static_cast<std::size_t>(limits.max_reply));
  limits.max_in_flight = random.between(1, 8);
  if (manner.hurried)
    limits.call_timeout = longest_call + random.time_up_to(longest_call);
  else
    limits.call_timeout = std::chrono::hours(manner.sticks ? 1 : 100);
}

void make_services(Random& random, Scenario& scenario) {
  scenario.services.push_back({.framing = make_framing(random), .limits = make_limits(random)});
  for (std::size_t left = random.chance(80) ? 0 : random.between(1, 4); left > 0; --left) {
    Serving next = scenario.services.back();
    if (random.chance(20)) next.framing = make_framing(random);
    if (random.chance(70)) next.limits = make_limits(random);
    next.mark = static_cast<char>(next.mark + 1);
    next.from += random.time_up_to(milliseconds(100));
    next.retires = random.chance(50);
    scenario.services.push_back(next);
  }
  for (Serving& serving : scenario.services) {
    serving.refuses = random.chance(3);
    serving.refuses_workers = random.chance(1);
  }
}

Scenario make(Random random, bool waiting) {
  Scenario scenario;
  make_services(random, scenario);
  if (random.chance(15)) scenario.drain = sim_start + random.time_up_to(milliseconds(200));
  if (random.chance(10)) scenario.stop = sim_start + random.time_up_to(milliseconds(200));
  if (waiting && random.chance(5))
    scenario.stop = asyncd::after(scenario.drain, random.time_up_to(milliseconds(200)));
  const auto& services = scenario.services;
  const bool may_delay = std::all_of(services.begin(), services.end(),
                                     [](const Serving& one) { return may_be_slow(one.limits); });
  scenario.style = make_style(random, may_delay, scenario.drain != never || services.size() > 1);
  if (waiting && scenario.style.kind == SimLoop::Kind::blocking)
    scenario.style.kind = SimLoop::Kind::readiness;
  const bool crowd = random.chance(5);
  Duration latest = milliseconds(2);
  if (!crowd) latest = milliseconds(random.chance(50) ? 20 : 200);
  std::size_t most = 16;
  if (!crowd) most = random.chance(20) ? 8 : 3;
  for (std::size_t left = random.between(crowd ? 8 : 1, most); left > 0; --left)
    scenario.clients.push_back(
        make_client(random, services[random.between(0, services.size() - 1)], latest));
  if (waiting)
    for (Serving& serving : scenario.services) make_it_wait(random, serving);
  return scenario;
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Scenario scenario = make(Random(seed), false);
  scenario.seed = seed;
  return scenario;
}

Scenario make_waiting_scenario(std::uint64_t seed) {
  Scenario scenario = make(Random(seed), true);
  scenario.seed = seed;
  return scenario;
}

}  // namespace sim
