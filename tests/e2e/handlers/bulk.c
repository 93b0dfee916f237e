/* bulk: replies with `size` bytes of a pattern, and closes the connection then, whatever else has
 * been sent to it. */
#include "asyncd.h"

static int32_t create(struct asyncd_setup* setup, void** self) {
  *self = (void*)(intptr_t)setup->host->host_option_integer(setup, "size");
  return 0;
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  const uint64_t size = (uint64_t)(intptr_t)self;
  if (call->window_size < size && call->host->host_reply_reserve(call, size) != 0)
    return asyncd_error_text(call, "size is beyond max_reply", 24);
  for (uint64_t i = 0; i < size; ++i) call->window[i] = (char)('a' + i % 23);
  call->reply_size = size;
  call->flags |= ASYNCD_CLOSE;
  return ASYNCD_REPLY;
}

static const struct asyncd_option options[] = {{.size = sizeof options[0],
                                                .type = ASYNCD_OPTION_SIZE,
                                                .key = "size",
                                                .fallback = "200000",
                                                .help = "bytes of each reply"}};
static const struct asyncd_handler bulk = {.size = sizeof bulk,
                                           .concurrency = ASYNCD_REENTRANT,
                                           .option_count = 1,
                                           .options = options,
                                           .name = "bulk",
                                           .summary = "Replies with many bytes, then closes",
                                           .create = create,
                                           .message = on_message};
static const struct asyncd_handler* const handlers[] = {&bulk};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
