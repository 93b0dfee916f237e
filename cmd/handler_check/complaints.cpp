#include "cmd/handler_check/complaints.h"

#include <cstdlib>
#include <mutex>
#include <utility>

namespace asyncd {

namespace {

std::mutex mutex;
std::string complaints;
FindingsWriter* last_words = nullptr;

}  // namespace

void note_complaint(const Violation& violation) {
  const std::lock_guard lock(mutex);
  if (!complaints.empty()) complaints += "; ";
  complaints += std::string(violation.what) + " (hook " + std::string(violation.hook) + ")";
  if (!violation.fatal) return;
  last_words->failed(complaints);
  last_words->end(ExitCode::handler_rejected);
  std::_Exit(0);  // what else is spoilt is unknown
}

std::string take_complaints() {
  const std::lock_guard lock(mutex);
  return std::exchange(complaints, {});
}

void tell_last_words_to(FindingsWriter& findings) { last_words = &findings; }

}  // namespace asyncd
