#include <windows.h>

#include <cstdlib>

#include "cmd/asyncd/environment.h"

namespace asyncd {

void read_environment(Sources& sources) {
  sources.environment = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  // "NAME=value" after "NAME=value", each ended by a NUL, and one more at the end of all.
  char* block = GetEnvironmentStringsA();
  if (block == nullptr) return;
  for (const char* entry = block; *entry != '\0';) {
    const std::string_view assignment = entry;
    if (assignment.starts_with("ASYNCD_"))
      sources.environment_names.emplace_back(assignment.substr(0, assignment.find('=')));
    entry += assignment.size() + 1;
  }
  FreeEnvironmentStringsA(block);
}

}  // namespace asyncd
