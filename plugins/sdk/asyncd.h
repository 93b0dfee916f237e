/* asyncd.h: the C interface between asyncd (the host) and a handler (the plugin). C11 and C++20, no
 * dependency.
 *
 * A handler turns messages into replies. It lives in a shared library that exports one symbol,
 * asyncd_plugin_v1, and is served unchanged by every backend of asyncd. The shortest one:
 *
 *     #include "asyncd.h"
 *     static int32_t on_message(void *self, struct asyncd_call *call) {
 *       (void)self;
 *       return asyncd_reply_text(call, "Hello World", 11);
 *     }
 *     static const struct asyncd_handler hello = {
 *         .size = sizeof hello, .concurrency = ASYNCD_REENTRANT, .name = "hello", .message =
 * on_message}; static const struct asyncd_handler *const handlers[] = {&hello}; const struct
 * asyncd_plugin asyncd_plugin_v1 = { .size = sizeof asyncd_plugin_v1, .abi_minor =
 * ASYNCD_ABI_MINOR, .handler_count = 1, .handlers = handlers};
 *
 *     cc -shared -fPIC -fvisibility=hidden -I<folder of asyncd.h> hello.c -o hello.so
 *
 * Rules that keep old binaries working:
 *   - the major version is part of the exported symbol's name: another major is "symbol not found",
 * never a misread struct;
 *   - every struct begins with its size; each side reads only what the other's size covers; fields
 * are only appended;
 *   - a field that a plugin leaves 0 means "not used"; integers have fixed widths; pointers never
 * change their owner.
 *
 * What breaks the rules costs the connection that it happens on, whose client is told "error:
 * handler failed"; exit, abort and memory that is not the handler's cost the process. A debug build
 * of asyncd tells in its log what a handler does wrong (docs/handler-rules.md). A handler that
 * waits (for a time, another server, a thread) says ASYNCD_ASYNC, and does so by operations:
 * asyncd_op.
 *
 * Changes:
 *   2026-11-23  1.0  first version
 *   2026-11-23  1.1  operations: ASYNCD_ASYNC, asyncd_op, host_submit to host_release, cancel
 */
#ifndef ASYNCD_H
#define ASYNCD_H

#include <stdint.h>
#include <string.h>

#define ASYNCD_ABI_MAJOR 1
#define ASYNCD_ABI_MINOR 1

#ifdef _WIN32
#define ASYNCD_VISIBLE __declspec(dllexport)
#else
#define ASYNCD_VISIBLE __attribute__((visibility("default")))
#endif
#ifdef __cplusplus
extern "C" {
#endif

struct asyncd_call;
struct asyncd_setup;
struct asyncd_stream; /* a connection to another server; the host's */

/* What a message came to: the return value of asyncd_handler.message. */
enum {
  ASYNCD_REPLY =
      0, /* window[0, reply_size) is the reply; 0 bytes is an empty reply, which is sent too */
  ASYNCD_NO_REPLY = 1, /* nothing is sent for this message */
  ASYNCD_ERROR =
      2, /* window[0, reply_size) says what was wrong; the client gets it after "error: " */
  ASYNCD_PENDING =
      3, /* host_finish will tell; for asynchronous handlers with an operation under way */
  ASYNCD_HANDLER_FAILED =
      -1 /* what is kept for the connection cannot be relied on: "error: handler failed", the end */
};

/* How many calls of a handler may be under way at once: asyncd_handler.concurrency. Every backend
 * obeys it; 0 is taken for ASYNCD_SERIAL. */
enum {
  ASYNCD_REENTRANT = 1,      /* any number, on any thread */
  ASYNCD_PER_CONNECTION = 2, /* calls of one connection never overlap; different connections may */
  ASYNCD_SERIAL = 3          /* one in the whole process */
};

/* asyncd_handler.flags */
enum {
  ASYNCD_ASYNC = 1 /* may submit operations; a host of minor version 0 refuses to load it */
};

/* asyncd_call.flags, set by the handler */
enum {
  ASYNCD_CLOSE = 1 /* close the connection gracefully once this reply is sent */
};

/* asyncd_option.type: host_option_integer or host_option_text gives the value */
enum {
  ASYNCD_OPTION_TEXT = 1,     /* text */
  ASYNCD_OPTION_INTEGER = 2,  /* integer */
  ASYNCD_OPTION_BOOLEAN = 3,  /* integer, 0 or 1; "true" or "false" */
  ASYNCD_OPTION_DURATION = 4, /* integer, in nanoseconds; "100ms", "2s" */
  ASYNCD_OPTION_SIZE = 5      /* integer, in bytes; "64KiB" or plain bytes */
};

enum { ASYNCD_LOG_DEBUG = 1, ASYNCD_LOG_INFO = 2, ASYNCD_LOG_WARN = 3, ASYNCD_LOG_ERROR = 4 };

/* asyncd_op.kind */
enum {
  ASYNCD_OP_SLEEP = 1,    /* ends with ASYNCD_OK once `timeout` is over */
  ASYNCD_OP_EXTERNAL = 2, /* ends once host_post was called with `ticket`, on any thread */
  ASYNCD_OP_OFFLOAD =
      3, /* calls work(work_context) on a thread that may take its time; ends once that returns */
  ASYNCD_OP_CONNECT = 4, /* data: an address, as of a listener, or with a name; gives `stream` */
  ASYNCD_OP_READ =
      5, /* at least one byte and at most data_size from `stream` into data: `transferred` */
  ASYNCD_OP_WRITE =
      6, /* all of data to `stream`; `transferred` tells how much went where it fails */
  ASYNCD_OP_CLOSE =
      7, /* of `stream`, with nothing under way on it; the end of its call closes it, too */
  ASYNCD_OP_FLUSH = 8 /* sends window[0, reply_size) as a part of the reply, which goes on with an
                         empty window; keeps it where the framing tells the size first */
};

/* asyncd_op.result */
enum {
  ASYNCD_OK = 0,
  ASYNCD_END = 1,       /* read: the other side sends no more */
  ASYNCD_TIMED_OUT = 2, /* `timeout` was over first */
  ASYNCD_CANCELLED = 3, /* the connection or the call's time ends; so does all that follows */
  ASYNCD_FAILED = 4     /* `error` tells, by the system's number, or 0 where it has none */
};

/* An operation of a call: the handler's memory, which stays as it is until the operation has ended,
 * and so does what it reads or writes. Where threads may block, host_submit does until it has
 * ended, and returns 0. Elsewhere it returns ASYNCD_PENDING, and `done` is called later, on the
 * thread of the call's other hooks, never within host_submit. Handlers that heed the answer are
 * served by both. Several may be under way, of each stream one read and one write. */
struct asyncd_op {
  uint32_t size;
  uint32_t kind;
  int32_t result;  /* out */
  int32_t error;   /* out */
  int64_t timeout; /* nanoseconds; 0: none but that of the call */
  void (*done)(void* context, struct asyncd_op* op);
  void* context;
  char* data;
  uint64_t data_size;
  uint64_t transferred; /* out */
  struct asyncd_stream* stream;
  uint64_t ticket;
  void (*work)(void* work_context);
  void* work_context;
  uint64_t host_words[6]; /* the host's, while it is under way */
};

/* What the host offers. All functions but host_post may be called on the thread that runs the hook
 * in which they are used, and only until that hook returns; `done` counts as a hook. */
struct asyncd_host {
  uint32_t size;
  uint32_t abi_minor;

  /* Makes call->window at least `bytes` large, with its content, and updates window and
   * window_size. 0: done; else: the reply would pass the listener's limit, the window is as it was,
   * return ASYNCD_ERROR or less text. */
  int32_t (*host_reply_reserve)(struct asyncd_call* call, uint64_t bytes);

  /* A line in the server's log with the handler's name, and the peer's address where `call` is not
   * null. Of more than 1,000 lines a second the log tells only how many there were. */
  void (*host_log)(struct asyncd_call* call, int32_t level, const char* text, uint64_t size);

  /* In create: the value of an option that the handler declares, by its key. Text is not
   * NUL-terminated, and belongs to the host until create returns. Asking for a key that is not
   * declared, or of the other type, refuses the handler. */
  int64_t (*host_option_integer)(struct asyncd_setup* setup, const char* key);
  const char* (*host_option_text)(struct asyncd_setup* setup, const char* key, uint64_t* size);

  /* In create: says why the handler cannot be served. Returns what create must return (not 0). */
  int32_t (*host_refuse)(struct asyncd_setup* setup, const char* why, uint64_t size);

  /* Since minor version 1, for asynchronous handlers. Begins an operation. 0: it has ended, with
   * op->result, and `done` is not called; ASYNCD_PENDING: `done` will be. The call's window may be
   * elsewhere afterwards, with its content. */
  int32_t (*host_submit)(struct asyncd_call* call, struct asyncd_op* op);

  /* Ends a call whose message hook has returned ASYNCD_PENDING, with what that would have returned.
   * No operation of the call may be under way, and nothing of it may be used from here on. */
  void (*host_finish)(struct asyncd_call* call, int32_t outcome);

  /* A ticket for one ASYNCD_OP_EXTERNAL of the call, for the thread that will post it, be that
   * before the operation is submitted. 0: there is no memory for it. */
  uint64_t (*host_ticket)(struct asyncd_call* call);

  /* On any thread, while the handler lives: ends the operation. 0: with ASYNCD_OK; else: it was
   * over by then. */
  int32_t (*host_post)(uint64_t ticket);

  /* Memory for as long as the call lasts, aligned for anything; null: there is none. Released with
   * the size that it was allocated with, by the end of the call. */
  void* (*host_allocate)(struct asyncd_call* call, uint64_t bytes);
  void (*host_release)(struct asyncd_call* call, void* memory, uint64_t bytes);
};

/* One message and its reply. The host makes it, and it ends when the message hook returns, or with
 * host_finish. */
struct asyncd_call {
  uint32_t size;
  uint32_t flags; /* out: ASYNCD_CLOSE */
  const struct asyncd_host* host;
  const char* message; /* without its framing; not NUL-terminated; readable until the call ends */
  uint64_t message_size;
  char* window;         /* where the reply is written: no copy is made of it */
  uint64_t window_size; /* at least 256; host_reply_reserve makes it larger */
  uint64_t reply_size;  /* out: how many bytes of the window are the reply; 0 on entry */
  void* worker;         /* what worker_create gave on this thread, or null */
  void* connection;     /* what connection_open gave for this connection, or null */
};

/* create's way to the options. */
struct asyncd_setup {
  uint32_t size;
  uint32_t reserved;
  const struct asyncd_host* host;
};

/* An option of the handler: a key of [handler.NAME] in the configuration. Arrays of it are read in
 * steps of .size. */
struct asyncd_option {
  uint32_t size;
  uint32_t type;        /* ASYNCD_OPTION_... */
  const char* key;      /* lower-case letters, digits and '_' */
  const char* fallback; /* the value where the user gives none, written as in the configuration */
  const char* help;     /* one line */
};

/* The answer of the frame hook. */
struct asyncd_frame {
  uint32_t size;
  uint32_t reserved;
  uint64_t message_offset; /* where the message begins in the bytes given */
  uint64_t message_size;
  uint64_t total;  /* bytes that the message takes in all; 0: more bytes are needed */
  uint64_t needed; /* where total is 0: how many bytes there must be at least before the next try,
                      or 0 */
};

/* A handler: what it is, and its hooks. Only name and message are required. */
struct asyncd_handler {
  uint32_t size;
  uint32_t flags;       /* ASYNCD_ASYNC or 0; a host refuses what it does not know */
  uint32_t concurrency; /* ASYNCD_REENTRANT, ... */
  uint32_t option_count;
  const char* name;    /* lower-case letters, digits and '-' */
  const char* summary; /* one line */
  const char* version;
  const struct asyncd_option* options;

  /* Once for each configuration that serves the handler, on whatever thread. create returns 0, or
   * what host_refuse gave; destroy follows once nothing else of the handler runs. */
  int32_t (*create)(struct asyncd_setup* setup, void** self);
  void (*destroy)(void* self);

  /* Once for each thread that runs calls, on that thread: state that needs no lock. 0: done; else:
   * the thread serves no connection. */
  int32_t (*worker_create)(void* self, void** worker);
  void (*worker_destroy)(void* self, void* worker);

  /* A connection's beginning and end, on the thread that runs its calls. 0: done; else: the
   * connection is closed, with "error: handler failed". */
  int32_t (*connection_open)(void* self, void* worker, void** connection);
  void (*connection_close)(void* self, void* worker, void* connection);

  /* One message: returns what it came to, or, with an operation under way, ASYNCD_PENDING.
   * Exceptions must leave neither it nor any other hook. */
  int32_t (*message)(void* self, struct asyncd_call* call);

  /* Finds the first message in the bytes received so far, for listeners with framing = "handler".
   * The reply then goes out as it is. 0: `frame` has the answer; else: the bytes are not of the
   * protocol, and the connection is closed. No more is given, and no frame may be longer, than the
   * listener's max_message and 1 KiB. */
  int32_t (*frame)(void* self, const char* bytes, uint64_t size, struct asyncd_frame* frame);

  /* A pending call is cancelled: what it waits for ends with ASYNCD_CANCELLED right after this. For
   * those who have more to stop; may be null. */
  void (*cancel)(void* self, struct asyncd_call* call);
};

/* What a library exports, as a constant named asyncd_plugin_v1. */
struct asyncd_plugin {
  uint32_t size;
  uint32_t abi_minor; /* ASYNCD_ABI_MINOR of the header that it was built against */
  uint32_t handler_count;
  uint32_t reserved;
  const struct asyncd_handler* const* handlers;
};

/* Appends to the reply. Returns 0, or not 0 where the reply would pass the limit (nothing is
 * appended then). */
static inline int32_t asyncd_reply_append(struct asyncd_call* call, const char* text,
                                          uint64_t size) {
  const uint64_t whole = call->reply_size + size;
  if (call->window_size - call->reply_size < size &&
      (whole < size || call->host->host_reply_reserve(call, whole) != 0))
    return -1;
  if (size != 0) memcpy(call->window + call->reply_size, text, size);
  call->reply_size += size;
  return 0;
}

/* Refuses the message: the client gets "error: " and the text, cut to the window where it would
 * pass the limit. */
static inline int32_t asyncd_error_text(struct asyncd_call* call, const char* text, uint64_t size) {
  call->reply_size = 0;
  if (asyncd_reply_append(call, text, size) != 0)
    (void)asyncd_reply_append(call, text, call->window_size);
  return ASYNCD_ERROR;
}

/* The whole reply in one piece: `return asyncd_reply_text(call, "pong", 4);` */
static inline int32_t asyncd_reply_text(struct asyncd_call* call, const char* text, uint64_t size) {
  call->reply_size = 0;
  if (asyncd_reply_append(call, text, size) == 0) return ASYNCD_REPLY;
  return asyncd_error_text(call, "reply too long", 14);
}

/* The one symbol of a library: each plugin defines it, once. */
extern ASYNCD_VISIBLE const struct asyncd_plugin asyncd_plugin_v1;

#ifdef __cplusplus
}
#endif
#endif /* ASYNCD_H */
