#include "cmd/handler_check/violations.h"

#include <cstdlib>
#include <mutex>
#include <utility>

namespace asyncd {

namespace {

std::mutex mutex;
std::string violations;
FindingsWriter* fatal_violation_report = nullptr;

}  // namespace

void note_violation(const Violation& violation) {
  const std::lock_guard lock(mutex);
  if (!violations.empty()) violations += "; ";
  violations += std::string(violation.what) + " (hook " + std::string(violation.hook) + ")";
  if (!violation.fatal) return;
  fatal_violation_report->failed(violations);
  fatal_violation_report->end(ExitCode::handler_rejected);
  std::_Exit(0);  // the handler may have spoilt any memory
}

std::string take_violations() {
  const std::lock_guard lock(mutex);
  return std::exchange(violations, {});
}

void report_fatal_violations_to(FindingsWriter& findings) { fatal_violation_report = &findings; }

}  // namespace asyncd
