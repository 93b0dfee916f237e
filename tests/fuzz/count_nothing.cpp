// tests/support/failing_new.h for a program in which no allocation fails: its operator new is the
// sanitizer's.
#include "tests/support/failing_new.h"

namespace asyncd::test {

CountAllocations::CountAllocations(bool on) : before_(on) {}
CountAllocations::~CountAllocations() { static_cast<void>(before_); }

}  // namespace asyncd::test
