#include "core/plugin/checking/running_hook.h"

#include <utility>

namespace asyncd {

namespace {

// Whose end comes while a hook runs is ended by that hook: exit ends what belongs to its thread before all else.
struct ThisThread {
  ~ThisThread() {
    if (running != nullptr) std::exchange(running, nullptr)->complain("it ends the process, or its thread");
  }
  RunningHook* running = nullptr;
};
thread_local ThisThread this_thread;

}  // namespace

RunningHook::RunningHook(const std::string& handler, std::string_view name, Report report, const asyncd_host* functions,
                         const ConnectionInfo* connection)
    : handler_(handler), name_(name), report_(report), functions_(functions), connection_(connection) {
  this_thread.running = this;
}

RunningHook::~RunningHook() { this_thread.running = nullptr; }

RunningHook* RunningHook::here() { return this_thread.running; }

void RunningHook::complain(const std::string& what, bool fatal) {
  if (failed() && !fatal) return;
  complaint_ = what;
  report_({.handler = handler_, .hook = name_, .what = what, .connection = connection_, .fatal = fatal});
}

}  // namespace asyncd
