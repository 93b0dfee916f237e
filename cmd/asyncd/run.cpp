// asyncd run: from the configuration to the last connection.
#include <algorithm>
#include <cstdlib>

#include "backends/registry.h"
#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/control.h"
#include "cmd/asyncd/serve.h"
#include "core/base/log.h"
#include "core/base/text.h"

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
  const auto term = options.sources.environment("TERM");
  return stderr_is_terminal() && (!no_color || no_color->empty()) && (!term || *term != "dumb");
}

Result<void> start_log(const Options& options, const LogConfig& config) {
  return log::start({.level = level_of(config.level),
                     .json = config.format == "json",
                     .color = config.file.empty() && wants_color(options),
                     .file = config.file});
}

void log_listeners(const Server& server) {
  for (const Listener* listener : server.listeners())
    log::info("listening", {{"address", listener->address()},
                            {"backend", listener->backend_name()},
                            {"handler", listener->service().handler_name},
                            {"listener", listener->name()}});
}

// Waits until all connections have ended, or time or patience has run out; true: nobody was cut off.
bool finish(Server& server, Duration timeout) {
  server.drain();
  const Instant deadline = after(Clock::now(), timeout);
  while (!server.done()) {
    const Request request = wait_for_request(std::chrono::milliseconds(10));
    const bool now = request == Request::terminate || request == Request::interrupt || request == Request::quit;
    if (!now && Clock::now() < deadline) continue;
    const std::uint64_t cut = server.totals().active;
    log::warn(now ? "stopping now" : "the time for draining is over", {{"cut", cut}});
    server.stop();
    server.join();
    return cut == 0;
  }
  server.join();
  return true;
}

ExitCode serve(Server& server, Duration shutdown_timeout) {
  for (;;) {
    switch (wait_for_request(std::chrono::hours(1))) {
      case Request::none:
        break;
      case Request::reload:
      case Request::reopen:
        log::warn("this asyncd cannot reload; restart it");
        break;
      case Request::quit:
        server.stop();
        server.join();
        return ExitCode::ok;
      case Request::terminate:
      case Request::interrupt:
        tell_supervisor(Phase::stopping);
        log::info("draining",
                  {{"active", server.totals().active}, {"timeout", text::format_duration(shutdown_timeout)}});
        return finish(server, shutdown_timeout) ? ExitCode::ok : ExitCode::drain_deadline;
    }
  }
}

void log_end(const Server& server) {
  const StatsSnapshot totals = server.totals();
  log::info("stopped", {{"accepted", totals.accepted},
                        {"closed", totals.closed_in_all()},
                        {"rejected", totals.rejected_in_all()},
                        {"active", totals.active},
                        {"messages", totals.sessions.messages_received},
                        {"replies", totals.sessions.messages_sent}});
}

}  // namespace

int run_command(const Options& options) {
  const Result<Loaded> loaded = load_and_warn(options.sources);
  if (!loaded) return complain(loaded.error());
  const Config& config = loaded->config;
  raise_descriptor_limit();
  Result<std::unique_ptr<Server>> server = make_server(options, config);
  if (!server) return complain(server.error());
  if (const Result<void> bound = (*server)->bind(); !bound) return complain(bound.error());
  hold_requests();  // before the first thread, which is the log's: all of them inherit it
  if (const Result<void> started = start_log(options, config.log); !started) return complain(started.error());
  if (const Result<void> started = (*server)->start(); !started) {
    log::stop();
    return complain(started.error());
  }
  log_listeners(**server);
  tell_supervisor(Phase::serving);
  const ExitCode code = serve(**server, config.shutdown_timeout);
  log_end(**server);
  log::stop();
  return static_cast<int>(code);
}

}  // namespace asyncd
