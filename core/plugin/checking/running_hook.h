// RunningHook: a handler's hook while it runs on this thread, with what the host functions need to
// know of it. What goes wrong in it is reported once, with its name. On the stack of the checking
// host, for the length of the hook.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "core/plugin/checking/lent_call.h"

namespace asyncd {

class RunningHook {
 public:
  // `functions` are the host's own. `connection` where it is known.
  RunningHook(const std::string& handler, std::string_view name, Report report,
              const asyncd_host* functions, const ConnectionInfo* connection = nullptr);
  ~RunningHook();
  RunningHook(const RunningHook&) = delete;
  RunningHook& operator=(const RunningHook&) = delete;

  // The one on this thread; null where none runs.
  static RunningHook* here();

  // What may be used in it besides host_log.
  void lend(LentCall& call) { call_ = &call; }
  void lend(asyncd_setup& lent, asyncd_setup& real) {
    setup_ = &lent;
    real_setup_ = &real;
  }

  // What `body`, which calls the handler, comes to; less than 0 where it throws.
  template <class Body>
  int32_t run(Body body) {
    try {
      return body();
    } catch (const std::exception& failure) {
      complain(std::string("it has thrown: ") + failure.what());
    } catch (...) {
      complain("it has thrown what is no std::exception");
    }
    return -1;
  }

  void complain(const std::string& what, bool fatal = false);
  const std::string& complaint() const { return complaint_; }
  bool failed() const { return !complaint_.empty(); }

  const asyncd_host* functions() const { return functions_; }
  LentCall* call() const { return call_; }
  asyncd_setup* setup() const { return setup_; }
  asyncd_setup* real_setup() const { return real_setup_; }

 private:
  const std::string& handler_;
  const std::string_view name_;
  const Report report_;
  const asyncd_host* const functions_;
  const ConnectionInfo* const connection_;
  LentCall* call_ = nullptr;
  asyncd_setup* setup_ = nullptr;
  asyncd_setup* real_setup_ = nullptr;
  std::string complaint_;
};

}  // namespace asyncd
