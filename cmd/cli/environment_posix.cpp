#include <unistd.h>

#include <cstdlib>

#include "cmd/cli/environment.h"

extern char** environ;

namespace asyncd {

std::vector<std::string> read_arguments(int argc, char** argv) {
  return argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

void read_environment(Sources& sources) {
  sources.environment = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view assignment = *entry;
    if (assignment.starts_with("ASYNCD_"))
      sources.environment_names.emplace_back(assignment.substr(0, assignment.find('=')));
  }
}

}  // namespace asyncd
