/* start: starts a program that only a signal ends, in the way that the message names, and replies
   with its number. What a hook has started that is no message's is asked for by the hook's name. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asyncd.h"

extern char** environ;

static char name[] = "sleep", time_that_it_takes[] = "1000";
static char* const words[] = {name, time_that_it_takes, NULL};

static int by_fork(void) {
  const pid_t process = fork();
  if (process == 0) {
    execvp(name, words);
    _exit(127);
  }
  return process;
}

static int by_vfork(void) {
  const pid_t process = vfork();
  if (process == 0) {
    execvp(name, words);
    _exit(127);
  }
  return process;
}

static int by_spawn(void) {
  pid_t process = 0;
  return posix_spawnp(&process, name, NULL, NULL, words, environ) == 0 ? process : -1;
}

/* What popen gives is never closed, which would wait for it. */
static int by_popen(void) {
  int process = -1;
  FILE* const output = popen("echo $$; exec sleep 1000", "re");
  if (output == NULL || fscanf(output, "%d", &process) != 1) return -1;
  return process;
}

/* It stays a copy of this process. */
static int by_fork_alone(void) {
  const pid_t process = fork();
  if (process == 0)
    for (;;) pause();
  return process;
}

static const struct {
  const char* name;
  int (*start)(void);
} ways[] = {{"fork", by_fork},
            {"vfork", by_vfork},
            {"spawn", by_spawn},
            {"popen", by_popen},
            {"fork-alone", by_fork_alone}};

static int of_create;

static int32_t create(struct asyncd_setup* setup, void** self) {
  (void)setup;
  of_create = by_fork();
  *self = NULL;
  return 0;
}

/* Nothing waits for what was started, so its number is nothing else's. */
static void end_process(int process) {
  if (process > 0) kill(process, SIGKILL);
}

static void destroy(void* self) {
  (void)self;
  end_process(of_create);
}

static int32_t keep(void** kept) {
  int* const process = malloc(sizeof *process);
  if (process == NULL) return -1;
  *process = by_fork();
  *kept = process;
  return 0;
}

static int32_t worker_create(void* self, void** worker) {
  (void)self;
  return keep(worker);
}

static int32_t connection_open(void* self, void* worker, void** connection) {
  (void)self;
  (void)worker;
  return keep(connection);
}

static void end_kept(int* process) {
  end_process(*process);
  free(process);
}

static void worker_destroy(void* self, void* worker) {
  (void)self;
  end_kept(worker);
}

static void connection_close(void* self, void* worker, void* connection) {
  (void)self;
  (void)worker;
  end_kept(connection);
}

static int started(const struct asyncd_call* call) {
  const char* const word = call->message;
  const size_t size = call->message_size;
  if (size == 6 && memcmp(word, "create", size) == 0) return of_create;
  if (size == 6 && memcmp(word, "worker", size) == 0) return *(const int*)call->worker;
  if (size == 10 && memcmp(word, "connection", size) == 0) return *(const int*)call->connection;
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; ++i)
    if (size == strlen(ways[i].name) && memcmp(word, ways[i].name, size) == 0)
      return ways[i].start();
  return -1;
}

static int32_t answer(struct asyncd_call* call, int process) {
  char text[16];
  return asyncd_reply_text(call, text, (uint64_t)snprintf(text, sizeof text, "%d", process));
}

static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  return answer(call, started(call));
}

/* The same on a thread of asyncd's that may take its time. */
struct work {
  struct asyncd_op op;
  struct asyncd_call* call;
  int process;
};

static void run(void* context) {
  struct work* const work = context;
  work->process = started(work->call);
}

static int32_t end(struct work* work) {
  struct asyncd_call* const call = work->call;
  const int process = work->process;
  call->host->host_release(call, work, sizeof *work);
  return answer(call, process);
}

static void on_done(void* context, struct asyncd_op* op) {
  struct work* const work = context;
  struct asyncd_call* const call = work->call;
  (void)op;
  call->host->host_finish(call, end(work));
}

static int32_t on_message_later(void* self, struct asyncd_call* call) {
  struct work* const work = call->host->host_allocate(call, sizeof *work);
  (void)self;
  if (work == NULL) return asyncd_error_text(call, "out of memory", 13);
  *work = (struct work){.op = {.size = sizeof work->op,
                               .kind = ASYNCD_OP_OFFLOAD,
                               .done = on_done,
                               .context = work,
                               .work = run,
                               .work_context = work},
                        .call = call,
                        .process = -1};
  if (call->host->host_submit(call, &work->op) == ASYNCD_PENDING) return ASYNCD_PENDING;
  return end(work);
}

static const struct asyncd_handler start = {.size = sizeof start,
                                            .concurrency = ASYNCD_REENTRANT,
                                            .name = "start",
                                            .create = create,
                                            .destroy = destroy,
                                            .worker_create = worker_create,
                                            .worker_destroy = worker_destroy,
                                            .connection_open = connection_open,
                                            .connection_close = connection_close,
                                            .message = on_message};
static const struct asyncd_handler start_later = {.size = sizeof start_later,
                                                  .flags = ASYNCD_ASYNC,
                                                  .concurrency = ASYNCD_REENTRANT,
                                                  .name = "start-later",
                                                  .message = on_message_later};
static const struct asyncd_handler* const handlers[] = {&start, &start_later};
const struct asyncd_plugin asyncd_plugin_v1 = {.size = sizeof asyncd_plugin_v1,
                                               .abi_minor = ASYNCD_ABI_MINOR,
                                               .handler_count = 2,
                                               .handlers = handlers};
