// What a client reads when its message is not an integer. The host writes "error: " before it.
#pragma once

#include "asyncd.hpp"
#include "integer/scan.h"

namespace integer {

void refuse(const Scanned& scanned, asyncd::reply& reply);

}  // namespace integer
