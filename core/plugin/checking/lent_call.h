// LentCall: the call that a handler gets in place of the session's own. Message and window are
// guarded copies; once the hook has returned it is remembered for a while, with nothing in it, so
// that a handler that still uses it is found.
//
// Of one thread, that of the connection's hooks, but for what says otherwise. Owned by the worker
// that has made it, and after its end by the forgotten ones of the process.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/accept/connection_info.h"
#include "core/plugin/checking/guarded_bytes.h"
#include "core/plugin/checking/violation.h"
#include "core/session/call.h"

namespace asyncd {

struct CheckedWorker;

// A connection, for as long as a call of it is remembered.
struct CheckedConnection {
  CheckedWorker* worker = nullptr;
  void* state = nullptr;  // what the handler's connection_open gave
  std::atomic<bool> busy{false};
  std::atomic<bool> condemned{false};       // ends with its next message; set by any thread
  std::shared_ptr<CheckedConnection> open;  // itself, from open to close
};

class LentCall : public asyncd_call {
 public:
  struct Fault {
    std::string what;
    bool spoilt = false;  // memory that was not lent
  };

  LentCall(std::string handler, Report report);
  ~LentCall();
  LentCall(const LentCall&) = delete;
  LentCall& operator=(const LentCall&) = delete;

  // From the message hook's beginning to its end, in this order. `functions` and `worker_state` are
  // what the handler shall see.
  void begin(asyncd_call& real, const asyncd_host& functions, void* worker_state,
             std::shared_ptr<CheckedConnection> of);
  int32_t reserve(uint64_t bytes);
  std::optional<Fault> find_fault(int32_t outcome) const;
  void deliver();  // flags and reply, to the session's call
  void end();

  // After the end; told once.
  bool written_since_end();
  static void forget(std::vector<std::unique_ptr<LentCall>> calls);

  asyncd_call& real() { return *real_; }
  const ConnectionInfo& info() const { return info_; }
  CheckedConnection* owner() const { return connection_.get(); }
  bool condemned() const { return condemned_; }

  // Any thread: a call that was used where it may not be. Its connection ends.
  struct Misuse {
    std::string handler = "unknown";
    std::string_view of = "a call that asyncd has not made";
    Report report = log_violation;
    std::optional<ConnectionInfo> connection;
  };
  static Misuse condemn(const asyncd_call* call);

 private:
  std::optional<Fault> find_damage() const;
  std::string_view find_changed_field() const;
  GuardedBytes& add_window(std::size_t bytes);

  std::array<char, 64> behind_;  // what the handler knows of
  asyncd_call given_{};          // what it got, or, after the end, what it must leave as it is
  const std::string handler_;
  const Report report_;
  asyncd_call* real_ = nullptr;
  GuardedBytes message_;
  std::vector<std::unique_ptr<GuardedBytes>> windows_;
  std::size_t window_count_ = 0;  // of them in use, the last of which is the present one
  std::optional<Fault> early_fault_;
  bool told_ = false;
  std::atomic<bool> condemned_{false};

  // Written under the lock of all calls.
  ConnectionInfo info_;
  std::shared_ptr<CheckedConnection> connection_;
  bool under_way_ = false;
};

}  // namespace asyncd
