#include <array>
#include <cstddef>

#include "core/base/thread_end.h"

namespace asyncd {

namespace {

class Functions {
 public:
  ~Functions() {
    while (count_ != 0) functions_[--count_]();
  }

  void add(void (*function)()) {
    for (std::size_t i = 0; i < count_; ++i)
      if (functions_[i] == function) return;
    functions_.at(count_++) = function;
  }

 private:
  std::array<void (*)(), 4> functions_{};
  std::size_t count_ = 0;
};

thread_local Functions functions;

}  // namespace

void at_thread_end(void (*function)()) { functions.add(function); }

}  // namespace asyncd
