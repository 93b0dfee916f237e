// When a result can be trusted. The figures here are the ones that docs/bench.md explains.
#include <fmt/core.h>

#include <algorithm>

#include "cmd/bench/judge/outcome.h"
#include "cmd/cli/format.h"
#include "core/text/escape.h"

namespace asyncd::bench {

namespace {

constexpr double busy_client = 0.9;
constexpr Duration most_lag = std::chrono::milliseconds(1);
constexpr double kept_rate = 0.99;
constexpr double lost_rate = 0.9;
// of the time, by others than client and server
constexpr double much_taken = 0.02, most_taken = 0.1;

using enum Validity;

class Assessment {
 public:
  explicit Assessment(const Outcome& outcome) : outcome_(outcome), measured_(outcome.measured) {}

  Verdict run() {
    about_replies();
    about_pace();
    about_client();
    about_contention();
    about_samples();
    about_build();
    for (const Reason& reason : verdict_.reasons)
      verdict_.level = std::max(verdict_.level, reason.level);
    return std::move(verdict_);
  }

 private:
  void add(Validity level, std::string text) {
    verdict_.reasons.push_back({level, std::move(text)});
  }

  void about_replies() {
    const Counts& counts = measured_.counts;
    const bool only_held = outcome_.plan.connections == 0 && !outcome_.plan.ramp;
    if (counts.answered == 0 && measured_.latency.count() == 0 && !only_held)
      add(invalid, "no message got its reply, so nothing was measured");
    if (const auto wrong = counts.of(Failure::wrong_reply); wrong != 0)
      add(invalid, fmt::format("wrong replies: {} (a server that answers wrongly has no speed)",
                               show_count(double(wrong))));
    if (only_held && measured_.idle_held < outcome_.plan.idle)
      add(invalid, fmt::format("only {} of the {} silent connections were still there at the end",
                               show_count(double(measured_.idle_held)),
                               show_count(double(outcome_.plan.idle))));
    if (const LoadPlan& plan = outcome_.plan;
        plan.idle != 0 && plan.most_connections() > outcome_.served_at_once)
      add(invalid,
          fmt::format(
              "the server has {} of the {} connections at a time: the others wait in the system's "
              "queue or are turned away, and it does not hold them",
              show_count(double(outcome_.served_at_once)),
              show_count(double(plan.most_connections()))));
    for (const Failure failure : {Failure::no_port, Failure::no_resource})
      if (const auto count = counts.of(failure); count != 0)
        add(invalid, fmt::format("{} times the client itself failed: {}", show_count(double(count)),
                                 text_of(failure)));
    const std::uint64_t others = counts.failed() - counts.of(Failure::wrong_reply);
    if (others != 0)
      add(suspect,
          fmt::format("{} failures: the percentiles are of the messages that were answered",
                      show_count(double(others))));
    if (measured_.unanswered != 0)
      add(suspect,
          fmt::format("{} messages were due and had no reply at the end; their times are missing",
                      show_count(double(measured_.unanswered))));
    if (measured_.waiting != 0)
      add(suspect,
          fmt::format("{} client{} waited for a reply at the end, the longest for {}, far longer "
                      "than for any "
                      "that came: the times are of the others",
                      show_count(double(measured_.waiting)), measured_.waiting == 1 ? "" : "s",
                      show_time(measured_.longest_wait)));
    if (outcome_.refused != 0)
      add(suspect,
          fmt::format(
              "the handler refuses {} % of these messages (\"{}\"); choose others by --data",
              outcome_.refused, text::shown(outcome_.refusal, 80)));
    if (outcome_.silent != 0)
      add(suspect, fmt::format("the handler does not answer {} % of these messages: of them only "
                               "the sending is measured",
                               outcome_.silent));
    if (outcome_.check == "none") add(suspect, "the replies were not checked");
  }

  void about_pace() {
    if (measured_.partial) add(suspect, "it was ended early");
    if (measured_.gave_up)
      add(invalid, "it gave up: no connection to the server could be had for two seconds");
    about_connections();
    if (outcome_.plan.rate == 0) return;
    const double kept = measured_.kept();
    if (kept < kept_rate && !measured_.partial)
      add(kept < lost_rate ? invalid : suspect,
          fmt::format("{} of the intended rate was reached: the server or its connections cannot "
                      "keep up, so messages "
                      "queue, and the times depend on how long one measures",
                      show_percent(kept)));
    const Duration lag = measured_.lag.percentile(99);
    const Duration bound = std::max(most_lag, measured_.latency.percentile(50) / 100);
    if (lag > bound)
      add(suspect, fmt::format("the client was {} behind its schedule (p99; {} is allowed)",
                               show_time(lag), show_time(bound)));
  }

  void about_connections() {
    const LoadPlan& plan = outcome_.plan;
    const std::uint64_t wanted = plan.connections + plan.idle;
    if (!plan.one_shot && !plan.ramp && !measured_.partial && !measured_.gave_up &&
        measured_.connections < wanted)
      add(suspect,
          fmt::format("only {} of the {} connections were ever open at once",
                      show_count(double(measured_.connections)), show_count(double(wanted))));
    if (!plan.chaos.empty() && measured_.chaos_turns == 0)
      add(suspect, "the clients that were to misbehave had no connection to do it");
  }

  void about_client() {
    if (outcome_.client.cpu && measured_.elapsed.count() != 0) {
      const double busy = std::chrono::duration<double>(*outcome_.client.cpu) / measured_.elapsed;
      if (busy > busy_client)
        add(suspect, fmt::format("the client used {} of a core: it may be what limits the rate",
                                 show_percent(busy)));
    }
    if (outcome_.loopback && outcome_.client_cores.size() == 1 &&
        outcome_.server_cores == outcome_.client_cores)
      add(suspect, fmt::format("client and server share core {}: each slows the other down",
                               outcome_.client_cores[0]));
  }

  void about_contention() {
    const Contention& seen = outcome_.contention;
    add_taken(seen.stolen, [](const std::string& part) {
      return fmt::format("the machine's host took {} of the processor time away", part);
    });
    for (const auto& [name, taken] :
         {std::pair("client", seen.client), std::pair("server", seen.server)}) {
      add_taken(taken.throttled, [&, who = name](const std::string& part) {
        return fmt::format(
            "the CPU quota of a control group kept the {} from running for {} of the time", who,
            part);
      });
      add_taken(taken.waiting, [&, who = name](const std::string& part) {
        return fmt::format("the {} waited for a core that other programs had for {} of the time",
                           who, part);
      });
    }
  }

  template <class Words>
  void add_taken(std::optional<double> part, Words words) {
    if (part && *part > much_taken)
      add(*part > most_taken ? invalid : suspect, words(show_percent(*part)));
  }

  void about_samples() {
    if (measured_.latency.count() == 0) return;
    for (const double percent : outcome_.quoted)
      if (const auto beyond = measured_.latency.beyond(percent); beyond < least_beyond)
        add(suspect,
            fmt::format("p{:g} is relied on and rests on {} samples beyond it, {} are needed: "
                        "measure longer",
                        percent, show_count(double(beyond)), show_count(double(least_beyond))));
  }

  void about_build() {
    if (!outcome_.build.optimised)
      add(suspect,
          fmt::format("asyncd was not built for speed: build type {}{}", outcome_.build.type,
                      outcome_.build.sanitizers.empty()
                          ? ""
                          : ", sanitizers " + outcome_.build.sanitizers));
    else if (outcome_.build.checks_handlers)
      add(suspect, "this asyncd checks what its handlers do, which costs time");
  }

  const Outcome& outcome_;
  const Measured& measured_;
  Verdict verdict_;
};

}  // namespace

Verdict assess(const Outcome& outcome) { return Assessment(outcome).run(); }

bool threads_last(const Usage& before, const Usage& after) {
  if (!before.ended_cpu || !after.ended_cpu || !before.cpu || !after.cpu) return true;
  return *after.ended_cpu - *before.ended_cpu <= (*after.cpu - *before.cpu) / 20;
}

Price price_of(const Usage& before, const Usage& after) {
  Price price;
  if (before.cpu && after.cpu) price.cpu = *after.cpu - *before.cpu;
  const auto difference = [](const auto& from, const auto& to) {
    return from && to && *to >= *from ? std::optional(*to - *from) : std::nullopt;
  };
  if (threads_last(before, after))
    price.context_switches = difference(before.context_switches, after.context_switches);
  price.system_calls = difference(before.system_calls, after.system_calls);
  price.resident = after.resident;
  price.own = after.own;
  price.threads = after.threads;
  return price;
}

}  // namespace asyncd::bench
