#include <vector>

#include "backends/registry.h"
#include "cmd/cli/report.h"
#include "cmd/process/control.h"
#include "core/system/standard_streams.h"
#include "core/text/escape.h"

namespace asyncd {

const Schema& registry_schema() {
  static const std::vector<BackendSchema> rows = [] {
    std::vector<BackendSchema> result;
    for (const BackendEntry& entry : backends()) result.push_back({entry.name, entry.settings()});
    return result;
  }();
  static const Schema schema{rows, default_backend};
  return schema;
}

bool stderr_draws(const Sources& sources) {
  return stderr_is_terminal() && sources.environment("TERM") != "dumb";
}

int complain(const Error& error) {
  // Nothing can be said about a standard error that takes no more.
  print_error("asyncd: " + text::shown_lines(error.message) + "\n");
  tell_supervisor(error);
  return static_cast<int>(error.code);
}

void warn(const std::string& message) {
  print_error("asyncd: warning: " + text::shown_lines(message) + "\n");
}

void print_warnings(const Loaded& loaded) {
  for (const std::string& warning : loaded.warnings) warn(warning);
}

Result<Loaded> load_and_warn(const Sources& sources) {
  Result<Loaded> loaded = load_config(sources, registry_schema());
  if (loaded) print_warnings(*loaded);
  return loaded;
}

}  // namespace asyncd
