#include "core/system/cgroup_linux.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/open_file.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

// Empty where there is none. A program that a handler starts meanwhile does not inherit the
// descriptor.
std::istringstream content_of(const fs::path& path) {
  constexpr std::size_t most = 4 << 20;
  Result<OpenFile> file = OpenFile::open(path);
  if (!file) return {};
  Result<std::string> content = file->read(most);
  return std::istringstream(content ? *content : std::string());
}

std::string first_line(const fs::path& path) {
  std::istringstream file = content_of(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(std::move(part));
  return parts;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <class Number>
void lower(std::optional<Number>& limit, Number other) {
  limit = limit ? std::min(*limit, other) : other;
}

// "max", "-1" and what is not there are no number.
std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::istringstream stream(text);
  if (text.empty() || text.front() < '0' || text.front() > '9' || !(stream >> number))
    return std::nullopt;
  return number;
}

void take_cores(const std::string& quota, const std::string& period, CgroupLimits& limits) {
  const auto time = number_of(quota), of = number_of(period);
  if (time && of && *time != 0 && *of != 0)
    lower(limits.cores, static_cast<double>(*time) / static_cast<double>(*of));
}

void take_memory(const std::string& text, CgroupLimits& limits) {
  // version 1 writes about 2^63 where there is no limit
  constexpr std::uint64_t none = std::uint64_t{1} << 60;
  if (const auto bytes = number_of(text); bytes && *bytes < none) lower(limits.memory, *bytes);
}

// A group's folder: what is not among its files is empty. A period is 100 ms unless it is written.
void take_group(const fs::path& folder, CgroupLimits& limits) {
  const std::vector<std::string> both = split(first_line(folder / "cpu.max"), ' ');
  if (!both.empty()) take_cores(both[0], both.size() > 1 ? both[1] : "100000", limits);
  take_cores(first_line(folder / "cpu.cfs_quota_us"), first_line(folder / "cpu.cfs_period_us"),
             limits);
  take_memory(first_line(folder / "memory.max"), limits);
  take_memory(first_line(folder / "memory.limit_in_bytes"), limits);
}

// Blanks and backslashes in the names of mountinfo are written as three octal digits.
std::string unescaped(const std::string& name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_escape = name[i] == '\\' && i + 3 < name.size();
    plain += is_escape ? static_cast<char>((name[i + 1] - '0') * 64 + (name[i + 2] - '0') * 8 +
                                           name[i + 3] - '0')
                       : name[i];
    if (is_escape) i += 3;
  }
  return plain;
}

// A hierarchy of groups that is mounted.
struct Hierarchy {
  fs::path top;                          // the group that the mount shows as its root
  fs::path folder;                       // of the mount
  std::vector<std::string> controllers;  // empty: version 2
};

// "31 23 0:27 /top /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct"
std::optional<Hierarchy> hierarchy_of(const std::string& line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) return std::nullopt;
  const std::vector<std::string> before = split(line.substr(0, dash), ' ');
  const std::vector<std::string> after = split(line.substr(dash + 3), ' ');
  if (before.size() < 5 || after.size() < 3) return std::nullopt;
  Hierarchy found{unescaped(before[3]), unescaped(before[4]), {}};
  if (after[0] == "cgroup2") return found;
  if (after[0] != "cgroup") return std::nullopt;
  found.controllers = split(after[2], ',');
  return found;
}

// The group of this process in a hierarchy: "4:cpu,cpuacct:/group", in version 2 "0::/group".
std::optional<fs::path> own_group(const fs::path& root, const Hierarchy& hierarchy) {
  std::istringstream file = content_of(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::vector<std::string> names = split(line.substr(first + 1, second - first - 1), ',');
    const auto is_one = [&](const std::string& name) {
      return contains(hierarchy.controllers, name);
    };
    const bool same = hierarchy.controllers.empty()
                          ? names.empty() && line.starts_with("0:")
                          : std::any_of(names.begin(), names.end(), is_one);
    if (same) return line.substr(second + 1);
  }
  return std::nullopt;
}

// Below the mount; empty: the mount itself, which is all that a container sees of a group that lies
// elsewhere.
fs::path below(const fs::path& group, const fs::path& top) {
  const fs::path relative = group.lexically_relative(top);
  const bool elsewhere = std::find(relative.begin(), relative.end(), "..") != relative.end();
  return elsewhere || relative == "." ? fs::path() : relative;
}

void take_hierarchy(const fs::path& root, const Hierarchy& hierarchy, CgroupLimits& limits) {
  const std::optional<fs::path> group = own_group(root, hierarchy);
  if (!group) return;
  const fs::path mount = root / hierarchy.folder.relative_path();
  for (fs::path own = below(*group, hierarchy.top);; own = own.parent_path()) {
    take_group(own.empty() ? mount : mount / own, limits);
    if (own.empty()) return;
  }
}

}  // namespace

CgroupLimits cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  std::istringstream mounts = content_of(root / "proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (const std::optional<Hierarchy> found = hierarchy_of(line))
      take_hierarchy(root, *found, limits);
  return limits;
}

}  // namespace asyncd
