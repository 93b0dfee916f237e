#include <windows.h>
// Needs the one above.
#include <psapi.h>

#include "cmd/bench/system/usage.h"

namespace asyncd::bench {

namespace {

Duration duration_of(const FILETIME& time) {
  const auto ticks = static_cast<std::uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
  return std::chrono::nanoseconds(ticks * 100);
}

Usage usage_of(HANDLE process) {
  Usage usage;
  FILETIME begun, ended, kernel, user;
  if (::GetProcessTimes(process, &begun, &ended, &kernel, &user) != 0)
    usage.cpu = duration_of(kernel) + duration_of(user);
  PROCESS_MEMORY_COUNTERS_EX memory{};
  memory.cb = sizeof memory;
  if (::K32GetProcessMemoryInfo(process, reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&memory),
                                sizeof memory) != 0) {
    usage.resident = memory.WorkingSetSize;
    usage.own = memory.PrivateUsage;
  }
  return usage;
}

}  // namespace

struct UsageProbe::State {
  HANDLE process;
};

UsageProbe::UsageProbe(std::uint64_t process)
    : state_(new State{::OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
                                     static_cast<DWORD>(process))}) {}
UsageProbe::~UsageProbe() {
  if (state_->process != nullptr) ::CloseHandle(state_->process);
}
Usage UsageProbe::read() const {
  return state_->process != nullptr ? usage_of(state_->process) : Usage{};
}

Usage own_usage() { return usage_of(::GetCurrentProcess()); }
std::uint64_t find_listener(const Peer&) { return 0; }

}  // namespace asyncd::bench
