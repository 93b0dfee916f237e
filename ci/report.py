"""What ctest reports of a run: the tests that passed, that failed and that were skipped, and
why."""

import os
import re
import xml.etree.ElementTree as xml

# What a Python program says of those of its tests that it skips: it is one test to ctest, and
# passes all the same.
PARTS_SKIPPED = re.compile(r"^(\w+) \(\S+\)(?:\n.*)? \.\.\. skipped ['\"](.*)['\"]$", re.MULTILINE)


def read_report(path):
    """([those that passed], [(test, output)] of those that failed, [(test, reason)] of those
    that were skipped)"""
    passed, failures, skips = [], [], []
    cases = xml.parse(path).getroot().iter("testcase") if os.path.exists(path) else []
    for case in cases:
        name, output = case.get("name"), case.findtext("system-out") or ""
        skipped = case.find("skipped")
        # What could not be started at all is "skipped" to ctest too, but for us it has failed.
        if case.get("status") == "disabled":
            skips.append((name, "disabled"))
        elif skipped is not None and skipped.get("message", "").startswith("SKIP_"):
            skips.append((name, reason_of(output)))
        elif case.get("status") == "run":
            passed.append(name)
            skips += [(f"{name}: {part}", reason) for part, reason in PARTS_SKIPPED.findall(output)]
        else:
            failures.append((name, output))
    return passed, failures, skips


def reason_of(output):
    """What a GoogleTest says after GTEST_SKIP(), on one line."""
    lines = output.split("\n")
    for number, line in enumerate(lines):
        if line.endswith(": Skipped"):
            reason = []
            for text in lines[number + 1 :]:
                if not text.strip() or text.startswith("[  SKIPPED"):
                    break
                reason.append(text.strip())
            return " ".join(reason) or "no reason given"
    return "no reason given"
