// Windows tells what TCP has sent, probes of a closed window among it, but not what was
// acknowledged: so what it has taken from us is all there is to see. It keeps little more of a
// connection's output than is under way.
#include "core/net/taken.h"

namespace asyncd {

Taken taken_bytes(NativeSocket, std::uint64_t sent) { return {sent, false}; }

void bound_unsent(NativeSocket) {}

}  // namespace asyncd
