// What a handler gets in place of the host's functions: the same, but they look at who calls them,
// and with what. Any thread on which a hook runs.
#pragma once

#include "sdk/asyncd.h"

namespace asyncd {

const asyncd_host& checked_functions();

}  // namespace asyncd
