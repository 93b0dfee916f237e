#include "cmd/handler_check/counted_memory.h"

#include <map>

namespace asyncd {

namespace {

asyncd_handler counted;       // whose hooks these are
const asyncd_host* original;  // what its calls have in truth
asyncd_host counting;         // and what they get
thread_local std::map<const asyncd_call*, std::size_t> pieces;

void* allocate(asyncd_call* call, uint64_t bytes) noexcept {
  void* const memory = original->host_allocate(call, bytes);
  if (memory != nullptr) ++pieces[call];
  return memory;
}

void release(asyncd_call* call, void* memory, uint64_t bytes) noexcept {
  if (memory != nullptr) --pieces[call];
  original->host_release(call, memory, bytes);
}

// Before any call there is no thread but the examination's.
int32_t create(asyncd_setup* setup, void** self) {
  original = setup->host;
  counting = *setup->host;
  counting.host_allocate = allocate;
  counting.host_release = release;
  return counted.create == nullptr ? 0 : counted.create(setup, self);
}

int32_t message(void* self, asyncd_call* call) {
  call->host = &counting;
  return counted.message(self, call);
}

}  // namespace

asyncd_handler with_counted_memory(const asyncd_handler& hooks) {
  counted = hooks;
  asyncd_handler result = hooks;
  result.create = create;
  result.message = message;
  return result;
}

std::size_t take_pieces(const asyncd_call& call) {
  const auto found = pieces.find(&call);
  if (found == pieces.end()) return 0;
  const std::size_t left = found->second;
  pieces.erase(found);
  return left;
}

}  // namespace asyncd
