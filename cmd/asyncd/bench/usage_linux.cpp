#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cmd/asyncd/bench/syscall_count.h"
#include "cmd/asyncd/bench/usage.h"

namespace asyncd::bench {

namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// The number behind "VmRSS:" and its like.
std::optional<std::uint64_t> number_after(const std::string& text, std::string_view name) {
  const std::size_t found = text.find(name);
  if (found == std::string::npos) return std::nullopt;
  return std::strtoull(text.c_str() + found + name.size(), nullptr, 10);
}

std::optional<std::uint64_t> in_bytes(std::optional<std::uint64_t> kilobytes) {
  return kilobytes ? std::optional(*kilobytes << 10) : std::nullopt;
}

Duration duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Of the threads that there are.
void read_threads(const fs::path& tasks, Usage& usage) {
  Duration cpu{};
  std::error_code failure;
  for (fs::directory_iterator task(tasks, failure), end; !failure && task != end; task.increment(failure)) {
    const std::string status = file_text(task->path() / "status");
    const auto waited = number_after(status, "\nvoluntary_ctxt_switches:");
    const auto pushed = number_after(status, "\nnonvoluntary_ctxt_switches:");
    if (waited && pushed) usage.context_switches = usage.context_switches.value_or(0) + *waited + *pushed;
    cpu += Duration(std::strtoll(file_text(task->path() / "schedstat").c_str(), nullptr, 10));
  }
  if (usage.cpu) usage.ended_cpu = *usage.cpu - cpu;
}

// The inode of the socket that listens there, as /proc/net/tcp has it in hexadecimal.
std::string listening_inode(const char* table, std::uint16_t port) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, skip, inode;
    words >> number >> local >> remote >> state >> skip >> skip >> skip >> skip >> skip >> inode;
    const std::size_t colon = local.rfind(':');
    if (state == "0A" && colon != std::string::npos && std::stoul(local.substr(colon + 1), nullptr, 16) == port)
      return inode;
  }
  return "";
}

bool holds(const fs::path& process, const std::string& wanted) {
  std::error_code failure;
  for (fs::directory_iterator entry(process / "fd", failure), end; !failure && entry != end; entry.increment(failure)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone) == wanted) return true;
  }
  return false;
}

}  // namespace

struct UsageProbe::State {
  std::uint64_t process;
  SyscallCount calls;
};

UsageProbe::UsageProbe(std::uint64_t process) : state_(new State{process, SyscallCount(process)}) {}
UsageProbe::~UsageProbe() = default;

Usage UsageProbe::read() const {
  const fs::path process = "/proc/" + std::to_string(state_->process);
  Usage usage;
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(static_cast<pid_t>(state_->process), &clock) == 0 && ::clock_gettime(clock, &time) == 0)
    usage.cpu = duration_of(time);
  const std::string status = file_text(process / "status");
  usage.resident = in_bytes(number_after(status, "\nVmRSS:"));
  usage.threads = number_after(status, "\nThreads:");
  const std::string rollup = file_text(process / "smaps_rollup");
  const auto clean = number_after(rollup, "\nPrivate_Clean:"), dirty = number_after(rollup, "\nPrivate_Dirty:");
  if (clean && dirty) usage.own = (*clean + *dirty) << 10;
  read_threads(process / "task", usage);
  usage.system_calls = state_->calls.read();
  return usage;
}

Usage own_usage() {
  Usage usage;
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0) usage.cpu = duration_of(time);
  return usage;
}

std::uint64_t find_listener(std::uint16_t port) {
  std::string inode = listening_inode("/proc/net/tcp", port);
  if (inode.empty()) inode = listening_inode("/proc/net/tcp6", port);
  if (inode.empty()) return 0;
  const std::string wanted = "socket:[" + inode + "]";
  std::error_code failure;
  for (fs::directory_iterator entry("/proc", failure), end; !failure && entry != end; entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos && holds(entry->path(), wanted))
      return std::stoull(name);
  }
  return 0;
}

StolenTime stolen_time() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  StolenTime result;
  // user nice system idle iowait irq softirq steal; guests are counted in the first two.
  for (int i = 0; i < 8; ++i) {
    std::uint64_t value = 0;
    file >> value;
    result.all += value;
    if (i == 7) result.stolen = value;
  }
  return result;
}

}  // namespace asyncd::bench
