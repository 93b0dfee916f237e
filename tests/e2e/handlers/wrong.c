/* wrong: echoes, but answers each message that is a multiple of `every`, counted from 1, wrongly.
 */
#include "asyncd.h"

struct counted {
  int64_t every, messages;
};

static struct counted counted;

static int32_t create(struct asyncd_setup* setup, void** self) {
  counted.every = setup->host->host_option_integer(setup, "every");
  *self = &counted;
  return 0;
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  struct counted* const state = self;
  if (++state->messages % state->every == 0) return asyncd_reply_text(call, "wrong", 5);
  return asyncd_reply_text(call, call->message, call->message_size);
}

static const struct asyncd_option options[] = {
    {.size = sizeof options[0],
     .type = ASYNCD_OPTION_INTEGER,
     .key = "every",
     .fallback = "1000",
     .help = "how many messages there are from one wrong reply to the next"}};
static const struct asyncd_handler wrong = {.size = sizeof wrong,
                                            .concurrency = ASYNCD_SERIAL,
                                            .option_count = 1,
                                            .options = options,
                                            .name = "wrong",
                                            .summary = "Echoes, now and then wrongly",
                                            .create = create,
                                            .message = on_message};
static const struct asyncd_handler* const handlers[] = {&wrong};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
