/* mover: an echo that moves the process to the root folder when it is created. */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "asyncd.h"

static int32_t create(struct asyncd_setup* setup, void** self) {
  (void)setup;
  *self = NULL;
  if (chdir("/") != 0) perror("mover");
  return 0;
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return asyncd_reply_text(call, call->message, call->message_size);
}

static const struct asyncd_handler mover = {.size = sizeof mover,
                                            .concurrency = ASYNCD_REENTRANT,
                                            .name = "mover",
                                            .summary = "Echoes, from another folder",
                                            .create = create,
                                            .message = on_message};
static const struct asyncd_handler* const handlers[] = {&mover};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
