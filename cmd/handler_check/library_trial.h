// Library trial: whether a handler's library survives being loaded, found out in a process of its
// own before this one loads it. Any thread.
#pragma once

#include "core/config/config.h"
#include "core/plugin/plugin.h"

namespace asyncd {

// None where the configuration wants none.
Trial library_trial(const Config& config);

}  // namespace asyncd
