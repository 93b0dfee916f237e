// CheckingHost: stands between asyncd and a handler, and holds both to the rules of asyncd.h. It
// calls the handler's hooks with calls of its own (LentCall) and functions of its own
// (checked_functions). What the handler does wrong is reported, and ends the connection; what may
// have spoilt memory, or is asyncd's own mistake, ends the process.
//
// For builds that are to find mistakes (CMake's ASYNCD_CHECK_HANDLERS); others do not make one.
// Owned by the Handler; its hooks are for any thread, as the handler's are.
#pragma once

#include <atomic>
#include <string>

#include "core/plugin/checking/violation.h"
#include "sdk/asyncd.h"

namespace asyncd {

struct CheckedConnection;
struct CheckedWorker;
class LentCall;

class CheckingHost {
 public:
  CheckingHost(const asyncd_handler& hooks, std::string handler, Report report = log_violation);

  // What is called in place of the handler's own. Their self is this, for create already.
  const asyncd_handler& hooks() const { return checked_; }

 private:
  struct Hooks;
  class Turn;
  enum class Stage : std::uint8_t { made, created, destroyed };

  bool expect(bool right, std::string_view hook, const char* otherwise) const;
  bool expect_open(std::string_view hook, const CheckedWorker* worker,
                   const CheckedConnection* connection) const;
  void tell_late_writes(CheckedWorker& worker) const;
  std::string find_wrong(const asyncd_frame& frame, std::uint64_t size) const;

  const asyncd_handler hooks_;  // the handler's
  const std::string handler_;
  const Report report_;
  asyncd_handler checked_;
  const asyncd_host* functions_ = nullptr;  // asyncd's own
  void* self_ = nullptr;                    // the handler's
  std::atomic<Stage> stage_{Stage::made};
  std::atomic<int> workers_{0};
  std::atomic<int> under_way_{0};
};

}  // namespace asyncd
