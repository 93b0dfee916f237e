/* version: puts the number that it was built with before each message, to tell which of its files
 * is served. */
#include "asyncd.h"

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  if (asyncd_reply_append(call, VERSION ":", sizeof VERSION) != 0)
    return asyncd_error_text(call, "too long", 8);
  if (asyncd_reply_append(call, call->message, call->message_size) != 0)
    return asyncd_error_text(call, "too long", 8);
  return ASYNCD_REPLY;
}

static const struct asyncd_handler version = {.size = sizeof version,
                                              .concurrency = ASYNCD_REENTRANT,
                                              .name = "version",
                                              .summary = "Tells which version it is",
                                              .message = on_message};
static const struct asyncd_handler* const handlers[] = {&version};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
