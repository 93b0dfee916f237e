// HookMark: what a session tells of its handler's hooks to whoever looks whether they return.
#pragma once

namespace asyncd {

class HookMark {
 public:
  virtual ~HookMark() = default;
  virtual void on_next_hook() = 0;  // a hook has returned, and the next begins
};

}  // namespace asyncd
