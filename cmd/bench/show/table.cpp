// The outcome for people.
#include <fmt/core.h>

#include "cmd/bench/show/output.h"
#include "cmd/cli/format.h"

namespace asyncd::bench {

namespace {

using Row = std::pair<std::string, std::string>;

std::string load_in_words(const LoadPlan& plan) {
  std::string words;
  if (plan.ramp)
    words = fmt::format("closed loop, {} to {} connections in {}", plan.ramp->from, plan.ramp->to,
                        show_time(plan.ramp->over));
  else if (plan.connections == 0)
    words = "no messages";
  else if (plan.one_shot)
    words = fmt::format("one-shot clients, {} at once", show_count(double(plan.connections)));
  else
    words = fmt::format("{} loop, {}", plan.rate > 0 ? "open" : "closed",
                        show_connections(plan.connections));
  if (plan.depth > 1) words += fmt::format(", {} messages under way on each", plan.depth);
  if (plan.rate > 0)
    words += fmt::format(", {} messages a second{}", show_count(plan.rate),
                         plan.poisson ? " by chance" : "");
  if (plan.think_most.count() != 0)
    words +=
        fmt::format(", thinking {} to {}", show_time(plan.think_least), show_time(plan.think_most));
  if (plan.idle != 0)
    words += fmt::format(", {} silent connections", show_count(double(plan.idle)));
  if (!plan.chaos.empty()) words += ", beside clients that misbehave";
  return words;
}

// What rests on few samples is marked.
std::string times_row(const std::string& name, const Histogram& times) {
  std::string row = fmt::format("{:<10}", name);
  for (const double percent : shown_percentiles) {
    row += fmt::format("{:>9}{}", show_time(times.percentile(percent)),
                       times.rests_on_few(percent) ? '*' : ' ');
  }
  return row + fmt::format("{:>10}{:>10}\n", show_time(times.max()), show_time(times.mean()));
}

std::string times(const Measured& measured) {
  if (measured.latency.count() == 0) return "";
  std::string table = fmt::format("\n{:<10}", "");
  for (const double percent : shown_percentiles)
    table += fmt::format("{:>9} ", fmt::format("p{:g}", percent));
  table += fmt::format("{:>10}{:>10}\n", "max", "mean");
  table += times_row("latency", measured.latency);
  if (measured.service.count() != 0) table += times_row("service", measured.service);
  if (measured.lag.count() != 0) table += times_row("lag", measured.lag);
  if (!measured.latency.rests_on_few(shown_percentiles[std::size(shown_percentiles) - 1]))
    return table;
  return table + fmt::format("{:<10}* fewer than {} samples beyond it\n", "",
                             show_count(double(least_beyond)));
}

std::string price_in_words(const Price& price, const Measured& measured) {
  std::string words;
  const auto add = [&](const std::string& more) { words += (words.empty() ? "" : ", ") + more; };
  const auto messages = static_cast<double>(measured.counts.answered);
  if (price.cpu && measured.elapsed.count() != 0) {
    add(fmt::format("{} of a core",
                    show_percent(std::chrono::duration<double>(*price.cpu) / measured.elapsed)));
    if (messages > 0)
      add(show_time(Duration(
              static_cast<std::int64_t>(static_cast<double>(price.cpu->count()) / messages))) +
          " a message");
  }
  if (price.system_calls && messages > 0)
    add(fmt::format("{:.2f} system calls a message", double(*price.system_calls) / messages));
  if (price.context_switches && messages > 0)
    add(fmt::format("{:.2f} context switches a message",
                    double(*price.context_switches) / messages));
  if (price.resident) add(show_bytes(*price.resident) + " resident");
  if (price.own) add(show_bytes(*price.own) + " of its own");
  if (price.threads)
    add(fmt::format("{} thread{}", *price.threads, *price.threads == 1 ? "" : "s"));
  if (price.per_connection) add(show_bytes(*price.per_connection) + " a connection");
  return words;
}

std::string failures(const Counts& counts) {
  std::string words;
  for (std::size_t i = 0; i < counts.failures.size(); ++i)
    if (counts.failures[i] != 0)
      words +=
          fmt::format("{}{} {}", words.empty() ? "" : ", ", show_count(double(counts.failures[i])),
                      text_of(static_cast<Failure>(i)));
  if (counts.lost != 0)
    words +=
        fmt::format("; {} messages lost with their connections", show_count(double(counts.lost)));
  return words.empty() ? "none" : words;
}

std::string ends(const Counts& counts) {
  return fmt::format(
      "{} connection{} ended by the server between messages, {} message{} sent again on the next\n",
      show_count(double(counts.reopened)), counts.reopened == 1 ? "" : "s",
      show_count(double(counts.resent)), counts.resent == 1 ? "" : "s");
}

std::string environment(const Outcome& outcome) {
  std::string words = fmt::format("asyncd {} ({}, {}, {})", outcome.build.version,
                                  outcome.build.commit, outcome.build.type, outcome.build.compiler);
  for (const auto& [key, value] : outcome.environment)
    if (key == "kernel" || key == "cpu" || key == "cores")
      words += ", " + (key == "cores" ? value + " cores" : value);
  return words + (outcome.loopback ? ", loopback" : ", over a network");
}

}  // namespace

std::string untold(const Contention& seen, bool local_server) {
  const auto known = [&](std::optional<double> Taken::*part) {
    return seen.client.*part && (!local_server || seen.server.*part);
  };
  std::string words;
  const auto add = [&](bool is_known, const char* what) {
    if (!is_known) words += (words.empty() ? "" : ", ") + std::string(what);
  };
  add(seen.stolen.has_value(), "time taken by the machine's host");
  add(known(&Taken::throttled), "time kept from running by a CPU quota");
  add(known(&Taken::waiting), "time waited for a core that other programs had");
  return words.empty() ? words : words + ": this system does not tell";
}

std::string to_table(const Outcome& outcome) {
  const Measured& measured = outcome.measured;
  std::string out =
      fmt::format("{}{}{} at {}: {}\n", outcome.handler.empty() ? "server" : outcome.handler,
                  outcome.backend.empty() ? "" : " on ", outcome.backend, outcome.address,
                  load_in_words(outcome.plan));
  out += fmt::format("measured {} after {} of warm-up; data {}, replies checked by {}\n",
                     show_time(measured.elapsed), show_time(outcome.plan.warmup), outcome.data,
                     outcome.check);
  out += times(measured) + "\n";
  out += fmt::format("messages  {} answered, {} a second\n",
                     show_count(double(measured.counts.answered)), show_count(measured.rate()));
  if (outcome.found_rate)
    out += fmt::format("rate      {} a second is the highest found\n",
                       show_count(*outcome.found_rate));
  out += "errors    " + failures(measured.counts) + "\n";
  if (measured.counts.reopened != 0) out += "ended     " + ends(measured.counts);
  if (!outcome.plan.chaos.empty())
    out += fmt::format("chaos     {} turns of clients that misbehave\n",
                       show_count(double(measured.chaos_turns)));
  if (outcome.plan.idle != 0)
    out += fmt::format("silent    {} connections held\n", show_count(double(measured.idle_held)));
  if (const std::string price = price_in_words(outcome.server, measured); !price.empty())
    out += "server    " + price + "\n";
  if (const std::string price = price_in_words(outcome.client, measured); !price.empty())
    out += "client    " + price + "\n";
  const bool was_measured = measured.elapsed.count() != 0;
  if (const std::string unknown = untold(outcome.contention, outcome.loopback);
      was_measured && !unknown.empty())
    out += "unknown   " + unknown + "\n";
  out += "where     " + environment(outcome) + "\n";
  out += fmt::format("verdict   {}\n", name_of(outcome.verdict.level));
  for (const Reason& reason : outcome.verdict.reasons) out += "          - " + reason.text + "\n";
  return out;
}

std::string to_csv(const Outcome& outcome) {
  std::string out = "at_ns,length_ns,connections,sent,answered,failed,p50_ns,p99_ns,max_ns\n";
  for (const Second& second : outcome.measured.seconds)
    out += fmt::format("{},{},{},{},{},{},{},{},{}\n", second.at.count(), second.length.count(),
                       second.connections, second.sent, second.answered, second.failed,
                       second.p50.count(), second.p99.count(), second.max.count());
  return out;
}

}  // namespace asyncd::bench
