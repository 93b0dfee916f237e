// How the log is to be written, from the configuration and the terminal.
#pragma once

#include "cmd/cli/options.h"
#include "core/log/log.h"

namespace asyncd {

log::Options log_options(const Options& options, const LogConfig& config);

}  // namespace asyncd
