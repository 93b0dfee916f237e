#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "cmd/bench/system/contention.h"

namespace asyncd::bench {

namespace {

namespace fs = std::filesystem;

// A hierarchy of control groups that can have quotas: version 2, or that of version 1 with the
// controller "cpu".
struct Hierarchy {
  bool unified = false;
  std::string top;  // the group that is mounted
  fs::path mounted_at;
};

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

std::vector<Hierarchy> hierarchies(const fs::path& root) {
  std::vector<Hierarchy> found;
  std::ifstream file(root / "proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string skip, top, place, word, kind, options;
    words >> skip >> skip >> skip >> top >> place;
    while (words >> word && word != "-") continue;
    words >> kind >> skip >> options;
    const bool unified = kind == "cgroup2";
    if (unified || (kind == "cgroup" && has_word(options, "cpu")))
      found.push_back({unified, top, root / fs::path(place).relative_path()});
  }
  return found;
}

// The group of the process in this hierarchy, as a path from the one that is mounted; nothing: it
// lies elsewhere.
std::optional<fs::path> group_of(const fs::path& process, const Hierarchy& hierarchy) {
  std::ifstream file(process / "cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (hierarchy.unified ? !controllers.empty() : !has_word(controllers, "cpu")) continue;
    const fs::path path = fs::path(line.substr(second + 1)).lexically_relative(hierarchy.top);
    if (path.empty() || *path.begin() == "..") return std::nullopt;
    return path;
  }
  return std::nullopt;
}

// False: there is no such file. A group without a quota of its own may have no figure in it.
bool add_throttled(const fs::path& group, GroupTimes& times) {
  std::ifstream file(group / "cpu.stat");
  if (!file) return false;
  Duration& throttled = times[group.string()];
  std::string name;
  for (std::int64_t value = 0; file >> name >> value;) {
    if (name == "throttled_usec") throttled = std::chrono::microseconds(value);
    if (name == "throttled_time") throttled = std::chrono::nanoseconds(value);
  }
  return true;
}

}  // namespace

// The quota of any group around its own keeps a process from running.
std::optional<GroupTimes> throttled_times(std::uint64_t process, const std::string& root) {
  const fs::path folder =
      fs::path(root) / "proc" / (process == 0 ? "self" : std::to_string(process));
  GroupTimes times;
  for (const Hierarchy& hierarchy : hierarchies(root)) {
    const std::optional<fs::path> group = group_of(folder, hierarchy);
    if (!group) continue;
    fs::path at = hierarchy.mounted_at;
    add_throttled(at, times);
    for (const fs::path& part : *group) {
      if (part == ".") continue;
      at /= part;
      add_throttled(at, times);
    }
  }
  return times.empty() ? std::nullopt : std::optional(times);
}

Duration core_tick() {
  return std::chrono::nanoseconds(std::chrono::seconds(1)) / ::sysconf(_SC_CLK_TCK);
}

// user nice system idle iowait irq softirq steal; guests are counted in the first two.
std::optional<CoreTimes> core_times(const std::string& root) {
  std::ifstream file(fs::path(root) / "proc/stat");
  CoreTimes times;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("cpu") || line.size() < 4 || line[3] < '0' || line[3] > '9') continue;
    std::istringstream words(line.substr(3));
    unsigned core = 0;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, waits = 0, hard = 0, soft = 0, steal = 0;
    if (!(words >> core >> user >> nice >> system >> idle >> waits >> hard >> soft >> steal))
      continue;
    times[core] = {core_tick() * (idle + waits), core_tick() * (hard + soft), core_tick() * steal};
  }
  return times.empty() ? std::nullopt : std::optional(times);
}

}  // namespace asyncd::bench
