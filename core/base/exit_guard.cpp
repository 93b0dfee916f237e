#include "core/base/exit_guard.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

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

}  // namespace

ExitGuard::ExitGuard() { ++guards; }

ExitGuard::~ExitGuard() { --guards; }

void ExitGuard::on_breach(void (*function)()) {
  end_process = function;
  stand_first();
}

void ExitGuard::stand_first() {
  std::atexit([] {
    if (guards != 0) end();
  });
}

}  // namespace asyncd
