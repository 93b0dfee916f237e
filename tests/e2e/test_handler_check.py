"""`asyncd handler check`: what it says of handlers that are well, and of each way in which they
are not."""

import json
import os
import re
import signal
import unittest

from daemon import run
from strangers import CC, CXX, build, write

# A handler that goes wrong in one place, named by a macro.
WRONG = r"""
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "asyncd.h"
static void go_wrong(void) { CRIME; }
static int32_t create(struct asyncd_setup* setup, void** self) {
  (void)self;
  const int64_t level = setup->host->host_option_integer(setup, "level");
  (void)level;
#ifdef IN_CREATE
  go_wrong();
#endif
#ifdef NEEDS_LEVEL
  if (level == 0) return setup->host->host_refuse(setup, "level is 0", 10);
#endif
#ifdef IN_CREATE_OF_LEVEL
  if (level == IN_CREATE_OF_LEVEL) go_wrong();
#endif
#ifdef REFUSES_SILENTLY
  if (level < 0) return -1;
#endif
  return 0;
}
static void destroy(void* self) {
  (void)self;
#ifdef IN_DESTROY
  go_wrong();
#endif
}
static int32_t on_message(void* self, struct asyncd_call* call) {
  (void)self;
#ifdef IN_MESSAGE
  if (call->message_size == 0) go_wrong();
#endif
#ifdef WRITES_BEHIND
  call->window[call->window_size] = 'x';
#endif
#ifdef OVERRUNS
  memset(call->window + call->window_size, 'x', 300);
#endif
#ifdef GARBAGE
  if (call->message_size > 4096) return 99;
#endif
  return asyncd_reply_text(call, call->message, call->message_size);
}
static int32_t frame(void* self, const char* bytes, uint64_t size, struct asyncd_frame* found) {
  (void)self, (void)bytes;
  if (size < 4) return 0;
  found->total = size;
#ifdef BAD_FRAME
  found->total = size + 1;
#endif
  found->message_size = size;
  return 0;
}
#ifdef IN_CONSTRUCTOR
__attribute__((constructor)) static void construct(void) { go_wrong(); }
#endif
#ifdef IN_DESTRUCTOR
__attribute__((destructor)) static void destruct(void) { go_wrong(); }
#endif
static const struct asyncd_option options[] = {
    {.size = sizeof(struct asyncd_option), .type = ASYNCD_OPTION_INTEGER, .key = "level",
     .fallback = "0"}};
static const struct asyncd_handler handler = {
    .size = sizeof handler, .concurrency = ASYNCD_REENTRANT, .name = "wrong",
    .create = create, .destroy = destroy,
    .option_count = 1, .options = options, .message = on_message, .frame = frame};
static const struct asyncd_handler* const handlers[] = {&handler};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
"""
# A handler that sleeps twice, and goes wrong in one place.
WAITING = r"""
#include "asyncd.h"
struct waiting {
  struct asyncd_op sleep;
  struct asyncd_call* call;
  int slept;
};
static int32_t go_on(struct waiting* waiting);
static void on_slept(void* context, struct asyncd_op* op) {
  struct waiting* waiting = context;
  struct asyncd_call* call = waiting->call;
  const int32_t outcome = go_on(waiting);
  (void)op;
#ifdef NEVER_FINISHES
  if (outcome != ASYNCD_PENDING) return;
#endif
#ifdef FINISHES_TOO_EARLY
  call->host->host_finish(call, ASYNCD_NO_REPLY);
#endif
  if (outcome != ASYNCD_PENDING) call->host->host_finish(call, outcome);
}
static int32_t go_on(struct waiting* waiting) {
  struct asyncd_call* call = waiting->call;
  while (waiting->sleep.result == ASYNCD_OK && waiting->slept++ < 2)
    if (call->host->host_submit(call, &waiting->sleep) == ASYNCD_PENDING) return ASYNCD_PENDING;
#ifndef KEEPS_MEMORY
  call->host->host_release(call, waiting, sizeof *waiting);
#endif
  return asyncd_reply_text(call, call->message, call->message_size);
}
static int32_t on_message(void* self, struct asyncd_call* call) {
  struct waiting* waiting = call->host->host_allocate(call, sizeof *waiting);
  (void)self;
  memset(waiting, 0, sizeof *waiting);
  waiting->sleep.size = sizeof waiting->sleep;
  waiting->sleep.kind = ASYNCD_OP_SLEEP;
  waiting->sleep.timeout = INT64_C(3600000000000);
  waiting->sleep.done = on_slept;
  waiting->sleep.context = waiting;
  waiting->call = call;
#ifdef WAITS_FOR_NOTHING
  return ASYNCD_PENDING;
#endif
#ifdef HAS_NO_DONE
  waiting->sleep.done = NULL;
#endif
#ifdef UNKNOWN_OPERATION
  waiting->sleep.kind = 99;
#endif
#ifdef READS_FROM_NOTHING
  waiting->sleep.kind = ASYNCD_OP_READ;
#endif
#ifdef SUBMITS_TWICE
  if (call->host->host_submit(call, &waiting->sleep) == ASYNCD_PENDING)
    return call->host->host_submit(call, &waiting->sleep);
#endif
#ifdef ANSWERS_TOO_EARLY
  if (call->host->host_submit(call, &waiting->sleep) == ASYNCD_PENDING) return ASYNCD_NO_REPLY;
#endif
  return go_on(waiting);
}
static const struct asyncd_handler handler = {
    .size = sizeof handler, .flags = ASYNCD_ASYNC, .concurrency = CONCURRENCY, .name = "waiting",
    .message = on_message};
static const struct asyncd_handler* const handlers[] = {&handler};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
"""
FAILS = r"(the hook message, or the end of an operation,|a hook) fails"
WAITING_CRIMES = {
    "never finishes": ("NEVER_FINISHES", "messages, deferred",
                       "a call was left waiting for nothing"),
    "finishes too early": ("FINISHES_TOO_EARLY", "messages, deferred", FAILS),
    "answers too early": ("ANSWERS_TOO_EARLY", "messages, deferred", FAILS),
    "submits what is under way": ("SUBMITS_TWICE", "messages, deferred", FAILS),
    "waits for nothing": ("WAITS_FOR_NOTHING", "life cycle",
                          "memory of a call was not released by its end"),
    "has no done": ("HAS_NO_DONE", "messages, deferred", FAILS),
    "unknown operation": ("UNKNOWN_OPERATION", "life cycle", FAILS),
    "keeps the call's memory": ("KEEPS_MEMORY", "life cycle",
                                "memory of a call was not released by its end"),
    "reads from nothing": ("READS_FROM_NOTHING", "life cycle", FAILS),
}
POINTS = ["trust", "interface", "description", "options", "life cycle", "messages", "frames"]
ABORT = r"the process (died of signal 6|ended with exit code 1\b)"

# How it is built, which point fails, what is said of it.
CRIMES = {
    "crashes in message": (["-DIN_MESSAGE", "-DCRIME=raise(SIGSEGV)"], "messages",
                           r'the process (died of signal 11 \(.*\)|ended .*), in message \d+ of '
                           r'1000, 0 bytes ""'),
    "aborts in create": (["-DIN_CREATE", "-DCRIME=abort()"], "options", ABORT + r".*, in create"),
    "aborts for one value": (["-DIN_CREATE_OF_LEVEL=-1", "-DCRIME=abort()"], "options",
                             ABORT + r".*, in create with level = -1"),
    "exits": (["-DIN_MESSAGE", "-DCRIME=_exit(0)"], "messages",
              r"the process ended by itself, in message \d+ of 1000"),
    "exits with a code": (["-DIN_MESSAGE", "-DCRIME=_exit(3)"], "messages",
                          r"the process ended with exit code 3, in message \d+ of 1000"),
    "refuses without a reason": (["-DREFUSES_SILENTLY"], "options",
                                 "it gives no reason when it refuses to be made, in create with "
                                 "level = -9223"),
    "refuses its defaults": (["-DNEEDS_LEVEL"], "options",
                             "level is 0; what it needs is given by -o handler.wrong.KEY"),
    "writes behind its window": (["-DWRITES_BEHIND"], "life cycle",
                                 "it has written behind its window"),
    "overruns its window": (["-DOVERRUNS"], "life cycle", "it has written .* its window"),
    "answers nonsense": (["-DGARBAGE"], "messages",
                         r"returned 99.* \(hook message\), in message \d+ of 1000"),
    "frames too much": (["-DBAD_FRAME"], "frames",
                        r"its frame has \d+ bytes, but it was given \d+ \(hook frame\), in"),
    "aborts when it is loaded": (["-DIN_CONSTRUCTOR", "-DCRIME=abort()"], "interface", ABORT),
    "aborts in destroy": (["-DIN_DESTROY", "-DCRIME=abort()"], "options", ABORT),
    "aborts at exit": (["-DIN_DESTRUCTOR", "-DCRIME=abort()"], "end",
                       ABORT + ".*, after all that was examined"),
    "hangs": (["-DIN_MESSAGE", "-DCRIME=for (;;) pause()"], "messages",
              r"nothing has happened for 10s, so it was ended, in message \d+ of 1000"),
}


def wrong(name, *flags):
    return build(CC, WRONG, name + ".so", "-D_GNU_SOURCE", "-include", "signal.h",
                 *(flags if any(flag.startswith("-DCRIME") for flag in flags)
                   else (*flags, "-DCRIME=(void)0")))


def check(*arguments, **more):
    return run("handler", "check", "--no-config", *arguments, **more)


def ignore_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def block_all():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def failures(told):
    """(point, what is wrong)"""
    return re.findall(r"^ *(\S.*?) +FAILED: (.*)$", told.stdout, re.MULTILINE)


class HandlerCheck(unittest.TestCase):
    def test_a_handler_that_is_well_passes_each_point(self):
        library = wrong("well")
        for given in ([], ["--json"]):
            told = check(library, "--seed=42", *given)
            self.assertEqual((told.returncode, told.stderr), (0, ""), told.stdout)
        answer = json.loads(told.stdout)
        self.assertEqual((answer["ok"], answer["file"], answer["seed"]), (True, library, 42))
        self.assertEqual([row["point"] for row in answer["points"] if row["ok"]], POINTS)
        self.assertEqual(check(library, "--seed=42", "--json").stdout, told.stdout,
                         "a seed gives the same")
        self.assertNotEqual(check(library, "--seed=43", "--json").stdout, told.stdout)

    def test_each_crime_is_told_with_its_point_and_costs_asyncd_nothing(self):
        for crime, (flags, point, words) in CRIMES.items():
            with self.subTest(crime):
                library = wrong("crime", *flags)
                told = check(library)
                self.assertEqual(told.returncode, 65, told.stdout + told.stderr)
                failed = failures(told)
                self.assertEqual([row[0] for row in failed], [point], told.stdout)
                self.assertRegex(failed[0][1], words)
                last = told.stdout.splitlines()[-1]
                self.assertTrue(last.startswith(f"{library}: failed: {point}"), last)
                if crime != "hangs":
                    self.assertFalse(json.loads(check(library, "--json").stdout)["ok"])

    def test_what_the_parent_does_with_signals_hides_no_cause(self):
        for crime in ("crashes in message", "hangs"):
            flags, point, words = CRIMES[crime]
            for parent in (ignore_children, block_all):
                with self.subTest(crime=crime, parent=parent.__name__):
                    told = check(wrong("crime", *flags), preexec_fn=parent)
                    self.assertEqual(told.returncode, 65, told.stdout + told.stderr)
                    self.assertEqual([row[0] for row in failures(told)], [point], told.stdout)
                    self.assertRegex(failures(told)[0][1], words)

    def test_a_handler_that_waits_is_examined_in_both_modes_without_its_time(self):
        for concurrency in ("ASYNCD_REENTRANT", "ASYNCD_PER_CONNECTION", "ASYNCD_SERIAL"):
            told = check(build(CC, WAITING, "waiting.so", "-DCONCURRENCY=" + concurrency), "--json")
            self.assertEqual(told.returncode, 0, told.stdout)
            passed = [row["point"] for row in json.loads(told.stdout)["points"] if row["ok"]]
            self.assertEqual(passed, POINTS[:5] + ["messages, inline", "messages, deferred"])

    def test_each_crime_of_one_that_waits(self):
        for crime, (flag, point, words) in WAITING_CRIMES.items():
            with self.subTest(crime):
                library = build(CC, WAITING, "crime.so", "-DCONCURRENCY=ASYNCD_REENTRANT",
                                "-D" + flag)
                told = check(library)
                self.assertEqual(told.returncode, 65, told.stdout)
                failed = failures(told)
                # A sanitizer tells of leaks at the end, too.
                self.assertEqual(failed[0][0], point, told.stdout)
                self.assertRegex(failed[0][1], words)

    def test_the_seed_that_is_printed_finds_the_same_message(self):
        library = wrong("again", "-DGARBAGE")
        told = check(library)
        seed = re.search(r"--seed=(\d+)\n$", told.stdout).group(1)
        self.assertEqual(check(library, "--seed=" + seed).stdout, told.stdout)

    def test_what_a_handler_needs_is_given_as_an_option(self):
        library = wrong("needy", "-DNEEDS_LEVEL")
        self.assertEqual(check(library, "-o", "handler.wrong.level=3").returncode, 0)
        told = check(library, "-o", "handler.wrong.levle=3")
        self.assertEqual(told.returncode, 65)
        self.assertIn("did you mean 'level'?", told.stdout)

    def test_what_is_no_handler_has_the_code_of_a_start(self):
        for file, code, words in (("/nowhere/x.so", 66, "no such file"),
                                  (write("text.so", b"no library\n"), 65, "not a shared library"),
                                  (build(CC, "int nothing;", "nothing.so"), 65,
                                   "does not export asyncd_plugin_v1")):
            with self.subTest(file):
                told = check(file)
                self.assertEqual(told.returncode, code)
                self.assertIn(words, told.stdout)
                self.assertNotIn("seed", told.stdout)

    def test_trust_is_part_of_it(self):
        library = wrong("anybodys")
        os.chmod(library, 0o777)
        told = check(library, "-o", "security.trust=owner")
        self.assertEqual(told.returncode, 77, told.stdout)
        self.assertIn("trust               FAILED: ", told.stdout)

    def test_mistakes(self):
        for arguments, code, words in (
            (["handler"], 2, "handler needs to know what to do: write asyncd handler check FILE"),
            (["handler", "chek", "x"], 2,
             "'chek' is nothing to do with a handler: write asyncd handler check FILE"),
            (["handler", "check"], 2, "handler check needs a library"),
            (["handler", "check", "x", "--seed=many"], 2, "--seed is a number, not 'many'"),
            (["handlers", "--seed=1"], 2,
             "--seed means nothing to 'asyncd handlers'; it is for handler"),
            (["handler", "check", "x", "-c", "/gone.toml"], 66,
             "no configuration file '/gone.toml'"),
        ):
            with self.subTest(arguments):
                told = run(*arguments)
                self.assertEqual((told.returncode, told.stdout), (code, ""), told.stderr)
                self.assertIn(words, told.stderr)

    def test_what_the_handler_prints_does_not_get_into_the_answer(self):
        chatty = build(CXX, '#include <cstdio>\n#include "asyncd.hpp"\n'
                       'struct Chatty { void on_message(std::string_view, asyncd::reply&) const '
                       '{ std::puts("p\\t\\nf\\tlies"); std::fflush(stdout); } '
                       '};\nASYNCD_EXPORT_HANDLERS(Chatty);',
                       "chatty.so", "-std=c++20")
        told = check(chatty, "--json")
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertTrue(json.loads(told.stdout)["ok"])
        self.assertIn("lies", told.stderr)


if __name__ == "__main__":
    unittest.main()
