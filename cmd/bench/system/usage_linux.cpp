#include <fmt/core.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "cmd/bench/system/syscall_count.h"
#include "cmd/bench/system/usage.h"

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
  for (fs::directory_iterator task(tasks, failure), end; !failure && task != end;
       task.increment(failure)) {
    const std::string status = file_text(task->path() / "status");
    const auto left = number_after(status, "\nvoluntary_ctxt_switches:");
    const auto pushed = number_after(status, "\nnonvoluntary_ctxt_switches:");
    if (left && pushed)
      usage.context_switches = usage.context_switches.value_or(0) + *left + *pushed;
    // Its time on a core, its time waiting for one, and how often it got one.
    std::istringstream times(file_text(task->path() / "schedstat"));
    std::int64_t ran = 0, waited = 0;
    std::uint64_t runs = 0;
    if (!(times >> ran >> waited >> runs)) continue;
    cpu += Duration(ran);
    if (!usage.thread_times) usage.thread_times.emplace();
    (*usage.thread_times)[std::strtoull(task->path().filename().c_str(), nullptr, 10)] = {
        Duration(waited), runs};
  }
  if (usage.cpu && usage.thread_times) usage.ended_cpu = *usage.cpu - cpu;
}

// An address as /proc/net has it: each four bytes as a number of this machine.
std::string in_table(std::span<const std::uint8_t> address) {
  std::string text;
  for (; !address.empty(); address = address.subspan(4)) {
    std::uint32_t word = 0;
    std::memcpy(&word, address.data(), 4);
    text += fmt::format("{:08X}", word);
  }
  return text;
}

struct Place {
  const char* table;
  std::string address;
};

// Where a socket may be listed that takes clients in there: first that of the very address, last
// one for all.
std::vector<Place> places_of(const Peer& peer) {
  constexpr const char *tcp = "/proc/net/tcp", *tcp6 = "/proc/net/tcp6";
  constexpr std::array<std::uint8_t, 16> all{};
  if (peer.family == Peer::Family::ipv6)
    return {{tcp6, in_table(peer.bytes)}, {tcp6, in_table(all)}};
  const std::span address = std::span(peer.bytes).first(4);
  std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  std::copy(address.begin(), address.end(), mapped.begin() + 12);
  return {{tcp, in_table(address)},
          {tcp6, in_table(mapped)},
          {tcp, in_table(std::span(all).first(4))},
          {tcp6, in_table(all)}};
}

// The inodes of the sockets that listen there.
std::vector<std::string> listening_inodes(const Place& place, std::uint16_t port) {
  const std::string wanted = fmt::format("{}:{:04X}", place.address, port);
  std::vector<std::string> inodes;
  std::ifstream file(place.table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, skip, inode;
    words >> number >> local >> remote >> state >> skip >> skip >> skip >> skip >> skip >> inode;
    if (state == "0A" && local == wanted) inodes.push_back(inode);
  }
  return inodes;
}

bool holds(const fs::path& process, const std::string& wanted) {
  std::error_code failure;
  for (fs::directory_iterator entry(process / "fd", failure), end; !failure && entry != end;
       entry.increment(failure)) {
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
  if (::clock_getcpuclockid(static_cast<pid_t>(state_->process), &clock) == 0 &&
      ::clock_gettime(clock, &time) == 0)
    usage.cpu = duration_of(time);
  const std::string status = file_text(process / "status");
  usage.resident = in_bytes(number_after(status, "\nVmRSS:"));
  usage.threads = number_after(status, "\nThreads:");
  const std::string rollup = file_text(process / "smaps_rollup");
  const auto clean = number_after(rollup, "\nPrivate_Clean:"),
             dirty = number_after(rollup, "\nPrivate_Dirty:");
  if (clean && dirty) usage.own = (*clean + *dirty) << 10;
  read_threads(process / "task", usage);
  usage.system_calls = state_->calls.read();
  return usage;
}

Usage own_usage() {
  Usage usage;
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0) usage.cpu = duration_of(time);
  Usage threads;
  read_threads("/proc/self/task", threads);
  usage.thread_times = std::move(threads.thread_times);
  return usage;
}

std::uint64_t find_listener(const Peer& where) {
  std::vector<std::string> inodes;
  for (const Place& place : places_of(where))
    if (inodes.empty()) inodes = listening_inodes(place, where.port);
  if (inodes.size() != 1)
    return 0;  // several share it, and which of them has the clients is unknown
  const std::string wanted = "socket:[" + inodes.front() + "]";
  std::error_code failure;
  for (fs::directory_iterator entry("/proc", failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos && holds(entry->path(), wanted))
      return std::stoull(name);
  }
  return 0;
}

}  // namespace asyncd::bench
