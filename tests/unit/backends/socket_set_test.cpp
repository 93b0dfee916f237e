#include "backends/readiness/poll_set.h"
#include "backends/readiness/select_set.h"
#include "tests/unit/backends/socket_set_support.h"

namespace asyncd::test {

INSTANTIATE_TYPED_TEST_SUITE_P(Select, SocketSets, SelectSet);
INSTANTIATE_TYPED_TEST_SUITE_P(Poll, SocketSets, PollSet);

}  // namespace asyncd::test
