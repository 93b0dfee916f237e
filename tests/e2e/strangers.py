"""Handlers as strangers write and build them: outside of this tree, with one line of a compiler
and asyncd's header."""

import os
import shutil
import subprocess
import tempfile
import unittest

CC = os.environ["CC"]
CXX = os.environ["CXX"]
SDK = os.environ["SDK"]
FOLDER = tempfile.mkdtemp(prefix="asyncd-loader-")
unittest.addModuleCleanup(shutil.rmtree, FOLDER)

# A handler in C as a stranger would write it, and what may go wrong with one.
REVERSE = r"""
#include "asyncd.h"
static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
  if (call->message_size == 0) return asyncd_error_text(call, "nothing to reverse", 18);
  if (call->message_size > call->window_size &&
      call->host->host_reply_reserve(call, call->message_size) != 0)
    return asyncd_error_text(call, "too long", 8);
  for (uint64_t i = 0; i < call->message_size; ++i)
    call->window[i] = call->message[call->message_size - 1 - i];
  call->reply_size = call->message_size;
  return ASYNCD_REPLY;
}
#ifdef REFUSES
static int32_t create(struct asyncd_setup* setup, void** self) {
  (void)self;
  return setup->host->host_refuse(setup, "the moon is full", 16);
}
#endif
#ifdef LACKS
int what_nobody_has(void);
int needs(void) { return what_nobody_has(); }
#endif
static const struct asyncd_handler reverse = {
    .size = sizeof reverse, .concurrency = ASYNCD_REENTRANT, .name = "reverse",
    .message = on_message,
#ifdef REFUSES
    .create = create,
#endif
#ifdef FLAGS
    .flags = FLAGS,
#endif
};
static const struct asyncd_handler* const handlers[] = {&reverse};
#ifdef EXPORT
extern const struct asyncd_plugin EXPORT;
#else
#define EXPORT asyncd_plugin_v1
#endif
const struct asyncd_plugin EXPORT = {
    .size = sizeof EXPORT, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1, .handlers = handlers};
"""

# C++ straight over the C header, with nothing to catch what it throws; WHERE is the hook that does.
THROWING = r"""
#include <stdexcept>
#include <string_view>
#include "asyncd.h"
static void fail_in(std::string_view hook) {
  if (hook == WHERE) throw std::runtime_error("a stranger's mistake");
}
static int32_t create(asyncd_setup*, void**) { return fail_in("create"), 0; }
static int32_t worker_create(void*, void**) { return fail_in("worker_create"), 0; }
static int32_t connection_open(void*, void*, void**) { return fail_in("connection_open"), 0; }
static void connection_close(void*, void*, void*) { fail_in("connection_close"); }
static void worker_destroy(void*, void*) { fail_in("worker_destroy"); }
static void destroy(void*) { fail_in("destroy"); }
static int32_t frame(void*, const char*, uint64_t size, asyncd_frame* found) {
  fail_in("frame");
  found->total = found->message_size = size;
  return 0;
}
static int32_t on_message(void*, asyncd_call* call) {
  if (std::string_view(call->message, call->message_size) == "throw") fail_in("message");
  return asyncd_reply_text(call, call->message, call->message_size);
}
static const asyncd_handler throwing = {
    .size = sizeof throwing, .concurrency = ASYNCD_REENTRANT, .name = "throwing", .create = create,
    .destroy = destroy, .worker_create = worker_create, .worker_destroy = worker_destroy,
    .connection_open = connection_open, .connection_close = connection_close,
    .message = on_message, .frame = frame};
static const asyncd_handler* const handlers[] = {&throwing};
const asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
"""


def path_of(name):
    return os.path.join(FOLDER, name)


def build(compiler, source, name, *flags):
    """The path of a library, built in a folder that has nothing else of asyncd."""
    language = "c" if compiler == CC else "c++"
    subprocess.run([compiler, "-shared", "-fPIC", f"-I{SDK}", *flags, f"-x{language}", "-",
                    "-o", path_of(name)],
                   input=source.encode(), check=True, cwd=FOLDER)
    return path_of(name)


def write(name, data):
    with open(path_of(name), "wb") as file:
        file.write(data)
    return path_of(name)
