#include "core/plugin/checking/running_hook.h"

#include <utility>

#include "core/base/thread_end.h"

namespace asyncd {

namespace {

thread_local RunningHook* running = nullptr;

// Whose end comes while a hook runs is ended by that hook.
void complain_of_end() {
  if (running != nullptr)
    std::exchange(running, nullptr)->complain("it ends the process, or its thread");
}

}  // namespace

RunningHook::RunningHook(const std::string& handler, std::string_view name, Report report,
                         const asyncd_host* functions, const ConnectionInfo* connection)
    : handler_(handler),
      name_(name),
      report_(report),
      functions_(functions),
      connection_(connection) {
  at_thread_end(complain_of_end);
  running = this;
}

RunningHook::~RunningHook() { running = nullptr; }

RunningHook* RunningHook::here() { return running; }

void RunningHook::complain(const std::string& what, bool fatal) {
  if (failed() && !fatal) return;
  complaint_ = what;
  report_({.handler = handler_,
           .hook = name_,
           .what = what,
           .connection = connection_,
           .fatal = fatal});
}

}  // namespace asyncd
