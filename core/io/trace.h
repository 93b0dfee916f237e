// Trace: tells the log of each step of a connection, where its level is trace: what comes and goes,
// messages and how long they take, what is waited for, and how it ends. Never a byte of what is
// said. The same on every backend, because it sees the session alone. Belongs to a driver, on its
// thread.
#pragma once

#include <deque>
#include <memory>

#include "core/base/clock.h"
#include "core/session/observer.h"
#include "core/session/session.h"

namespace asyncd {

class Trace final : public SessionObserver {
 public:
  // Null where the log does not want it, or there is no session yet. std::bad_alloc.
  static std::unique_ptr<Trace> of(std::uint64_t connection, Session* session);

  Trace(std::uint64_t connection, const Session& session)
      : connection_(connection), session_(session) {}

  void after_turn(Instant now);

  void on_message(std::uint64_t bytes) override;
  void on_operation(std::uint32_t operation) override;
  void on_answered() override;

 private:
  void tell_received();
  void tell_sent();
  void tell_state();
  void tell_expired(Instant now);
  void tell_wait();
  std::uint64_t produced() const { return session_.counters().bytes_sent + session_.unsent(); }

  const std::uint64_t connection_;
  const Session& session_;
  SessionCounters told_;        // of bytes
  SessionCounters answered_;    // of messages, when the last one was
  std::uint64_t produced_ = 0;  // of output, then
  std::uint64_t unsent_ = 0;    // as told
  std::deque<Instant> begun_;   // the messages that are not answered yet
  Session::Standing standing_;  // as told
  std::string_view wait_;       // likewise
  Instant deadline_ = never;    // of that
};

}  // namespace asyncd
