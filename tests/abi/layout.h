/* The layout of asyncd.h on 64-bit machines as version 1.1 fixed it: checked when this is compiled,
 * as C11 and as C++20. A later minor version may append fields, and then changes a size here; it
 * never changes a line of a field. */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "sdk/asyncd.h"

#define SIZE(type, bytes) static_assert(sizeof(struct type) == (bytes), "size of " #type)
#ifdef __cplusplus
#define SIZE_OF_FIELD(type, field) sizeof(type::field)
#else
#define SIZE_OF_FIELD(type, field) sizeof(((struct type*)NULL)->field)
#endif
#define FIELD(type, field, at, bytes)                                                          \
  static_assert(offsetof(struct type, field) == (at) && SIZE_OF_FIELD(type, field) == (bytes), \
                "place of " #type "." #field)
#define VALUE(constant, number) static_assert((constant) == (number), "value of " #constant)

static_assert(sizeof(void*) == 8, "the table below is for 64-bit machines");

SIZE(asyncd_host, 96);
FIELD(asyncd_host, size, 0, 4);
FIELD(asyncd_host, abi_minor, 4, 4);
FIELD(asyncd_host, host_reply_reserve, 8, 8);
FIELD(asyncd_host, host_log, 16, 8);
FIELD(asyncd_host, host_option_integer, 24, 8);
FIELD(asyncd_host, host_option_text, 32, 8);
FIELD(asyncd_host, host_refuse, 40, 8);
FIELD(asyncd_host, host_submit, 48, 8);
FIELD(asyncd_host, host_finish, 56, 8);
FIELD(asyncd_host, host_ticket, 64, 8);
FIELD(asyncd_host, host_post, 72, 8);
FIELD(asyncd_host, host_allocate, 80, 8);
FIELD(asyncd_host, host_release, 88, 8);

SIZE(asyncd_op, 144);
FIELD(asyncd_op, size, 0, 4);
FIELD(asyncd_op, kind, 4, 4);
FIELD(asyncd_op, result, 8, 4);
FIELD(asyncd_op, error, 12, 4);
FIELD(asyncd_op, timeout, 16, 8);
FIELD(asyncd_op, done, 24, 8);
FIELD(asyncd_op, context, 32, 8);
FIELD(asyncd_op, data, 40, 8);
FIELD(asyncd_op, data_size, 48, 8);
FIELD(asyncd_op, transferred, 56, 8);
FIELD(asyncd_op, stream, 64, 8);
FIELD(asyncd_op, ticket, 72, 8);
FIELD(asyncd_op, work, 80, 8);
FIELD(asyncd_op, work_context, 88, 8);
FIELD(asyncd_op, host_words, 96, 48);

SIZE(asyncd_call, 72);
FIELD(asyncd_call, size, 0, 4);
FIELD(asyncd_call, flags, 4, 4);
FIELD(asyncd_call, host, 8, 8);
FIELD(asyncd_call, message, 16, 8);
FIELD(asyncd_call, message_size, 24, 8);
FIELD(asyncd_call, window, 32, 8);
FIELD(asyncd_call, window_size, 40, 8);
FIELD(asyncd_call, reply_size, 48, 8);
FIELD(asyncd_call, worker, 56, 8);
FIELD(asyncd_call, connection, 64, 8);

SIZE(asyncd_setup, 16);
FIELD(asyncd_setup, size, 0, 4);
FIELD(asyncd_setup, reserved, 4, 4);
FIELD(asyncd_setup, host, 8, 8);

SIZE(asyncd_option, 32);
FIELD(asyncd_option, size, 0, 4);
FIELD(asyncd_option, type, 4, 4);
FIELD(asyncd_option, key, 8, 8);
FIELD(asyncd_option, fallback, 16, 8);
FIELD(asyncd_option, help, 24, 8);

SIZE(asyncd_frame, 40);
FIELD(asyncd_frame, size, 0, 4);
FIELD(asyncd_frame, reserved, 4, 4);
FIELD(asyncd_frame, message_offset, 8, 8);
FIELD(asyncd_frame, message_size, 16, 8);
FIELD(asyncd_frame, total, 24, 8);
FIELD(asyncd_frame, needed, 32, 8);

SIZE(asyncd_handler, 120);
FIELD(asyncd_handler, size, 0, 4);
FIELD(asyncd_handler, flags, 4, 4);
FIELD(asyncd_handler, concurrency, 8, 4);
FIELD(asyncd_handler, option_count, 12, 4);
FIELD(asyncd_handler, name, 16, 8);
FIELD(asyncd_handler, summary, 24, 8);
FIELD(asyncd_handler, version, 32, 8);
FIELD(asyncd_handler, options, 40, 8);
FIELD(asyncd_handler, create, 48, 8);
FIELD(asyncd_handler, destroy, 56, 8);
FIELD(asyncd_handler, worker_create, 64, 8);
FIELD(asyncd_handler, worker_destroy, 72, 8);
FIELD(asyncd_handler, connection_open, 80, 8);
FIELD(asyncd_handler, connection_close, 88, 8);
FIELD(asyncd_handler, message, 96, 8);
FIELD(asyncd_handler, frame, 104, 8);
FIELD(asyncd_handler, cancel, 112, 8);

SIZE(asyncd_plugin, 24);
FIELD(asyncd_plugin, size, 0, 4);
FIELD(asyncd_plugin, abi_minor, 4, 4);
FIELD(asyncd_plugin, handler_count, 8, 4);
FIELD(asyncd_plugin, reserved, 12, 4);
FIELD(asyncd_plugin, handlers, 16, 8);

VALUE(ASYNCD_ABI_MAJOR, 1);
VALUE(ASYNCD_ABI_MINOR, 1);
VALUE(ASYNCD_REPLY, 0);
VALUE(ASYNCD_NO_REPLY, 1);
VALUE(ASYNCD_ERROR, 2);
VALUE(ASYNCD_PENDING, 3);
VALUE(ASYNCD_REENTRANT, 1);
VALUE(ASYNCD_PER_CONNECTION, 2);
VALUE(ASYNCD_SERIAL, 3);
VALUE(ASYNCD_ASYNC, 1);
VALUE(ASYNCD_CLOSE, 1);
VALUE(ASYNCD_OPTION_TEXT, 1);
VALUE(ASYNCD_OPTION_INTEGER, 2);
VALUE(ASYNCD_OPTION_BOOLEAN, 3);
VALUE(ASYNCD_OPTION_DURATION, 4);
VALUE(ASYNCD_OPTION_SIZE, 5);
VALUE(ASYNCD_LOG_DEBUG, 1);
VALUE(ASYNCD_LOG_INFO, 2);
VALUE(ASYNCD_LOG_WARN, 3);
VALUE(ASYNCD_LOG_ERROR, 4);
VALUE(ASYNCD_OP_SLEEP, 1);
VALUE(ASYNCD_OP_EXTERNAL, 2);
VALUE(ASYNCD_OP_OFFLOAD, 3);
VALUE(ASYNCD_OP_CONNECT, 4);
VALUE(ASYNCD_OP_READ, 5);
VALUE(ASYNCD_OP_WRITE, 6);
VALUE(ASYNCD_OP_CLOSE, 7);
VALUE(ASYNCD_OP_FLUSH, 8);
VALUE(ASYNCD_OK, 0);
VALUE(ASYNCD_END, 1);
VALUE(ASYNCD_TIMED_OUT, 2);
VALUE(ASYNCD_CANCELLED, 3);
VALUE(ASYNCD_FAILED, 4);
