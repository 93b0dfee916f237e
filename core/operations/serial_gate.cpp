#include "core/operations/serial_gate.h"

#include "core/operations/completion_handles.h"

namespace asyncd {

bool SerialGate::enter(std::uint64_t handle) {
  const std::lock_guard lock(mutex_);
  if (busy_)
    waiting_.push_back(handle);
  else
    busy_ = true;
  return waiting_.empty();
}

void SerialGate::leave() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    const std::uint64_t next = waiting_.front();
    waiting_.pop_front();
    if (CompletionHandles::post(next) == 0) return;
  }
  busy_ = false;
}

void SerialGate::give_up(std::uint64_t handle) {
  {
    const std::lock_guard lock(mutex_);
    if (std::erase(waiting_, handle) != 0) return;
  }
  leave();
}

}  // namespace asyncd
