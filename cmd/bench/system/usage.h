// Usage: what a process has used so far, as far as the system tells; differences of two are what
// something cost. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "cmd/bench/system/contention.h"
#include "core/base/clock.h"
#include "core/net/peer.h"

namespace asyncd::bench {

struct Usage {
  std::optional<Duration> cpu;                    // user and system time, all threads
  std::optional<std::uint64_t> context_switches;  // of the threads that there are
  // of threads that have ended, and taken their switches along
  std::optional<Duration> ended_cpu;
  std::optional<std::uint64_t> resident;  // bytes of memory
  std::optional<std::uint64_t> own;       // ... that no other process shares
  std::optional<std::uint64_t> threads;
  std::optional<std::uint64_t> system_calls;
  std::optional<ThreadTimes> thread_times;  // of the threads that there are
};

Usage own_usage();  // its processor time, and its threads'

// Looks at another process, from here on. System calls are counted where the kernel allows it.
class UsageProbe {
 public:
  explicit UsageProbe(std::uint64_t process);
  ~UsageProbe();
  UsageProbe(const UsageProbe&) = delete;
  UsageProbe& operator=(const UsageProbe&) = delete;

  Usage read() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The process that listens there, on this machine; 0 where that cannot be found out.
std::uint64_t find_listener(const Peer& where);

}  // namespace asyncd::bench
