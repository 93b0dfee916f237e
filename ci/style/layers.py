"""Which layer may include which. Left is lower; an include points to the left or to its own layer,
and never sideways."""

import posixpath
import re

ORDER = [
    ["plugins/sdk/asyncd.h"],
    ["core/base"],
    ["core/text"],
    ["core/files"],
    ["core/log"],
    ["core/system", "core/security"],
    ["core/net", "core/session"],
    ["core/stage"],
    ["core/config"],
    ["core/operations", "core/listen"],
    ["core/accept"],
    ["core/io"],
    ["core/plugin"],
    ["core/server"],
    ["backends"],
    ["cmd/process"],
    ["cmd/cli", "cmd/messages", "cmd/bench/statistics", "cmd/bench/system"],
    ["cmd/handler_check", "cmd/bench/exchange"],
    ["cmd/bench/drive"],
    ["cmd/bench/judge"],
    ["cmd/bench/show"],
    ["cmd/bench", "cmd/send", "cmd/serve"],
    ["cmd/service"],
    ["cmd/asyncd"],
]
ARROWS = " <- ".join(" | ".join(posixpath.basename(part) for part in parts) for parts in ORDER)

OURS = re.compile(r"(core|backends|cmd|plugins|tests)/")
ASIO = re.compile(r"(boost/)?asio(/|\.hpp$)")
MAY_USE_ASIO = re.compile(r"backends/proactor/")

# A session is bytes in, bytes out and a deadline; what it must not know, by header.
THREADS = ("thread mutex shared_mutex atomic condition_variable future stop_token semaphore latch "
           "barrier pthread.h")
SYSTEM = ("unistd.h fcntl.h poll.h errno.h cerrno signal.h csignal netdb.h winsock2.h ws2tcpip.h "
          "windows.h")
NOT_IN_SESSION = re.compile(
    "(" + "|".join(map(re.escape, f"{THREADS} {SYSTEM}".split())) + ")$"
    r"|(sys|netinet|arpa|spdlog)/|(boost/)?asio|core/log/"
)


def check(path, source):
    """(line, what is wrong, what to do) for each include that the layers forbid. Tests may
    include anything."""
    if path.startswith("tests/"):
        return
    if path.startswith(("core/", "cmd/")) and place(path) is None:
        folder = posixpath.dirname(path)
        what = f"the folder {folder} has no place among the layers"
        yield 1, what, "give it one in ci/style/layers.py"
    for line, written, quoted in source.includes():
        target = resolve(path, written, quoted)
        breach = forbidden(path, target)
        if breach:
            yield line, f"includes {written}: {breach[0]}", breach[1]


def resolve(path, written, quoted):
    """The included file from the top of the tree, or what was written where it is not ours."""
    if written.startswith("sdk/"):
        return "plugins/" + written
    if OURS.match(written) or not quoted:
        return written
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), written))


def forbidden(path, target):
    """(why, what to do) or None."""
    if ASIO.match(target) and not MAY_USE_ASIO.match(path):
        return "Asio is for backends/proactor/ only", "go through its interface"
    if path.startswith("core/session/") and NOT_IN_SESSION.match(target):
        what = "a session knows no socket, errno, thread, lock or log"
        return what, "pass what it needs as an argument"
    if not OURS.match(target):
        return None
    if path.startswith("plugins/"):
        if target.startswith("plugins/"):
            return None
        return "a plugin knows only the SDK and the plugins folder", "use what plugins/sdk/ offers"
    return wrong_layer(path, target) or foreign_backend(path, target)


def place(path):
    """(how far to the right, which part) of a file, or None."""
    for index, parts in enumerate(ORDER):
        for part in parts:
            if path == part or path.startswith(part + "/"):
                return index, part
    return None


def wrong_layer(path, target):
    here, there = place(path), place(target)
    if target.startswith("plugins/") and there is None:
        what = "only plugins may know more of plugins/ than sdk/asyncd.h"
        return what, "go through the C interface"
    if target.startswith("tests/"):
        return "only tests may include tests", "move what both need out of tests/"
    if here is None or there is None:
        return None
    if there[0] > here[0]:
        cure = "move the code, or pass what is needed as an argument"
        return "includes point left only: " + ARROWS, cure
    if there[0] == here[0] and there[1] != here[1]:
        what = f"{here[1]} and {there[1]} do not know each other"
        return what, "let a layer to their right join them"
    return None


def foreign_backend(path, target):
    folder = re.match(r"backends/[^/]+/", target)
    if folder is None or path == "backends/registry.cpp" or path.startswith(folder.group()):
        return None
    what = "only backends/registry.cpp knows the backends one by one"
    return what, "go through backends/registry.h"
