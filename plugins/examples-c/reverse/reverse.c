/* reverse: a handler in plain C. Replies with the bytes of the message in reverse order; option
 * `limit` bounds them. */
#include <stdlib.h>

#include "asyncd.h"

struct reverse {
  uint64_t limit;
};

static int32_t create(struct asyncd_setup* setup, void** self) {
  static const char no_memory[] = "out of memory";
  static const char no_limit[] = "limit must be at least 1";
  const int64_t limit = setup->host->host_option_integer(setup, "limit");
  struct reverse* made = NULL;

  if (limit < 1) return setup->host->host_refuse(setup, no_limit, sizeof no_limit - 1);
  made = malloc(sizeof *made);
  if (made == NULL) return setup->host->host_refuse(setup, no_memory, sizeof no_memory - 1);
  made->limit = (uint64_t)limit;
  *self = made;
  return 0;
}

static void destroy(void* self) { free(self); }

static int32_t on_message(void* self, struct asyncd_call* call) {
  static const char too_long[] = "message too long to reverse";
  const struct reverse* handler = self;
  const uint64_t size = call->message_size;

  if (size > handler->limit ||
      (size > call->window_size && call->host->host_reply_reserve(call, size) != 0))
    return asyncd_error_text(call, too_long, sizeof too_long - 1);
  for (uint64_t i = 0; i < size; ++i) call->window[i] = call->message[size - 1 - i];
  call->reply_size = size;
  return ASYNCD_REPLY;
}

static const struct asyncd_option options[] = {{.size = sizeof(struct asyncd_option),
                                                .type = ASYNCD_OPTION_SIZE,
                                                .key = "limit",
                                                .fallback = "64KiB",
                                                .help = "the longest message that is reversed"}};

static const struct asyncd_handler reverse_handler = {
    .size = sizeof reverse_handler,
    .concurrency = ASYNCD_REENTRANT,
    .option_count = 1,
    .name = "reverse",
    .summary = "Replies with the bytes in reverse order",
    .options = options,
    .create = create,
    .destroy = destroy,
    .message = on_message};

static const struct asyncd_handler* const handlers[] = {&reverse_handler};

const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
