// asyncd call: a handler with no network. DATA, or standard input, goes through a Session as if a client had sent it.
#include <cstdio>
#include <string>

#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/library_trial.h"
#include "core/base/log.h"
#include "core/io/connection_info.h"
#include "core/io/inline_operations.h"
#include "core/io/workers.h"
#include "core/server/server.h"

namespace asyncd {

namespace {

bool print_output(Session& session) {
  for (std::string_view output = session.pending_output(); !output.empty(); output = session.pending_output()) {
    if (std::fwrite(output.data(), 1, output.size(), stdout) != output.size()) return false;
    session.on_sent(output.size(), Clock::now());
  }
  return true;
}

// For a handler that replies in parts.
struct Printer : OutputSender {
  bool send_output(void*) override { return print_output(*session); }

  Session* session = nullptr;
};

// Feeds `input` and runs the session until it has nothing more to do; false: standard output is of no use any more.
bool feed(Session& session, std::string_view input) {
  session.on_bytes(input);
  do {
    while (session.run(Clock::now())) {
    }
    if (!print_output(session)) return false;
  } while (session.needs_turn() && !session.finished() && !session.wants_shutdown());
  return true;
}

// Zero where every message got its reply.
int converse(const std::shared_ptr<const Service>& service, const Options& options) {
  BufferPool pool;
  const Worker worker(service);
  if (!worker.ok()) return complain({ExitCode::failure, "the handler's worker_create refuses to begin"});
  const ConnectionInfo nobody;
  const Latch never_stops;
  Printer printer;
  InlineOperations operations(never_stops, printer);
  Session session(*service, pool, worker.state(), nobody, Clock::now(), {&operations, nullptr});
  printer.session = &session;
  bool written = true;
  if (options.call_data) {
    written = feed(session, *options.call_data);
  } else {
    std::string chunk(64 << 10, '\0');
    while (written && !session.wants_shutdown()) {
      const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), stdin);
      if (size == 0) break;
      written = feed(session, std::string_view(chunk).substr(0, size));
    }
  }
  session.on_eof();
  written = written && feed(session, {});
  if (!written) return complain({ExitCode::failure, "cannot write to standard output"});
  if (session.reason() == CloseReason::handler_failed) return complain({ExitCode::failure, "the handler has failed"});
  return session.counters().errors_sent == 0 ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace

int call_command(const Options& options) {
  Sources sources = options.sources;
  sources.handler = options.call_handler;
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) return complain(loaded.error());
  const Loader loader(loaded->config, sources.environment, warn, library_trial(loaded->config));
  const Result<std::shared_ptr<Handler>> handler = loader.load(options.call_handler, loaded->config);
  if (!handler) return complain(handler.error());
  const ListenerConfig& listener = loaded->config.listeners.front();
  Limits limits = listener.limits;
  limits.messages_per_connection = unlimited_count;
  const Result<std::shared_ptr<const Service>> service = make_service(*handler, listener.framing, limits);
  if (!service) return complain(service.error());
  if (const Result<void> started = log::start({}); !started) return complain(started.error());
  const int code = converse(*service, options);
  log::stop();
  return code;
}

}  // namespace asyncd
