/* slow: echoes after `delay`, for which it holds its thread. */
#include <time.h>

#include "asyncd.h"

static int32_t create(struct asyncd_setup* setup, void** self) {
  *self = (void*)(intptr_t)setup->host->host_option_integer(setup, "delay");
  return 0;
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  const int64_t delay_ns = (int64_t)(intptr_t)self;
  const struct timespec delay = {.tv_sec = delay_ns / 1000000000, .tv_nsec = delay_ns % 1000000000};
  nanosleep(&delay, NULL);
  return asyncd_reply_text(call, call->message, call->message_size);
}

static const struct asyncd_option options[] = {{.size = sizeof options[0],
                                                .type = ASYNCD_OPTION_DURATION,
                                                .key = "delay",
                                                .fallback = "20ms",
                                                .help = "how long each message takes"}};
static const struct asyncd_handler slow = {.size = sizeof slow,
                                           .concurrency = ASYNCD_REENTRANT,
                                           .option_count = 1,
                                           .options = options,
                                           .name = "slow",
                                           .summary = "Echoes, slowly",
                                           .create = create,
                                           .message = on_message};
static const struct asyncd_handler* const handlers[] = {&slow};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
