/* sample-name: greets the one a message names, after a while. On an event loop other clients are
 * served meanwhile. */
#include <stdlib.h>

#include "asyncd.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* What create made of the options. Calls overlap, on several threads, so nothing changes it
 * afterwards. */
struct greeter {
  int64_t delay; /* nanoseconds */
  uint64_t size;
  char greeting[];
};

/* A call that waits. The host's memory, for as long as the call lasts. */
struct waiting {
  struct asyncd_op sleep;
  struct asyncd_call* call;
  const struct greeter* greeter;
};

static int32_t create(struct asyncd_setup* setup, void** self) {
  uint64_t size = 0;
  const char* greeting = setup->host->host_option_text(setup, "greeting", &size);
  struct greeter* made = NULL;

  if (size == 0) return setup->host->host_refuse(setup, TEXT("the greeting is empty"));
  made = malloc(sizeof *made + size);
  if (made == NULL) return setup->host->host_refuse(setup, TEXT("out of memory"));
  made->delay = setup->host->host_option_integer(setup, "delay");
  made->size = size;
  memcpy(made->greeting, greeting, size); /* the text is the host's, for the time of create */
  *self = made;
  return 0;
}

static void destroy(void* self) { free(self); }

static int32_t greet(const struct greeter* greeter, struct asyncd_call* call) {
  if (asyncd_reply_append(call, greeter->greeting, greeter->size) != 0 ||
      asyncd_reply_append(call, TEXT(", ")) != 0 ||
      asyncd_reply_append(call, call->message, call->message_size) != 0 ||
      asyncd_reply_append(call, TEXT("!")) != 0)
    return asyncd_error_text(call, TEXT("reply too long"));
  return ASYNCD_REPLY;
}

/* What comes after the sleep, by whichever way. */
static int32_t go_on(struct waiting* waiting) {
  struct asyncd_call* call = waiting->call;
  const struct greeter* greeter = waiting->greeter;
  const int32_t result = waiting->sleep.result;

  call->host->host_release(call, waiting, sizeof *waiting);
  if (result != ASYNCD_OK) return asyncd_error_text(call, TEXT("interrupted"));
  return greet(greeter, call);
}

static void on_slept(void* context, struct asyncd_op* op) {
  struct waiting* waiting = context;
  struct asyncd_call* call = waiting->call;
  (void)op;
  call->host->host_finish(call, go_on(waiting));
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  const struct greeter* greeter = self;
  struct waiting* waiting = NULL;

  if (call->message_size == 0) return asyncd_error_text(call, TEXT("say who you are"));
  if (greeter->delay == 0) return greet(greeter, call);
  waiting = call->host->host_allocate(call, sizeof *waiting);
  if (waiting == NULL) return asyncd_error_text(call, TEXT("out of memory"));
  *waiting = (struct waiting){.sleep = {.size = sizeof waiting->sleep,
                                        .kind = ASYNCD_OP_SLEEP,
                                        .timeout = greeter->delay,
                                        .done = on_slept,
                                        .context = waiting},
                              .call = call,
                              .greeter = greeter};
  /* Where a thread may block it has slept already; on an event loop on_slept goes on. */
  if (call->host->host_submit(call, &waiting->sleep) == ASYNCD_PENDING) return ASYNCD_PENDING;
  return go_on(waiting);
}

static const struct asyncd_option options[] = {{.size = sizeof(struct asyncd_option),
                                                .type = ASYNCD_OPTION_TEXT,
                                                .key = "greeting",
                                                .fallback = "Hello",
                                                .help = "what comes before the name"},
                                               {.size = sizeof(struct asyncd_option),
                                                .type = ASYNCD_OPTION_DURATION,
                                                .key = "delay",
                                                .fallback = "100ms",
                                                .help = "how long it takes its time"}};

static const struct asyncd_handler handler = {
    .size = sizeof handler,
    .flags = ASYNCD_ASYNC,
    .concurrency = ASYNCD_REENTRANT,
    .option_count = 2,
    .name = "sample-name",
    .summary = "Greets the one a message names, after a while",
    .options = options,
    .create = create,
    .destroy = destroy,
    .message = on_message};

static const struct asyncd_handler* const handlers[] = {&handler};

const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
