// asyncd run: from the configuration to the last connection.
#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "backends/registry.h"
#include "cmd/cli/report.h"
#include "cmd/process/control.h"
#include "cmd/serve/commands.h"
#include "cmd/serve/log_options.h"
#include "cmd/serve/privileges.h"
#include "cmd/serve/reloader.h"
#include "core/base/exit_guard.h"
#include "core/base/thread.h"
#include "core/log/log.h"
#include "core/system/cores.h"
#include "core/system/free_memory.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

void reopen_log() {
  if (const Result<void> reopened = log::reopen(); !reopened)
    log::error("log_reopen_failed", "the log stays where it is",
               {{"err", reopened.error().message}});
}

void log_unused_signal() {
  log::warn("signal_ignored", "a signal that asyncd has no use for; nothing has changed",
            {{"signal", unused_signal()}});
}

// How serving came to its end.
enum class End { finished, cut_off, broken, stuck };

// Waits for what only a handler can hold up; false: one does.
template <class Condition>
bool handlers_return(Condition condition) {
  constexpr Duration patience = std::chrono::seconds(2);
  for (const Instant deadline = after(Clock::now(), patience); !condition();) {
    if (Clock::now() >= deadline) {
      log::error("handler_stuck", "a handler does not return; ending without it");
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Ends every connection now. A handler that does not return holds its thread for as long as it
// likes.
End stop(Server& server, End wanted) {
  server.stop();
  if (!handlers_return([&] { return server.done(); })) return End::stuck;
  server.join();
  return wanted;
}

// Destroys the handlers while there is a log, on a thread that can be left behind: those that
// serve, and those that a reload has made ready just before the end.
End take_down(std::shared_ptr<Server> server, std::shared_ptr<void> unwanted, End end) {
  const auto done = std::make_shared<std::atomic<bool>>(false);
  // It goes with the thread's body, when the thread has no ExitGuard any more: main may end the
  // process then.
  std::shared_ptr<void> at_end(nullptr, [done](void*) { *done = true; });
  Result<Thread> thread =
      Thread::start(0, [held = std::move(server), unwanted = std::move(unwanted),
                        at_end = std::move(at_end)]() mutable {
        unwanted.reset();
        held.reset();
      });
  if (!thread) return end;  // they have been, with the thread's body
  thread->detach();
  return handlers_return([&] { return done->load(); }) ? end : End::stuck;
}

// Waits until all connections have ended, or time or patience has run out.
End drain(Server& server, Duration timeout) {
  tell_supervisor(ProcessState::stopping);
  log::info("draining", "draining",
            {{"active", server.totals().active}, {"timeout", text::format_duration(timeout)}});
  server.drain();
  const Instant deadline = after(Clock::now(), timeout);
  while (!server.done()) {
    tell_supervisor(ProcessState::stopping);
    const Request request = wait_for_request(std::chrono::milliseconds(10));
    if (request == Request::reopen || request == Request::reload) reopen_log();
    if (request == Request::reopen) server.log_books();
    if (request == Request::reload) log_reload_ignored();
    if (request == Request::unused) log_unused_signal();
    const bool now =
        request == Request::terminate || request == Request::interrupt || request == Request::quit;
    if (!now && Clock::now() < deadline) continue;
    const std::uint64_t cut = server.totals().active;
    log::warn(now ? log::Event("stopping") : log::Event("drain_timeout"),
              now ? "stopping now" : "the time for draining is over", {{"cut", cut}});
    return stop(server, cut == 0 ? End::finished : End::cut_off);
  }
  server.join();
  return End::finished;
}

End serve(Server& server, Reloader& reloader) {
  constexpr Duration often = std::chrono::milliseconds(10);
  constexpr Duration now_and_then = std::chrono::seconds(1);
  for (;;) {
    switch (wait_for_request(reloader.under_way() ? often : now_and_then)) {
      case Request::none:
        if (const Listener* listener = server.ended(); listener != nullptr) {
          log::error("listener_ended", "a listener has ended by itself",
                     {{"listener", listener->name()}});
          reloader.on_end();
          return stop(server, End::broken);
        }
        break;
      case Request::reload:
        reopen_log();
        reloader.request();
        break;
      case Request::reopen:
        reopen_log();
        server.log_books();
        break;
      case Request::unused:
        log_unused_signal();
        break;
      case Request::quit:
        reloader.on_end();
        return stop(server, End::finished);
      case Request::terminate:
      case Request::interrupt:
        reloader.on_end();
        return drain(server, reloader.config().shutdown_timeout);
    }
    reloader.tend();
    server.tend();
  }
}

ExitCode exit_code(End end) {
  switch (end) {
    case End::finished:
      return ExitCode::ok;
    case End::broken:
      return ExitCode::failure;
    case End::cut_off:
    case End::stuck:
      break;
  }
  return ExitCode::drain_deadline;
}

// Ends the process at once where a thread would have to be waited for in vain.
int leave(ExitCode code, bool threads_have_ended) {
  if (!threads_have_ended) {
    log::flush();
    end_process(code);
  }
  if (!log::stop()) end_process(code);
  return static_cast<int>(code);
}

// asyncd itself never calls exit while it runs.
void end_at_once() {
  constexpr const char* what = "a handler has called exit, so asyncd ends at once";
  if (log::enabled(log::Level::error)) {
    log::error("handler_exit", what);
    log::flush();
  } else {
    complain({ExitCode::failure, what});
  }
  end_process(ExitCode::failure);
}

void warn_of_privileges() {
  const auto [root, capabilities] = own_privileges();
  if (root)
    log::warn("privileged",
              "running as root: run it as another user (User= in systemd's unit, or setpriv "
              "--reuid=USER --regid=GROUP "
              "--clear-groups); ports below 1024 need CAP_NET_BIND_SERVICE alone",
              {{capabilities.empty() ? "" : "capabilities", capabilities}});
  else if (!capabilities.empty())
    log::warn("privileged",
              "running with capabilities that serving does not need: take them away "
              "(AmbientCapabilities= in systemd's "
              "unit, or setpriv --ambient-caps=-all --inh-caps=-all, or setcap -r of the program)",
              {{"capabilities", capabilities}});
}

// What the number of threads follows where it is not set.
void log_cores() {
  const CoreShare share = core_share();
  const std::string quota = share.quota_text();
  log::info(
      "cores", "threads by default",
      {{"threads", share.usable()}, {"cores", share.cores}, {quota.empty() ? "" : "quota", quota}});
}

void log_end(const Server& server) {
  server.log_books();
  const StatsSnapshot totals = server.totals();
  log::info("stopped", "stopped",
            {{"accepted", totals.accepted},
             {"closed", totals.closed_in_all()},
             {"rejected", totals.rejected_in_all()},
             {"active", totals.active},
             {"messages", totals.sessions.messages_received},
             {"replies", totals.sessions.messages_sent}});
}

}  // namespace

int run_command(const Options& options) {
  hold_reloads();
  bound_free_memory(core_share().usable());
  ExitGuard::on_breach(end_at_once);
  const ExitGuard guard;
  std::shared_ptr<Server> server = make_server();
  Result<Prepared> prepared = prepare(options, *server, true);
  if (!prepared) return complain(prepared.error());
  print_warnings(prepared->loaded);
  Reloader reloader(options, *server, std::move(prepared->loaded));
  const Config& config = reloader.config();
  hold_requests();
  if (const Result<void> started = log::start(log_options(options, config.log)); !started)
    return complain(started.error());
  log_left_out(prepared->generation);
  const Result<Server::Changes> applied =
      server->apply(std::move(prepared->generation), config.shutdown_timeout);
  if (!applied) return leave(static_cast<ExitCode>(complain(applied.error())), true);
  for (const ListenerConfig& listener : config.listeners)
    if (listener.most_connections() < listener.limits.max_connections)
      log_connection_share(listener);
  warn_of_privileges();
  log_cores();
  log_memory_bound(*server);
  // the start's last lines
  for (const Listener* listener : applied->begun) log_listening(*listener);
  tell_supervisor(ProcessState::serving);
  End end = serve(*server, reloader);
  // A create that does not return in a reload has cost no client anything, so it does not change
  // the exit code.
  const bool free = end != End::stuck && handlers_return([&] { return !reloader.uses_server(); });
  std::shared_ptr<void> unwanted = free ? reloader.abandon() : nullptr;
  log_end(*server);
  if (free) end = take_down(std::move(server), std::move(unwanted), end);
  return leave(exit_code(end), free && end != End::stuck && !reloader.has_left_behind());
}

}  // namespace asyncd
