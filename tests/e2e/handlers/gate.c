/* gate: an echo that is not created while `until_gone` exists, and never where `refuse` is set.
   `lives` is a file that gets a + for each create, and a - for each destroy. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "asyncd.h"

static void note(const char* path, const char* sign) {
  const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (write(file, sign, 1) != 1) perror(path);
  close(file);
}

static void read_path(struct asyncd_setup* setup, const char* key, char path[4096]) {
  uint64_t size = 0;
  const char* text = setup->host->host_option_text(setup, key, &size);
  snprintf(path, 4096, "%.*s", (int)size, text);
}

static int32_t create(struct asyncd_setup* setup, void** self) {
  if (setup->host->host_option_integer(setup, "refuse") != 0)
    return setup->host->host_refuse(setup, "the gate is shut", 16);
  char path[4096];
  read_path(setup, "until_gone", path);
  const struct timespec a_moment = {.tv_sec = 0, .tv_nsec = 10000000};
  while (path[0] != '\0' && access(path, F_OK) == 0) nanosleep(&a_moment, NULL);
  read_path(setup, "lives", path);
  note(path, "+");
  *self = strdup(path);
  return 0;
}

static void destroy(void* self) {
  note(self, "-");
  free(self);
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return asyncd_reply_text(call, call->message, call->message_size);
}

static const struct asyncd_option options[] = {
    {.size = sizeof options[0],
     .type = ASYNCD_OPTION_BOOLEAN,
     .key = "refuse",
     .fallback = "false",
     .help = "cannot be served"},
    {.size = sizeof options[0],
     .type = ASYNCD_OPTION_TEXT,
     .key = "until_gone",
     .fallback = "",
     .help = "create waits for the end of this file"},
    {.size = sizeof options[0],
     .type = ASYNCD_OPTION_TEXT,
     .key = "lives",
     .fallback = "",
     .help = "what is created and destroyed is noted in this file"}};
static const struct asyncd_handler gate = {.size = sizeof gate,
                                           .concurrency = ASYNCD_REENTRANT,
                                           .option_count = sizeof options / sizeof options[0],
                                           .options = options,
                                           .name = "gate",
                                           .summary = "Echoes, once it has been created",
                                           .create = create,
                                           .destroy = destroy,
                                           .message = on_message};
static const struct asyncd_handler* const handlers[] = {&gate};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 1,
                                               .handlers = handlers};
