#include "backends/proactor/failed_connect.h"

namespace asyncd {

const bool failed_connect_is_not_writable = false;

}  // namespace asyncd
