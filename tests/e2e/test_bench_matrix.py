"""`asyncd bench matrix`, `compare` and `report`: servers side by side, and what is said of them."""

import csv
import html.parser
import io
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

from bench_code import exit_code
from daemon import ASYNCD, BACKENDS, PATIENCE, environment, run
from schema import complaints
from test_bench import HANDLERS, schema_of

SCHEMA = schema_of("matrix")
EMPTY = {"meta", "br", "hr", "input", "link", "img"}


class Page(html.parser.HTMLParser):
    """Whether every element is ended in its order, and what there is to see."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.addresses = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        while self.open and self.open[-1] in ("li", "p") and tag != self.open[-1]:
            self.open.pop()
        assert self.open and self.open.pop() == tag, f"</{tag}> ends nothing"

    def handle_data(self, data):
        self.seen.append(data)


class Matrix(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def matrix(self, *arguments, code=0):
        done = run("bench", "matrix", "--no-config", "-q", "--json=-", *arguments)
        self.assertEqual(exit_code(done, code), code, done.stdout + done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(complaints(result, SCHEMA), [])
        return result

    def test_every_backend_is_measured_or_says_why_not(self):
        result = self.matrix("--handler=square", "--connections=1,4", "--requests=300",
                             "--repeats=2")
        self.assertEqual([(cell["connections"], cell["depth"]) for cell in result["cells"]],
                         [(1, 1), (4, 1)])
        for cell in result["cells"]:
            self.assertEqual([row["server"] for row in cell["results"]], BACKENDS)
            for row in cell["results"]:
                if row["server"] == "blocking" and cell["connections"] > 1:
                    self.assertEqual(row["skipped"], "serves 1 at a time")
                    continue
                self.assertEqual(len(row["rates"]), 2, row["server"])
                self.assertEqual(row["latency"]["count"], 600, row["server"])
            measured = len([row for row in cell["results"] if "rates" in row])
            self.assertEqual(len(cell["pairs"]), measured * (measured - 1) // 2)
        self.assertFalse(
            any(pair["difference_shown"] for cell in result["cells"] for pair in cell["pairs"]),
                         "two repeats show nothing")

    def test_backends_that_cannot_take_so_many_say_so(self):
        result = self.matrix("--handler=echo", "--data=text:4B", "--backends=select,thread-pool",
                             "--connections=3000",
                             "-o", "backend.thread-pool.threads=7", "--requests=1", "--repeats=1",
                             code=98)
        skipped = [row["skipped"] for row in result["cells"][0]["results"]]
        self.assertRegex(skipped[0], r"^takes 1,0\d\d at most$")
        self.assertEqual(skipped[1], "serves 7 at a time")

    def test_handlers_are_compared_too_and_wrong_ones_are_invalid(self):
        wrong = os.path.join(HANDLERS, "wrong.so")
        result = self.matrix("--handlers=square,double", "--backends=select", "--requests=200",
                             "--repeats=1")
        self.assertEqual([row["server"] for row in result["cells"][0]["results"]],
                         ["square on select", "double on select"])
        invalid = self.matrix(f"--handler={wrong}", "--backends=select", "--requests=3000",
                              "--repeats=1", "--connections=1", code=98)
        self.assertEqual(invalid["verdict"]["level"], "INVALID")

    def interrupt(self, sign, duration):
        """What there is to say where Ctrl-C comes when progress says `sign`, and what was
        measured after it."""
        many = ",".join(str(connections) for connections in range(1, 21))
        process = subprocess.Popen([*ASYNCD, "bench", "matrix", "--no-config", "--handler=square",
                                    "--repeats=2",
                                    "--backends=select,proactor", f"--connections={many}",
                                    f"--duration={duration}",
                                    "--json=-", "--progress=json"], text=True,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment())
        self.addCleanup(lambda: process.poll() is None and process.kill())
        for line in process.stderr:
            if sign in line:
                break
        process.send_signal(signal.SIGINT)
        out, more = process.communicate(timeout=PATIENCE)
        result = json.loads(out)
        self.assertEqual(complaints(result, SCHEMA), [])
        self.assertTrue(result["partial"])
        reasons = [reason["text"] for reason in result["verdict"]["reasons"]]
        self.assertIn("it was ended early", reasons)
        return result, reasons, process.returncode, [line for line in more.splitlines()
                                                     if "note" in line]

    def test_interrupted_it_tells_what_there_is(self):
        result, _, _, _ = self.interrupt("round 1 of", "100ms")
        self.assertIn("alike", result)
        self.assertTrue(any("rates" in row for cell in result["cells"] for row in cell["results"]))

    def test_interrupted_in_its_first_run_it_has_measured_nothing(self):
        result, reasons, code, notes = self.interrupt("alike 1", "1h")
        self.assertEqual((code, result["verdict"]["level"]), (98, "INVALID"))
        self.assertIn("nothing was measured", reasons)
        self.assertNotIn("alike", result)
        self.assertEqual(len(notes), 1, "the other one of the pair was not run")
        self.assertEqual(result["cells"][0]["pairs"], [])

    def test_a_handler_that_never_answers_can_be_interrupted(self):
        process = subprocess.Popen([*ASYNCD, "bench", "matrix", "--no-config",
                                    "--handler=uppercase-echo", "-o",
                                    "handler.uppercase-echo.delay=1h",
                                    "-o", "limits.message_timeout=unlimited"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=environment())
        self.addCleanup(lambda: process.poll() is None and process.kill())
        time.sleep(1)  # in which it comes to ask the handler; if not, there is nothing to see
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), -signal.SIGINT)

    def test_what_nobody_can_take_is_invalid(self):
        result = self.matrix("--handler=echo", "--backends=blocking", "--connections=2", code=98)
        self.assertEqual(result["verdict"], {"level": "INVALID",
                                             "reasons": [{"level": "INVALID",
                                                          "text": "nothing was measured"}]})
        self.assertNotIn("alike", result)

    def test_noise_is_measured_where_somebody_is(self):
        result = self.matrix("--handler=square", "--backends=blocking", "--connections=2,1",
                             "--requests=100", "--repeats=1")
        self.assertIn("alike", result)

    def test_failures_in_a_cell_are_an_exit_code(self):
        result = self.matrix("--handler=echo", "--backends=select", "--connections=2",
                             "--duration=300ms",
                             "--repeats=1", "-o", "limits.max_connections=1",
                             "-o", "limits.overload=shed", code=1)
        self.assertNotEqual(result["verdict"]["level"], "VALID")
        self.assertGreater(result["cells"][0]["results"][0]["failed"], 0)

    def test_files_are_opened_before_anything_is_measured(self):
        nowhere = self.path("none/x")
        for command in (["bench"], ["bench", "matrix"]):
            for flag in ("json", "csv"):
                done = run(*command, "--no-config", "--progress=plain", "--handler=square",
                           "--requests=10", f"--{flag}={nowhere}")
                self.assertEqual((done.returncode, done.stdout), (73, ""), done.stderr)
                self.assertEqual(done.stderr,
                                 f"asyncd: cannot write the result to '{nowhere}': No such file or "
                                 f"directory\n")

    def test_csv_and_table(self):
        done = run("bench", "matrix", "--no-config", "-q", "--handler=square", "--backends=select",
                   "--requests=100",
                   "--repeats=1", "--connections=1", f"--csv={self.path('m.csv')}")
        self.assertEqual(exit_code(done, 0), 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^  select +[\d,]+ ")
        with open(self.path("m.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["server"] for row in rows], ["select"])
        self.assertGreater(float(rows[0]["rate"]), 0)

    def test_results_are_compared_and_drawn(self):
        for name in ("a", "b"):
            run_file, matrix_file = self.path(f"{name}.json"), self.path(f"{name}m.json")
            done = run("bench", "--no-config", "-q", "--handler=square", "--duration=600ms",
                       f"--json={run_file}")
            self.assertEqual(exit_code(done, 0), 0, done.stderr)
            done = run("bench", "matrix", "--no-config", "-q", "--handler=square",
                       "--backends=select,blocking",
                       "--connections=1,2", "--requests=100", "--repeats=2",
                       f"--json={matrix_file}")
            self.assertEqual(exit_code(done, 0), 0, done.stderr)
        runs = run("bench", "compare", self.path("a.json"), self.path("b.json"))
        self.assertEqual(runs.returncode, 0, runs.stderr)
        self.assertRegex(runs.stdout,
                         r"(?m)^B against A: [\d.]+x as fast; for a verdict 5 seconds of each are")
        matrices = run("bench", "compare", self.path("am.json"), self.path("bm.json"))
        self.assertEqual(matrices.stdout.count("B against A: "), 3, matrices.stdout)
        mixed = run("bench", "compare", self.path("a.json"), self.path("bm.json"))
        self.assertEqual(mixed.returncode, 1)
        self.assertIn("nothing to compare", mixed.stderr)
        done = run("bench", "report", self.path("a.json"), self.path("b.json"),
                   self.path("am.json"), "-o",
                   self.path("page.html"), f"--svg={self.path('page.svg')}")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        with open(self.path("page.html"), encoding="utf-8") as file:
            page = Page(file.read())
        self.assertEqual(page.open, ["html"][:len(page.open)])
        self.assertEqual(page.addresses, [])
        text = "".join(page.seen)
        for words in ("square on proactor, 1 connection", "serves 1 at a time", "p99",
                      "Where it was measured"):
            self.assertIn(words, text)
        drawing = xml.etree.ElementTree.parse(self.path("page.svg")).getroot()
        self.assertEqual(drawing.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertNotRegex(xml.etree.ElementTree.tostring(drawing, "unicode"),
                            r'="[^"]*\b(nan|inf)\b')

    def test_connections_that_the_server_ends_between_messages_are_told(self):
        arguments = ("--handler=square", "--backends=select", "--connections=2", "--repeats=1",
                     "--requests=100", "-o", "limits.messages_per_connection=10")
        result = self.matrix(*arguments)["cells"][0]["results"][0]
        self.assertEqual(result["failed"], 0)
        self.assertGreaterEqual(result["reopened"], 8)
        table = run("bench", "matrix", "--no-config", "-q", *arguments).stdout
        self.assertRegex(table, r"(?m)^    select ended \d+ connections between messages$")

    def test_mistakes(self):
        with open(self.path("other.json"), "w", encoding="utf-8") as file:
            file.write('{"schema":"other"}')
        with open(self.path("two.toml"), "w", encoding="utf-8") as file:
            file.write(
                '[[listener]]\nname = "a"\nhandler = "echo"\n[[listener]]\nname = "b"\nhandler = '
                '"echo"\n'
                       'address = "127.0.0.1:8081"\n')
        for arguments, code, words in (
                (("matrix", "--handler=square", "--backends=slect"), 2, "did you mean 'select'?"),
                (("matrix", "--handler=missing"), 66, "missing"),
                (("run", "--config=" + self.path("two.toml")), 2,
                 "has 2 listeners, and bench measures one"),
                (("compare", "/none/a.json", "/none/b.json"), 66, "cannot read '/none/a.json'"),
                (("report", self.path("other.json"), "-o", self.path("x.html")), 1,
                 "is no result of asyncd bench"),
                (("report", self.path("other.json")), 2, "report needs to know where to"),
                (("compare", "a"), 2, "compare needs two results")):
            done = run("bench", *arguments)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
