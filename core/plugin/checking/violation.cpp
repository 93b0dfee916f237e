#include "core/plugin/checking/violation.h"

#include <cstdlib>
#include <string>

#include "core/accept/connection_info.h"
#include "core/log/log.h"
#include "core/system/standard_streams.h"

namespace asyncd {

namespace {

constexpr std::string_view told = "a handler breaks the rules of asyncd.h";
constexpr std::string_view told_last =
    "the rules of asyncd.h are broken, and the process cannot go on";

void write(std::string_view message, log::Fields fields) {
  if (log::enabled(log::Level::error)) return log::error("handler_violation", message, fields);
  std::string line = "asyncd: " + std::string(message);
  for (const log::Field& field : fields)
    line += " " + std::string(field.key()) + "=" + std::string(field.value());
  print_error(line + "\n");
}

}  // namespace

void log_violation(const Violation& violation) {
  const std::string_view message = violation.fatal ? told_last : told;
  const ConnectionInfo* connection = violation.connection;
  if (connection == nullptr || connection->id == 0)
    write(message,
          {{"handler", violation.handler}, {"hook", violation.hook}, {"what", violation.what}});
  else
    write(message, {{"handler", violation.handler},
                    {"hook", violation.hook},
                    {"what", violation.what},
                    {"peer", connection->peer.to_string()},
                    {"conn", connection->id}});
  if (!violation.fatal) return;
  log::flush();
  std::abort();
}

}  // namespace asyncd
