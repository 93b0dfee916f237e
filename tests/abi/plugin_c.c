/* The shortest handler, as the comment at the head of asyncd.h shows it. */
#include "sdk/asyncd.h"

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return asyncd_reply_text(call, "Hello World", 11);
}
static const struct asyncd_handler hello = {
    .size = sizeof hello, .concurrency = ASYNCD_REENTRANT, .name = "hello", .message = on_message};
static const struct asyncd_handler* const handlers[] = {&hello};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
