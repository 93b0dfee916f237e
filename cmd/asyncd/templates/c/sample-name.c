/* sample-name: greets the one a message names. */
#include <stdlib.h>

#include "asyncd.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* What create made of the options. Calls overlap, on several threads, so nothing changes it
 * afterwards. */
struct greeter {
  uint64_t size;
  char greeting[];
};

static int32_t create(struct asyncd_setup* setup, void** self) {
  uint64_t size = 0;
  const char* greeting = setup->host->host_option_text(setup, "greeting", &size);
  struct greeter* made = NULL;

  if (size == 0) return setup->host->host_refuse(setup, TEXT("the greeting is empty"));
  made = malloc(sizeof *made + size);
  if (made == NULL) return setup->host->host_refuse(setup, TEXT("out of memory"));
  made->size = size;
  memcpy(made->greeting, greeting, size); /* the text is the host's, for the time of create */
  *self = made;
  return 0;
}

static void destroy(void* self) { free(self); }

static int32_t on_message(void* self, struct asyncd_call* call) {
  const struct greeter* greeter = self;

  if (call->message_size == 0) return asyncd_error_text(call, TEXT("say who you are"));
  if (asyncd_reply_append(call, greeter->greeting, greeter->size) != 0 ||
      asyncd_reply_append(call, TEXT(", ")) != 0 ||
      asyncd_reply_append(call, call->message, call->message_size) != 0 ||
      asyncd_reply_append(call, TEXT("!")) != 0)
    return asyncd_error_text(call, TEXT("reply too long"));
  return ASYNCD_REPLY;
}

static const struct asyncd_option options[] = {{.size = sizeof(struct asyncd_option),
                                                .type = ASYNCD_OPTION_TEXT,
                                                .key = "greeting",
                                                .fallback = "Hello",
                                                .help = "what comes before the name"}};

static const struct asyncd_handler handler = {.size = sizeof handler,
                                              .concurrency = ASYNCD_REENTRANT,
                                              .option_count = 1,
                                              .name = "sample-name",
                                              .summary = "Greets the one a message names",
                                              .options = options,
                                              .create = create,
                                              .destroy = destroy,
                                              .message = on_message};

static const struct asyncd_handler* const handlers[] = {&handler};

const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
