// Cgroup: what the control group of this process, and those above it, let it have: of version 1, 2
// or both, seen from the machine or from within a container. Start-up and reload only; reads files
// of the kernel and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace asyncd {

// The least of all groups on the way up; nothing: none of them has a limit, or the system does not
// tell.
struct CgroupLimits {
  std::optional<double> cores;          // cpu.max, cpu.cfs_quota_us
  std::optional<std::uint64_t> memory;  // bytes: memory.max, memory.limit_in_bytes
};

// `root`: the folder that has proc and the folders of the groups; a test's own.
CgroupLimits cgroup_limits(const std::filesystem::path& root = "/");

}  // namespace asyncd
