#include "misdeeds.h"

#include <stddef.h>
#include <string.h>

static int32_t serve(struct asyncd_call* call) { return asyncd_reply_text(call, "served", 6); }

static char* writable(const char* bytes) { return (char*)(uintptr_t)bytes; }

/* Answers that make no sense. */
static int32_t garbage(struct asyncd_call* call) {
  (void)serve(call);
  return 99;
}
static int32_t garbage_below_zero(struct asyncd_call* call) {
  (void)serve(call);
  return INT32_MIN;
}
static int32_t pending(struct asyncd_call* call) {
  (void)serve(call);
  return ASYNCD_PENDING;
}
static int32_t more_than_the_window(struct asyncd_call* call) {
  call->reply_size = call->window_size + 1;
  return ASYNCD_REPLY;
}
static int32_t below_zero(struct asyncd_call* call) {
  call->reply_size -= 1;
  return ASYNCD_ERROR;
}
static int32_t over_the_limit(struct asyncd_call* call) {
  const uint64_t bytes = (uint64_t)1 << 40;
  (void)call->host->host_reply_reserve(call, bytes);
  call->reply_size = bytes;
  return ASYNCD_REPLY;
}

/* The call itself, which is the host's but for flags and reply_size. */
static int32_t unknown_flags(struct asyncd_call* call) {
  call->flags = 0xffffff00U;
  return serve(call);
}
static int32_t another_window(struct asyncd_call* call) {
  static char own[4096];
  call->window = own;
  call->window_size = sizeof own;
  return serve(call);
}
static int32_t a_larger_window(struct asyncd_call* call) {
  call->window_size = call->reply_size = 1 << 20;
  return ASYNCD_REPLY;
}
static int32_t another_worker(struct asyncd_call* call) {
  call->worker = call->connection = call;
  return serve(call);
}

/* Memory that is not the handler's. */
static int32_t behind_the_window(struct asyncd_call* call) {
  memset(call->window + call->window_size, 'x', 100);
  return serve(call);
}
static int32_t before_the_window(struct asyncd_call* call) {
  memset(call->window - 100, 'x', 100);
  return serve(call);
}
static int32_t far_behind_the_window(struct asyncd_call* call) {
  memset(call->window + call->window_size, 'x', 256);
  return serve(call);
}
static int32_t the_window_before(struct asyncd_call* call) {
  char* const before = call->window;
  (void)call->host->host_reply_reserve(call, 100000);
  before[100] = 'x';
  return serve(call);
}
static int32_t the_message(struct asyncd_call* call) {
  writable(call->message)[0] = 'T';
  return serve(call);
}
static int32_t a_nul_behind_the_message(struct asyncd_call* call) {
  writable(call->message)[call->message_size] = '\0';
  return serve(call);
}

/* Host functions, used with what makes no sense. */
static int32_t no_call(struct asyncd_call* call) {
  return call->host->host_reply_reserve(NULL, 1) != 0 ? serve(call) : ASYNCD_NO_REPLY;
}
static int32_t no_text(struct asyncd_call* call) {
  call->host->host_log(call, ASYNCD_LOG_INFO, NULL, 100);
  return serve(call);
}
static int32_t a_text_below_zero(struct asyncd_call* call) {
  call->host->host_log(call, ASYNCD_LOG_INFO, "", UINT64_MAX);
  return serve(call);
}
static int32_t no_level(struct asyncd_call* call) {
  call->host->host_log(call, 77, "at no level", 11);
  return serve(call);
}

/* Too much of what is allowed. */
static int32_t many_lines(struct asyncd_call* call) {
  char line[1024];
  memset(line, 'l', sizeof line);
  for (int i = 0; i < 20000; ++i) call->host->host_log(call, ASYNCD_LOG_INFO, line, sizeof line);
  return serve(call);
}
static int32_t a_long_line(struct asyncd_call* call) {
  static char line[16 << 20];
  for (int i = 0; i < 8; ++i) call->host->host_log(call, ASYNCD_LOG_INFO, line, sizeof line);
  return serve(call);
}
static int32_t too_large_a_window(struct asyncd_call* call) {
  return call->host->host_reply_reserve(call, UINT64_MAX) != 0 ? serve(call) : ASYNCD_NO_REPLY;
}

/* A call, its message and its window, kept beyond their hook. One client at a time does that. */
static struct asyncd_call* kept;
static char *kept_window, *kept_message;

static int32_t keep(struct asyncd_call* call) {
  kept = call;
  kept_window = call->window;
  kept_message = writable(call->message);
  return serve(call);
}
static int32_t use_what_was_kept(struct asyncd_call* call) {
  (void)kept->host->host_reply_reserve(kept, 100000);
  return serve(call);
}
static int32_t write_to_the_kept_window(struct asyncd_call* call) {
  kept_window[0] = 'x';
  return serve(call);
}
static int32_t write_to_the_kept_message(struct asyncd_call* call) {
  kept_message[0] = 'x';
  return serve(call);
}

int32_t misdeed_in_c(struct asyncd_call* call) {
  static const struct {
    const char* name;
    int32_t (*act)(struct asyncd_call* call);
  } deeds[] = {{"garbage", garbage},
               {"garbage below zero", garbage_below_zero},
               {"pending", pending},
               {"more than the window", more_than_the_window},
               {"below zero", below_zero},
               {"over the limit", over_the_limit},
               {"unknown flags", unknown_flags},
               {"another window", another_window},
               {"a larger window", a_larger_window},
               {"another worker", another_worker},
               {"behind the window", behind_the_window},
               {"before the window", before_the_window},
               {"far behind the window", far_behind_the_window},
               {"the window before", the_window_before},
               {"the message", the_message},
               {"a nul behind the message", a_nul_behind_the_message},
               {"no call", no_call},
               {"no text", no_text},
               {"a text below zero", a_text_below_zero},
               {"no level", no_level},
               {"many lines", many_lines},
               {"a long line", a_long_line},
               {"too large a window", too_large_a_window},
               {"keep", keep},
               {"use what was kept", use_what_was_kept},
               {"write to the kept window", write_to_the_kept_window},
               {"write to the kept message", write_to_the_kept_message}};
  for (size_t i = 0; i < sizeof deeds / sizeof *deeds; ++i)
    if (strlen(deeds[i].name) == call->message_size &&
        memcmp(deeds[i].name, call->message, call->message_size) == 0)
      return deeds[i].act(call);
  return unknown_misdeed;
}
