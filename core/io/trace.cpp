#include "core/io/trace.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "core/log/log.h"
#include "core/session/call.h"

namespace asyncd {

namespace {

using log::Level;

std::string_view name_of_operation(std::uint32_t operation) {
  switch (operation) {
    case ASYNCD_OP_SLEEP:
      return "sleep";
    case ASYNCD_OP_EXTERNAL:
      return "ticket";
    case ASYNCD_OP_OFFLOAD:
      return "work";
    case ASYNCD_OP_CONNECT:
      return "connect";
    case ASYNCD_OP_READ:
      return "read";
    case ASYNCD_OP_WRITE:
      return "write";
    case ASYNCD_OP_CLOSE:
      return "close";
    case ASYNCD_OP_FLUSH:
      return "flush";
    default:
      return "unknown";
  }
}

std::int64_t millis(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

std::unique_ptr<Trace> Trace::of(std::uint64_t connection, Session* session) {
  if (session == nullptr || !log::enabled(Level::trace)) return nullptr;
  auto trace = std::make_unique<Trace>(connection, *session);
  session->observe(trace.get());
  return trace;
}

void Trace::on_message(std::uint64_t bytes) {
  tell_received();
  log::write(Level::trace, "message", "message", {{"conn", connection_}, {"bytes", bytes}});
  begun_.push_back(Clock::now());
}

void Trace::on_operation(std::uint32_t operation) {
  log::write(Level::trace, "call_waits", "the handler waits",
             {{"conn", connection_}, {"operation", name_of_operation(operation)}});
}

// An error may have been told before it was known to be one, so the counters say what a reply was.
void Trace::on_answered() {
  const SessionCounters& now = session_.counters();
  std::string_view outcome = now.messages_sent != answered_.messages_sent ? "reply" : "none";
  if (now.errors_sent != answered_.errors_sent) outcome = "error";
  const Duration took = begun_.empty() ? Duration{} : Duration(Clock::now() - begun_.front());
  if (!begun_.empty()) begun_.pop_front();
  log::write(Level::trace, "answered", "answered",
             {{"conn", connection_},
              {"outcome", outcome},
              {"bytes", produced() - std::min(produced_, produced())},
              {"us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
  answered_ = now;
  produced_ = produced();
}

void Trace::after_turn(Instant now) {
  tell_received();
  tell_expired(now);
  tell_sent();
  tell_state();
  tell_wait();
}

void Trace::tell_received() {
  const std::uint64_t bytes = session_.counters().bytes_received - told_.bytes_received;
  if (bytes == 0) return;
  log::write(Level::trace, "received", "received", {{"conn", connection_}, {"bytes", bytes}});
  told_.bytes_received += bytes;
}

void Trace::tell_sent() {
  const std::uint64_t bytes = session_.counters().bytes_sent - told_.bytes_sent;
  const std::uint64_t unsent = session_.unsent();
  if (bytes == 0 && unsent == unsent_) return;
  if (bytes != 0)
    log::write(Level::trace, "sent", "sent", {{"conn", connection_}, {"bytes", bytes}});
  if (unsent != 0)
    log::write(Level::trace, "send_waits", "the client has to take some first",
               {{"conn", connection_}, {"unsent", unsent}});
  told_.bytes_sent += bytes;
  unsent_ = unsent;
}

void Trace::tell_state() {
  const Session::Standing now = session_.standing();
  if (now.paused != standing_.paused)
    log::write(Level::trace, now.paused ? log::Event("paused") : log::Event("resumed"),
               now.paused ? "no more is taken from the client" : "more is taken from the client",
               {{"conn", connection_}, {"unsent", session_.unsent()}});
  if (now.client_ended && !standing_.client_ended)
    log::write(Level::trace, "client_ended", "the client sends no more", {{"conn", connection_}});
  if (now.draining && !standing_.draining)
    log::write(Level::trace, "drain", "to end between two messages", {{"conn", connection_}});
  if (now.reason != standing_.reason)
    log::write(Level::trace, "ending", "ending",
               {{"conn", connection_}, {"reason", name_of(now.reason)}});
  if (now.shut && !standing_.shut)
    log::write(Level::trace, "shut", "our side is shut", {{"conn", connection_}});
  standing_ = now;
}

// What was waited for did not come.
void Trace::tell_expired(Instant now) {
  if (now >= deadline_ && (session_.reason() != standing_.reason || session_.finished()))
    log::write(Level::trace, "expired", "the time is over",
               {{"conn", connection_}, {"wait", wait_}});
}

// Another deadline, not one that has merely moved, as it does with each message.
void Trace::tell_wait() {
  const Session::Wait wait = session_.waits_for();
  if (wait.what != wait_ && !wait.what.empty())
    log::write(Level::trace, "waits", "waits",
               {{"conn", connection_}, {"wait", wait.what}, {"limit_ms", millis(wait.limit)}});
  wait_ = wait.what;
  deadline_ = session_.deadline();
}

}  // namespace asyncd
