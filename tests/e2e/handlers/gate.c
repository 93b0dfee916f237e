/* gate: an echo that is not created while `until_gone` exists, and never where `refuse` is set. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "asyncd.h"

static int32_t create(struct asyncd_setup* setup, void** self) {
  (void)self;
  if (setup->host->host_option_integer(setup, "refuse") != 0)
    return setup->host->host_refuse(setup, "the gate is shut", 16);
  char path[4096];
  uint64_t size = 0;
  const char* text = setup->host->host_option_text(setup, "until_gone", &size);
  if (size == 0) return 0;
  snprintf(path, sizeof path, "%.*s", (int)size, text);
  const struct timespec a_moment = {.tv_sec = 0, .tv_nsec = 10000000};
  while (access(path, F_OK) == 0) nanosleep(&a_moment, NULL);
  return 0;
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return asyncd_reply_text(call, call->message, call->message_size);
}

static const struct asyncd_option options[] = {{.size = sizeof options[0],
                                                .type = ASYNCD_OPTION_BOOLEAN,
                                                .key = "refuse",
                                                .fallback = "false",
                                                .help = "cannot be served"},
                                               {.size = sizeof options[0],
                                                .type = ASYNCD_OPTION_TEXT,
                                                .key = "until_gone",
                                                .fallback = "",
                                                .help = "create waits for the end of this file"}};
static const struct asyncd_handler gate = {.size = sizeof gate,
                                           .concurrency = ASYNCD_REENTRANT,
                                           .option_count = 2,
                                           .options = options,
                                           .name = "gate",
                                           .summary = "Echoes, once it has been created",
                                           .create = create,
                                           .message = on_message};
static const struct asyncd_handler* const handlers[] = {&gate};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1, .handlers = handlers};
