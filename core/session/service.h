// Service: what a listener's connections have in common: the handler, the framing, the limits.
// Immutable once made; shared by all loops, and by every session made from it. A reload makes a new
// one; connections stay with the one that they began with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/session/framer.h"
#include "core/session/limits.h"
#include "sdk/asyncd.h"

namespace asyncd {

class SerialGate;
class StageMaker;

struct Service {
  std::string handler_name;
  const asyncd_handler* hooks = nullptr;
  void* self = nullptr;
  const asyncd_host* host = nullptr;
  std::shared_ptr<const void> owner;  // keeps what `hooks` and `self` point to
  std::unique_ptr<const Framer> framer;
  Limits limits;
  std::shared_ptr<const StageMaker> stages;  // null: bytes come as the client has sent them
  SerialGate* gate = nullptr;  // of an asynchronous handler whose calls must not overlap
  std::uint64_t number = 0;    // counts up with each one that is made

  bool asynchronous() const { return (hooks->flags & ASYNCD_ASYNC) != 0; }
};

// Calls a hook that may be missing and answers 0 where all is well. No exception may leave it; one
// that does all the same is a failure like any other.
template <class Hook, class... Arguments>
bool succeeds(Hook hook, Arguments... arguments) {
  try {
    return hook == nullptr || hook(arguments...) == 0;
  } catch (...) {
    return false;
  }
}

// The same for hooks that end something, and so cannot fail.
template <class Hook, class... Arguments>
void call_quietly(Hook hook, Arguments... arguments) {
  try {
    if (hook != nullptr) hook(arguments...);
  } catch (...) {
    // What it was ending is over all the same.
  }
}

}  // namespace asyncd
