// HookMark: what a session tells the watchdog of its handler's hooks.
#pragma once

namespace asyncd {

class HookMark {
 public:
  virtual ~HookMark() = default;
  virtual void on_next_hook() = 0;  // a hook has returned, and the next begins
};

}  // namespace asyncd
