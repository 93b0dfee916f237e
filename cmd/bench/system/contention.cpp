#include "cmd/bench/system/contention.h"

#include <algorithm>

namespace asyncd::bench {

namespace {

// What waking up and going to sleep takes of a core beside what the thread itself is billed, and of
// the thread's time until it runs, with no other program near.
constexpr Duration price_of_a_run = std::chrono::microseconds(2);

class Comparison {
 public:
  Comparison(const SystemTime& before, const SystemTime& after)
      : before_(before), after_(after), elapsed_(after.at - before.at) {}

  Contention between(const Side& client, const Side& server) const {
    Contention result;
    if (elapsed_.count() <= 0) return result;
    const Cores all = together(client.cores, server.cores);
    result.stolen = stolen(all);
    result.client.throttled = throttled(before_.client, after_.client);
    result.server.throttled = throttled(before_.server, after_.server);
    // Where the two have cores of their own, each is alone there; else they are in each other's
    // way, and what is not theirs together is of others.
    const bool apart = all.size() == client.cores.size() + server.cores.size();
    const auto of_others = [&](const Side& side) {
      return apart ? taken_by_others(side.cores, side.cpu, runs_of(side, client))
                   : taken_by_others(all, sum(client.cpu, server.cpu), runs(true) + runs(false));
    };
    result.client.waiting = waiting(before_.client, after_.client, client, of_others(client));
    result.server.waiting = waiting(before_.server, after_.server, server, of_others(server));
    return result;
  }

 private:
  static Cores together(Cores one, const Cores& other) {
    one.insert(one.end(), other.begin(), other.end());
    std::sort(one.begin(), one.end());
    one.erase(std::unique(one.begin(), one.end()), one.end());
    return one;
  }

  static std::optional<Duration> sum(std::optional<Duration> one, std::optional<Duration> other) {
    return one && other ? std::optional(*one + *other) : std::nullopt;
  }

  double part(Duration time, std::size_t cores = 1) const {
    const double all = static_cast<double>(elapsed_.count()) * static_cast<double>(cores);
    return std::clamp(static_cast<double>(time.count()) / all, 0.0, 1.0);
  }

  // Of these cores together; nothing where one of them is unknown.
  template <class Value>
  std::optional<Duration> of_cores(const Cores& cores, Value value) const {
    if (!before_.cores || !after_.cores || cores.empty()) return std::nullopt;
    Duration all{};
    for (const unsigned core : cores) {
      const auto from = before_.cores->find(core), to = after_.cores->find(core);
      if (from == before_.cores->end() || to == after_.cores->end()) return std::nullopt;
      all += value(to->second) - value(from->second);
    }
    return all;
  }

  // At least so much: the counters are whole ticks.
  std::optional<double> stolen(const Cores& cores) const {
    const auto time = of_cores(cores, [](const CoreTime& core) { return core.stolen; });
    if (!time) return std::nullopt;
    return part(*time - core_tick() * static_cast<int>(cores.size()), cores.size());
  }

  // At least so much of the time of these cores was neither idle nor used by who belongs there.
  std::optional<double> taken_by_others(const Cores& cores, std::optional<Duration> own,
                                        std::uint64_t runs) const {
    const auto unused = of_cores(
        cores, [](const CoreTime& core) { return core.idle + core.interrupts + core.stolen; });
    if (!unused || !own) return std::nullopt;
    const auto count = static_cast<int>(cores.size());
    const Duration unclear =
        2 * core_tick() * count + price_of_a_run * static_cast<std::int64_t>(runs);
    return part(elapsed_ * count - *unused - *own - unclear, cores.size());
  }

  std::uint64_t runs(bool of_client) const {
    const auto& from = of_client ? before_.client.threads : before_.server.threads;
    const auto& to = of_client ? after_.client.threads : after_.server.threads;
    std::uint64_t all = 0;
    if (!from || !to) return all;
    for (const auto& [thread, time] : *to) {
      const auto known = from->find(thread);
      all += time.runs - (known == from->end() ? 0 : known->second.runs);
    }
    return all;
  }
  std::uint64_t runs_of(const Side& side, const Side& client) const {
    return runs(&side == &client);
  }

  // The thread that waited longest stands for all: what one waits for another of its own is no
  // matter of others.
  std::optional<double> waiting(const SideTime& from, const SideTime& to, const Side& side,
                                std::optional<double> of_others) const {
    if (!from.threads || !to.threads || !of_others) return std::nullopt;
    if (!side.threads_last) return of_others;  // at most
    Duration longest{};
    for (const auto& [thread, time] : *to.threads) {
      const auto known = from.threads->find(thread);
      const ThreadTime before = known == from.threads->end() ? ThreadTime{} : known->second;
      const auto runs = static_cast<std::int64_t>(time.runs - before.runs);
      longest = std::max(longest, time.waited - before.waited - price_of_a_run * runs);
    }
    return std::min(part(longest), *of_others);
  }

  std::optional<double> throttled(const SideTime& from, const SideTime& to) const {
    if (!from.groups || !to.groups) return std::nullopt;
    Duration longest{};
    for (const auto& [group, time] : *to.groups)
      if (const auto known = from.groups->find(group); known != from.groups->end())
        longest = std::max(longest, time - known->second);
    return part(longest);
  }

  const SystemTime& before_;
  const SystemTime& after_;
  const Duration elapsed_;
};

}  // namespace

Contention contention_between(const SystemTime& before, const SystemTime& after, const Side& client,
                              const Side& server) {
  return Comparison(before, after).between(client, server);
}

Contention worst_of(const Contention& one, const Contention& other) {
  const auto worst = [](std::optional<double> these, std::optional<double> those) {
    return these && those ? std::optional(std::max(*these, *those)) : std::nullopt;
  };
  const auto of_side = [&](const Taken& these, const Taken& those) {
    return Taken{worst(these.throttled, those.throttled), worst(these.waiting, those.waiting)};
  };
  return {worst(one.stolen, other.stolen), of_side(one.client, other.client),
          of_side(one.server, other.server)};
}

}  // namespace asyncd::bench
