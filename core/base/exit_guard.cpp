#include "core/base/exit_guard.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/base/thread_end.h"

namespace asyncd {

namespace {

std::atomic<void (*)()> end_process{nullptr};
std::atomic<int> guards{0};

// Several threads may call exit at a time: the first ends the process, the others wait for that.
void end() {
  static std::atomic<bool> ending{false};
  const auto function = end_process.load();
  if (function == nullptr) return;
  if (!ending.exchange(true)) function();
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

thread_local int guards_here = 0;

void end_where_guarded() {
  if (guards_here != 0) end();
}

}  // namespace

ExitGuard::ExitGuard(bool noted) : noted_(noted) {
  if (noted_) {
    at_thread_end(end_where_guarded);
    ++guards_here;
  }
  ++guards;
}

ExitGuard::~ExitGuard() {
  if (noted_) --guards_here;
  --guards;
}

void ExitGuard::on_breach(void (*function)()) {
  end_process = function;
  std::atexit([] {
    if (guards != 0) end();
  });
}

void ExitGuard::lift_all() { end_process = nullptr; }

}  // namespace asyncd
