// SerialGate: what a serial handler's hooks and calls go through. Its hooks run one at a time, by a
// lock; a call of an asynchronous one, which lasts longer than a hook, has the gate to itself from
// its beginning to its end. A call that waits for that has a completion handle, which is
// posted when it is its turn. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

namespace asyncd {

class SerialGate {
 public:
  // Recursive, because the end of one hook may be where the next begins.
  std::recursive_mutex& hooks() { return hooks_; }

  // True: the call may begin. Else `handle` will be posted when it may. std::bad_alloc.
  bool enter(std::uint64_t handle);
  void leave();  // the next one's turn
  // the call waits no more; if its turn has come meanwhile, the next call gets it
  void give_up(std::uint64_t handle);

 private:
  std::recursive_mutex hooks_;
  std::mutex mutex_;
  bool busy_ = false;
  std::deque<std::uint64_t> waiting_;
};

}  // namespace asyncd
