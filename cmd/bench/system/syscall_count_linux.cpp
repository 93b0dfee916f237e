#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "cmd/bench/system/syscall_count.h"

namespace asyncd::bench {

namespace {

namespace fs = std::filesystem;

// The number of the event "a system call begins".
std::optional<std::uint64_t> event_number() {
  for (const char* folder : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    std::ifstream file(std::string(folder) + "/events/raw_syscalls/sys_enter/id");
    std::uint64_t number = 0;
    if (file >> number) return number;
  }
  return std::nullopt;
}

int open_counter(std::uint64_t event, pid_t thread) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof attributes;
  attributes.config = event;
  attributes.inherit = 1;
  return static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

SyscallCount::SyscallCount(std::uint64_t process) {
  const auto event = event_number();
  if (!event) return;
  std::error_code failure;
  const fs::path tasks = "/proc/" + std::to_string(process) + "/task";
  for (fs::directory_iterator task(tasks, failure), end; !failure && task != end;
       task.increment(failure)) {
    const int counter =
        open_counter(*event, static_cast<pid_t>(std::stol(task->path().filename().string())));
    // Where one thread is not counted the sum would mislead.
    if (counter < 0) {
      close();
      return;
    }
    counters_.push_back(counter);
  }
}

SyscallCount::~SyscallCount() { close(); }

void SyscallCount::close() {
  for (const int counter : std::exchange(counters_, {})) ::close(counter);
}

std::optional<std::uint64_t> SyscallCount::read() const {
  if (counters_.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const int counter : counters_) {
    std::uint64_t count = 0;
    if (::read(counter, &count, sizeof count) != sizeof count) return std::nullopt;
    sum += count;
  }
  return sum;
}

}  // namespace asyncd::bench
