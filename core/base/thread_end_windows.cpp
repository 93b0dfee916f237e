#include "core/base/thread_end.h"

namespace asyncd {

void at_thread_end(void (*)()) {}

}  // namespace asyncd
