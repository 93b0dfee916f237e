// SyscallCount: how many system calls a process makes, counted by Linux's performance events where
// it allows that to this user. One owner.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace asyncd::bench {

class SyscallCount {
 public:
  explicit SyscallCount(std::uint64_t process);  // of all threads that it has now and makes later
  ~SyscallCount();
  SyscallCount(const SyscallCount&) = delete;
  SyscallCount& operator=(const SyscallCount&) = delete;

  std::optional<std::uint64_t> read() const;  // nothing: the kernel does not tell

 private:
  void close();

  std::vector<int> counters_;
};

}  // namespace asyncd::bench
