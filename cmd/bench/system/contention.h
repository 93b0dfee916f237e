// Contention: what took processor time away from client and server while they were measured: the
// machine's host, a CPU quota, and other programs. The counters are read before and after; all of
// it is plain values, and what a system does not tell is left open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/system/cores.h"

namespace asyncd::bench {

// Of one thread, since it began.
struct ThreadTime {
  Duration waited{};       // ready to run, without a core
  std::uint64_t runs = 0;  // how often it got one
};
using ThreadTimes = std::map<std::uint64_t, ThreadTime>;

// Of one core, since the machine began.
struct CoreTime {
  Duration idle{}, interrupts{}, stolen{};
};
using CoreTimes = std::map<unsigned, CoreTime>;

// How long each control group around a process was kept from running by its quota, by its folder.
using GroupTimes = std::map<std::string, Duration>;

// Process 0 is this one. `root` is where the system's files are; tests have made-up ones.
std::optional<CoreTimes> core_times(const std::string& root = "/");
std::optional<GroupTimes> throttled_times(std::uint64_t process, const std::string& root = "/");
Duration core_tick();  // core_times count in these

// One side, client or server.
struct SideTime {
  std::optional<ThreadTimes> threads;
  std::optional<GroupTimes> groups;
};

struct SystemTime {
  Instant at{};
  std::optional<CoreTimes> cores;
  SideTime client, server;
};

// What is known of a side besides its counters.
struct Side {
  Cores cores;                  // on which it may run; empty: unknown, or on another machine
  std::optional<Duration> cpu;  // used meanwhile
  bool threads_last = true;     // most of its time was in threads that are still there
};

// Parts of the measured time, from 0 to 1; nothing: unknown.
struct Taken {
  std::optional<double> throttled;
  std::optional<double> waiting;  // for a core that other programs had
};

struct Contention {
  std::optional<double> stolen;
  Taken client, server;
};

Contention contention_between(const SystemTime& before, const SystemTime& after, const Side& client,
                              const Side& server);

// Of several runs, the most that was seen in any; what one of them does not know is unknown.
Contention worst_of(const Contention& one, const Contention& other);

}  // namespace asyncd::bench
