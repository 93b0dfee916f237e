#include <sys/resource.h>
#include <sys/utsname.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cmd/bench/system/machine.h"

namespace asyncd::bench {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

// The counter-measures that cost something, in the words of the kernel.
std::string mitigations() {
  std::string list;
  std::error_code failure;
  std::filesystem::directory_iterator entry("/sys/devices/system/cpu/vulnerabilities", failure),
      end;
  for (; !failure && entry != end; entry.increment(failure)) {
    const std::string state = first_line(entry->path().string());
    if (state.starts_with("Mitigation"))
      list += (list.empty() ? "" : ", ") + entry->path().filename().string();
  }
  return list;
}

std::string container() {
  if (std::filesystem::exists("/.dockerenv")) return "docker";
  if (std::filesystem::exists("/run/.containerenv")) return "podman";
  const std::string name = first_line("/run/systemd/container");
  return name.empty() ? "no" : name;
}

}  // namespace

Facts machine_facts() {
  Facts facts;
  const auto add = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) facts.emplace_back(key, value);
  };
  utsname system{};
  ::uname(&system);
  add("kernel", std::string(system.sysname) + " " + system.release);
  add("cpu", processor());
  add("cores", std::to_string(core_count()));
  add("governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  add("mitigations", mitigations());
  add("container", container());
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) add("open_files", std::to_string(files.rlim_cur));
  for (const std::string name :
       {"net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}) {
    std::string path = name;
    for (char& letter : path)
      if (letter == '.') letter = '/';
    std::string value = first_line("/proc/sys/" + path);
    for (char& letter : value)
      if (letter == '\t') letter = ' ';
    add(name, value);
  }
  return facts;
}

}  // namespace asyncd::bench
