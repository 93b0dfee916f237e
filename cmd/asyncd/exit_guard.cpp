#include "cmd/asyncd/exit_guard.h"

#include <atomic>
#include <cstdlib>

#include "cmd/asyncd/commands.h"
#include "core/base/log.h"

namespace asyncd {

namespace {

std::atomic<bool> guarded{false};

void on_exit() {
  if (!guarded) return;
  constexpr const char* what = "a handler has called exit, so asyncd ends at once";
  if (log::enabled(log::Level::error)) {
    log::error("handler_exit", what);
    log::flush();
  } else {
    complain({ExitCode::failure, what});
  }
  std::_Exit(static_cast<int>(ExitCode::failure));
}

}  // namespace

ExitGuard::ExitGuard() {
  [[maybe_unused]] static const int registered = std::atexit(on_exit);
  guarded = true;
}

ExitGuard::~ExitGuard() { guarded = false; }

}  // namespace asyncd
