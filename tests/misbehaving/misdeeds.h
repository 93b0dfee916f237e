/* What the handler "misbehaving" may be told to do wrong: each message names a misdeed. Those of
 * C++ are in misbehaving.cpp. */
#pragma once

#include "sdk/asyncd.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { unknown_misdeed = -1000 };

/* What message returns after the misdeed that the call's message names, or unknown_misdeed. */
int32_t misdeed_in_c(struct asyncd_call* call);

#ifdef __cplusplus
}
#endif
