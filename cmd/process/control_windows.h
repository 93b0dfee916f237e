// What the Windows files of this folder share: requests that do not come from the console.
#pragma once

#include "cmd/process/control.h"

namespace asyncd {

void add_request(Request request);  // any thread

}  // namespace asyncd
