#include "cmd/serve/log_options.h"

#include <algorithm>

#include "cmd/cli/report.h"

namespace asyncd {

namespace {

log::Level level_of(const std::string& name) {
  constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error"};
  const auto found = std::find(std::begin(names), std::end(names), name);
  return static_cast<log::Level>(found - std::begin(names));
}

bool wants_color(const Options& options) {
  if (options.color != ColorChoice::automatic) return options.color == ColorChoice::on;
  const auto no_color = options.sources.environment("NO_COLOR");
  return stderr_draws(options.sources) && (!no_color || no_color->empty());
}

}  // namespace

log::Options log_options(const Options& options, const LogConfig& config) {
  return {.level = level_of(config.level),
          .json = config.format == "json",
          .color = config.file.empty() && wants_color(options),
          .file = config.file};
}

}  // namespace asyncd
