"""What does not go on: handlers that do not return or refuse, logs without a reader, clients
that break off."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from daemon import (ASYNCD, PATIENCE, ask, environment, exchange, on_each_backend, read_line,
                    reset, run)
from strangers import CC, build

SLEEPER = build(CC, """
#include "asyncd.h"
#include <unistd.h>
static int32_t on_message(void *self, struct asyncd_call *call) {
  (void)self;
  sleep(60);
  return asyncd_reply_text(call, "late", 4);
}
static const struct asyncd_handler sleeper = {
    .size = sizeof sleeper, .concurrency = ASYNCD_REENTRANT, .name = "sleeper",
    .message = on_message};
static const struct asyncd_handler *const handlers[] = {&sleeper};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
""", "sleeper.so")

# Hangs until the file exists that its message names, and makes FILE.hangs before; answers others at
# once.
HANGER = build(CC, """
#include "asyncd.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static int32_t on_message(void *self, struct asyncd_call *call) {
  char file[256] = "";
  (void)self;
  if (call->message_size < sizeof file) memcpy(file, call->message, call->message_size);
  if (file[0] == '/') {
    char told[sizeof file + 8];
    snprintf(told, sizeof told, "%s.hangs", file);
    fclose(fopen(told, "w"));
    while (access(file, F_OK) != 0) usleep(5000);
  }
  return asyncd_reply_text(call, "done", 4);
}
static const struct asyncd_handler hanger = {
    .size = sizeof hanger, .concurrency = ASYNCD_REENTRANT, .name = "hanger",
    .message = on_message};
static const struct asyncd_handler *const handlers[] = {&hanger};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
""", "hanger.so")

TWO_LOOPS = ("-o", "backend.proactor.threads=2", "-o", "backend.epoll.threads=2",
             "-o", "backend.thread-pool.threads=16")
SERVING_ON = ("epoll", "proactor", "thread-pool", "thread-per-connection")

REFUSING = """
#include "asyncd.h"
static int32_t refuse_worker(void *self, void **worker) {
  (void)self;
  (void)worker;
  return 1;
}
static int32_t refuse_connection(void *self, void *worker, void **connection) {
  (void)self;
  (void)worker;
  (void)connection;
  return 1;
}
static int32_t on_message(void *self, struct asyncd_call *call) {
  (void)self;
  return asyncd_reply_text(call, "no", 2);
}
static const struct asyncd_handler refusing = {
    .size = sizeof refusing, .concurrency = ASYNCD_REENTRANT, .name = "refusing", .HOOK,
    .message = on_message};
static const struct asyncd_handler *const handlers[] = {&refusing};
const struct asyncd_plugin asyncd_plugin_v1 = {
    .size = sizeof asyncd_plugin_v1, .abi_minor = ASYNCD_ABI_MINOR, .handler_count = 1,
    .handlers = handlers};
"""


def asleep(daemon):
    """Waits until the handler has its message: then the client's end does not end the
    connection."""
    connection = daemon.connect()
    connection.sendall(b"any\n")
    daemon.wait_for("opened")
    time.sleep(0.2)
    return connection


def wait_for_file(path):
    for _ in range(PATIENCE * 100):
        if os.path.exists(path):
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} does not come to be")


class Stubborn(unittest.TestCase):
    @on_each_backend("--handler=" + SLEEPER, "-v")
    def test_a_handler_that_does_not_return_cannot_hold_the_process(self, daemon):
        with asleep(daemon):
            self.assertEqual(daemon.stop(signal.SIGQUIT), 75, daemon.text())
            self.assertIn("a handler does not return", daemon.text())

    @on_each_backend("--handler=" + SLEEPER, "-v", "-o", "shutdown.timeout=100ms",
                     backends=("epoll", "proactor"))
    def test_nor_can_it_outlast_the_time_for_draining(self, daemon):
        with asleep(daemon):
            self.assertEqual(daemon.stop(), 75, daemon.text())

    @on_each_backend("--handler=" + HANGER, "-o", "limits.handler_blocks=50ms")
    def test_a_handler_that_hangs_is_told_of_while_it_lasts_and_at_its_end(self, daemon):
        with tempfile.TemporaryDirectory() as folder, daemon.connect() as client:
            release = os.path.join(folder, "release")
            client.sendall(release.encode() + b"\n")
            lasting = daemon.wait_for(
                r"(?:holds up|does not return).* handler=hanger .*ms=(\d+) .*over=no", 3)
            self.assertEqual(sorted(map(int, lasting)), list(map(int, lasting)))
            self.assertNotIn("over=yes", daemon.text())
            with open(release, "wb"):
                self.assertEqual(read_line(client), b"done\n")
            total, = daemon.wait_for(r"has returned.* handler=hanger .*ms=(\d+) .*over=yes")
            self.assertGreaterEqual(int(total), int(lasting[-1]))

    @on_each_backend("--handler=" + HANGER, "-o", "shutdown.timeout=100ms", *TWO_LOOPS,
                     backends=SERVING_ON)
    def test_others_are_served_meanwhile_and_the_books_balance_at_the_end(self, daemon):
        for before in range(2):  # so that each loop has its turn
            clients = [daemon.connect() for _ in range(before)]
            self.assertEqual([ask(client, b"first\n") for client in clients], [b"done\n"] * before)
            with tempfile.TemporaryDirectory() as folder, daemon.connect() as stuck:
                release = os.path.join(folder, "release")
                stuck.sendall(release.encode() + b"\n")
                # From then on its loop or thread takes up no other client.
                wait_for_file(release + ".hangs")
                clients += [daemon.connect() for _ in range(8)]
                for client in clients[before:]:
                    client.sendall(b"here\n")
                self.assertEqual([read_line(client) for client in clients[before:]],
                                 [b"done\n"] * 8)
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for("reload", before + 1)
                with daemon.connect() as client:
                    self.assertEqual(ask(client, b"after a reload\n"), b"done\n")
                if before == 0:
                    with open(release, "wb"):
                        self.assertEqual(read_line(stuck), b"done\n")
                else:
                    self.assertEqual(daemon.stop(), 75, daemon.text())
            for client in clients:
                client.close()
        (accepted, closed, rejected, active), = re.findall(
            r"stopped accepted=(\d+) closed=(\d+) rejected=(\d+) active=(\d+) ", daemon.text())
        self.assertEqual(int(accepted), int(closed) + int(rejected) + int(active), daemon.text())
        self.assertGreaterEqual(int(active), 1)

    def test_a_log_that_nobody_reads_cannot_hold_the_process(self):
        read_end, write_end = os.pipe()
        process = subprocess.Popen([*ASYNCD, "--no-config", "--handler=print",
                                    "--listen=127.0.0.1:0"],
                                   stderr=write_end, env=environment())
        os.close(write_end)
        try:
            first = b""
            while not re.search(rb"address=127.0.0.1:\d+ ", first):
                first += os.read(read_end, 4096)
            port = int(first.split(b"address=127.0.0.1:")[1].split()[0])
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                exchange(client, b"a line for the log\n" * 20000)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)
        finally:
            process.kill()
            process.wait()
            os.close(read_end)

    def test_a_standard_error_that_takes_nothing_does_not_change_the_exit_code(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertEqual(subprocess.run([*ASYNCD, "--bogus"], stderr=full,
                                            timeout=PATIENCE).returncode, 2)

    def test_call_tells_when_a_hook_refuses(self):
        for hook, words, answers in (
            ("worker_create = refuse_worker", "worker_create refuses", ""),
            ("connection_open = refuse_connection", "the handler has failed",
             "error: handler failed\n"),
        ):
            with self.subTest(hook):
                handler = build(CC, REFUSING.replace("HOOK", hook), "refusing.so", "-w")
                answer = run("call", handler, "any", "--no-config")
                self.assertEqual((answer.returncode, answer.stdout), (1, answers), answer.stderr)
                self.assertIn(words, answer.stderr)

    @on_each_backend("--handler=print", "-v")
    def test_an_unfinished_message_of_a_client_that_breaks_off_is_not_handled(self, daemon):
        for count, size in enumerate((223, 224, 225, 256, 448), 1):
            with daemon.connect() as client:
                daemon.wait_for("opened", count)
                # Stopped, so that the bytes and the reset are there at the same time.
                daemon.process.send_signal(signal.SIGSTOP)
                client.sendall(b"DELETE ALL".ljust(size, b"x"))
                reset(client)
            daemon.process.send_signal(signal.SIGCONT)
            daemon.wait_for("closed", count)
        self.assertNotIn("DELETE", daemon.text())


if __name__ == "__main__":
    unittest.main()
