// asyncd call: a handler with no network. DATA, or standard input, goes through a Session as if a
// client had sent it.
#include <string>

#include "cmd/asyncd/commands.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/library_trial.h"
#include "core/accept/connection_info.h"
#include "core/io/workers.h"
#include "core/log/log.h"
#include "core/operations/inline_operations.h"
#include "core/server/server.h"
#include "core/session/session.h"
#include "core/system/standard_streams.h"

namespace asyncd {

namespace {

void print_output(Session& session) {
  for (std::string_view output = session.pending_output(); !output.empty();
       output = session.pending_output()) {
    print(output);
    session.on_sent(output.size(), Clock::now());
  }
}

// For a handler that replies in parts.
struct Printer : OutputSender {
  CloseReason send_output(void*) override {
    print_output(*session);
    return flush_output() ? CloseReason::none : CloseReason::client_reset;
  }

  Session* session = nullptr;
};

// Feeds `input` and runs the session until it has nothing more to do. The error: standard output is
// of no use any more.
Result<void> feed(Session& session, std::string_view input) {
  session.on_bytes(input);
  do {
    while (session.run(Clock::now())) {
    }
    print_output(session);
  } while (session.needs_turn() && !session.finished() && !session.wants_shutdown());
  return flush_output();
}

Result<void> feed_input(Session& session) {
  std::string chunk(64 << 10, '\0');
  while (!session.wants_shutdown()) {
    const Result<std::size_t> size = read_input(chunk);
    if (!size) return size.error();
    if (*size == 0) break;
    if (Result<void> fed = feed(session, std::string_view(chunk).substr(0, *size)); !fed)
      return fed;
  }
  return {};
}

// Zero where every message got its reply.
int converse(const std::shared_ptr<const Service>& service, const Options& options) {
  BufferPool pool;
  const Worker worker(service);
  if (!worker.ok())
    return complain({ExitCode::failure, "the handler's worker_create refuses to begin"});
  const ConnectionInfo no_client;
  const StopFlag never_stops;
  Printer printer;
  CompletionHandles completions;
  InlineOperations operations(completions, never_stops, printer);
  Session session(*service, pool, worker.state(), no_client, Clock::now(), {&operations, nullptr});
  printer.session = &session;
  Result<void> done = options.call_data ? feed(session, *options.call_data) : feed_input(session);
  session.on_eof();
  if (done) done = feed(session, {});
  if (!done) return complain(done.error());
  if (session.reason() == CloseReason::handler_failed)
    return complain({ExitCode::failure, "the handler has failed"});
  return session.counters().errors_sent == 0 ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace

int call_command(const Options& options) {
  Sources sources = options.sources;
  sources.handler = options.call_handler;
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) return complain(loaded.error());
  const Loader loader(loaded->config, sources.environment, warn, library_trial(loaded->config));
  const Result<std::shared_ptr<Handler>> handler =
      loader.load(options.call_handler, loaded->config);
  if (!handler) return complain(handler.error());
  const ListenerConfig& listener = loaded->config.listeners.front();
  Limits limits = listener.limits;
  limits.messages_per_connection = unlimited_count;
  const Result<std::shared_ptr<const Service>> service =
      make_service(*handler, listener.framing, limits);
  if (!service) return complain(service.error());
  if (const Result<void> started = log::start({}); !started) return complain(started.error());
  const int code = converse(*service, options);
  log::stop();
  return code;
}

}  // namespace asyncd
