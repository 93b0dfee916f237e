#include "cmd/serve/log_options.h"

#include "cmd/cli/report.h"

namespace asyncd {

namespace {

bool wants_color(const Options& options) {
  if (options.color != ColorChoice::automatic) return options.color == ColorChoice::on;
  const auto no_color = options.sources.environment("NO_COLOR");
  return stderr_draws(options.sources) && (!no_color || no_color->empty());
}

}  // namespace

log::Options log_options(const Options& options, const LogConfig& config) {
  return {.level = config.level,
          .json = config.format == LogFormat::json,
          .color = config.file.empty() && wants_color(options),
          .file = config.file};
}

}  // namespace asyncd
