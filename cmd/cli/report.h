// What every subcommand tells its user on standard error, and how it reads the configuration that
// it works with.
#pragma once

#include <string>

#include "core/config/load.h"

namespace asyncd {

// What the registry offers, as the configuration needs it.
const Schema& registry_schema();

// Whether standard error is a terminal that knows more than lines: colours, and ways to draw over.
bool stderr_draws(const Sources& sources);

// Prints "asyncd: " and the message to standard error; returns the exit code.
int complain(const Error& error);

// Prints "asyncd: warning: " and the message to standard error.
void warn(const std::string& message);
void print_warnings(const Loaded& loaded);

// load_config, with its warnings printed.
Result<Loaded> load_and_warn(const Sources& sources);

}  // namespace asyncd
