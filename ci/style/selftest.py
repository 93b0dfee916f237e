"""Proves that the style law bites: each case is a small tree, and exactly the breaches that must
be found in it."""

import os
import tempfile

from style import cycles, names
from style.files import project_files
from style.rules import check_file

HEADER = "// A role.\n#pragma once\n"
LATER = "includes point left only"


def function_of(lines, head="int f() {", last="}"):
    return "\n".join([head] + ["  ++x;"] * (lines - 2) + [last]) + "\n"


def body(text):
    return "int f() {\n  " + text + "\n}\n"


def include(path, target):
    return path, f"#include {target}\n"


# What has commas, question marks and semicolons that are right.
NEAR_STATEMENTS = """// a = 1, b();
template <class A, class B>
struct S : A, B {
  S(int a, int b) : a_(a), b_{b} {}
  int a_, b_;
  std::map<int, int> m_, n_;
};
enum E { one, two = 1 };
int f(int a, int b) {
  int x = 1, *y = nullptr;
  const std::map<A, std::function<void(int, int)>> m = {{1, 2}, {3, 4}};
  const auto [c, d] = g<int, 3>(a, b ? 1 : 2);
  for (int i = 0, j = 1; i < j; ++i, --j) h(i, j);
  switch (a) {
    case A::one:
      return std::max<int>(a, b);
  }
  const auto l = [&, x](int p, int q) -> std::pair<int, int> { return {p, q}; };
  f(a ? 1 : 2, b ? 3 : 4);
  (h(args), ...);
  if (const auto it = m.find(a); it != m.end() && g(a, b)) return a ? 1 : 2;
  return "a, b; c ? d : e"[','];
}
"""

# A path, its text, and the breaches in it: "line: how the message begins".
ONE_FILE = [
    # Layout
    ("core/base/long.cpp", "int x;\n" * 401, ["401: the file has 401 lines, at most 400"]),
    ("ci/long.py", "x = 1\n" * 401, ["401: the file has 401 lines, at most 400"]),
    ("tests/CMakeLists.txt", "include(x)\n" * 401, ["401: the file has 401 lines, at most 400"]),
    ("ARCHITECTURE.md", "a line\n" * 201, ["201: the file has 201 lines, at most 200"]),
    ("plugins/sdk/asyncd.h", "/* x */\n#ifndef A\n#define A\n" + "int x;\n" * 328,
     ["331: the file has 331 lines"]),
    ("core/base/wide.cpp", "int x;\n// " + "x" * 98 + "\n", ["2: the line has 101 columns"]),
    ("ci/wide", "#!/bin/sh\nset -eu\n# " + "x" * 99 + "\n", ["3: the line has 101 columns"]),
    ("docs/wide.md", "x " * 50 + "x\n", ["1: the line has 101 columns"]),
    ("conf/wide.toml", "# " + "x" * 99 + "\n", ["1: the line has 101 columns"]),
    ("tests/wide.cmake", "# " + "x" * 99 + "\n", ["1: the line has 101 columns"]),
    ("docs/a.md", "one \n\ttwo", ["1: white space at", "2: a tab", "2: the file does not end"]),
    ("docs/b.md", "two newlines\n\n", ["3: the file does not end"]),
    ("conf/a.toml", "a = 1\r\n", ["1: white space at"]),
    ("ci/marks.cpp", "int x;  // TO" + "DO later\n/* 1\n FIX" + "ME */\n", ["1: 'TO", "3: 'FIX"]),
    ("ci/marks", "#!/bin/sh\nset -eu\n# XX" + "X\n", ["3: 'XX"]),
    ("ci/lax", "#!/usr/bin/env bash\nset -e\n",
     ["1: the script goes on after errors (nounset, pipefail not set)"]),
    ("ci/lax.sh", "#!/bin/sh\necho\n",
     ["1: the script goes on after errors (errexit, nounset not set)"]),
    # Headers
    ("core/base/a.h", "#pragma once\n", ["1: the header does not open with a comment"]),
    ("core/base/b.h", "// A role.\nint x;\n", ["1: the header may be included twice"]),
    ("core/base/c.h", "// A role.\n// #pragma once\n", ["1: the header may be included twice"]),
    ("core/base/d.h", "// A role.\n#ifndef D\n#define D\n#endif\n",
     ["1: the header may be included twice"]),
    # Systems
    ("core/net/a.cpp", "#ifdef _WIN32\n#endif\n", ["1: #ifdef on _WIN32"]),
    ("tests/unit/a.cpp", "#if A || \\\n    defined(__linux__)\n#endif\n", ["1: #if on __linux__"]),
    ("cmd/asyncd/a.cpp", "#if A\n#elif defined __APPLE__\n#endif\n", ["2: #elif on __APPLE__"]),
    # Compilers
    ("core/io/e.cpp", "int x __attribute__((unused));\nint y = __builtin_clz(x);\n",
     ["1: __attrib", "2: __built"]),
    ("plugins/integer/a.cpp", "// __int128\nunsigned __int128 x;\nint y = f({1});\n",
     ["2: __int128"]),
    ("tests/unit/b.cpp", "#include <unistd.h>\n#include <sys/time.h>\n",
     ["1: <unistd.h>", "2: <sys/time.h>"]),
    ("core/net/b_posix.cpp", "#include <unistd.h>\nssize_t x;\n", []),
    ("tests/unit/c_linux_test.cpp", "#include <sys/time.h>\n", []),
    # Backends by name
    ("core/a.cpp", "", ["1: the folder core has no place among the layers"]),
    ("cmd/a.cpp", "", ["1: the folder cmd has no place among the layers"]),
    ("core/io/a.cpp", 'auto a = "use thread-pool here";\n',
     ['1: core names the backend in "thread-pool"']),
    ("core/io/b.cpp", 'auto a = "select";\n', ['1: core names the backend in "select"']),
    ("core/io/c.cpp", 'auto a = R"(x\nbackend = "blocking")";\n', ["1: core names the backend in"]),
    # Layers
    (*include("core/base/a.cpp", '"core/net/socket.h"'),
     ["1: includes core/net/socket.h: " + LATER]),
    (*include("core/net/a.cpp", '"core/session/session.h"'),
     ["1: includes core/session/session.h: core/net an"]),
    (*include("core/session/a.cpp", '"../net/socket.h"'),
     ["1: includes ../net/socket.h: core/session and core/net"]),
    (*include("core/config/a.cpp", '"core/io/loop.h"'), ["1: includes core/io/loop.h: " + LATER]),
    (*include("core/operations/a.cpp", '"core/accept/a.h"'),
     ["1: includes core/accept/a.h: " + LATER]),
    (*include("core/listen/a.cpp", '"core/operations/a.h"'),
     ["1: includes core/operations/a.h: core/listen an"]),
    (*include("core/accept/a.cpp", '"core/io/loop.h"'), ["1: includes core/io/loop.h: " + LATER]),
    (*include("core/system/a.cpp", '"core/security/a.h"'),
     ["1: includes core/security/a.h: core/system an"]),
    (*include("core/io/a.cpp", "<core/plugin/host.h>"),
     ["1: includes core/plugin/host.h: " + LATER]),
    (*include("core/plugin/a.cpp", '"core/server/server.h"'),
     ["1: includes core/server/server.h: " + LATER]),
    (*include("core/server/a.cpp", '"backends/registry.h"'),
     ["1: includes backends/registry.h: " + LATER]),
    (*include("backends/select/a.cpp", '"cmd/asyncd/a.h"'),
     ["1: includes cmd/asyncd/a.h: " + LATER]),
    (*include("plugins/sdk/asyncd.h", '"core/base/a.h"'),
     ["1: includes core/base/a.h", "1: the h", "1: the h"]),
    (*include("plugins/square/a.cpp", '"core/text/text.h"'),
     ["1: includes core/text/text.h: a plugin knows only"]),
    (*include("core/plugin/b.cpp", '"sdk/asyncd.hpp"'),
     ["1: includes sdk/asyncd.hpp: only plugins may know"]),
    (*include("cmd/asyncd/b.cpp", '"tests/support/a.h"'),
     ["1: includes tests/support/a.h: only tests"]),
    (*include("cmd/asyncd/c.cpp", '"backends/select/loop.h"'),
     ["1: includes backends/select/loop.h: only bac"]),
    (*include("cmd/cli/a.cpp", '"cmd/asyncd/commands.h"'),
     ["1: includes cmd/asyncd/commands.h: " + LATER]),
    (*include("cmd/bench/judge/a.cpp", '"cmd/bench/bench.h"'),
     ["1: includes cmd/bench/bench.h: " + LATER]),
    (*include("cmd/send/a.cpp", '"cmd/bench/bench.h"'),
     ["1: includes cmd/bench/bench.h: cmd/send and cmd/bench"]),
    (*include("backends/select/b.cpp", '"../blocking/a.h"'),
     ["1: includes ../blocking/a.h: only backends/registry"]),
    (*include("backends/select/c.cpp", "<asio.hpp>"), ["1: includes asio.hpp: Asio is for"]),
    (*include("core/io/d.cpp", "<boost/asio/ip/tcp.hpp>"),
     ["1: includes boost/asio/ip/tcp.hpp: Asio is for"]),
    (*include("core/session/b.cpp", "<mutex>"), ["1: includes mutex: a session knows no"]),
    (*include("core/session/c.cpp", "<sys/socket.h>"),
     ["1: <sys/socket.h>", "1: includes sys/socket.h: a"]),
    (*include("core/session/d.cpp", "<spdlog/spdlog.h>"),
     ["1: includes spdlog/spdlog.h: a session knows no"]),
    (*include("core/session/e.cpp", '"core/log/log.h"'),
     ["1: includes core/log/log.h: a session knows no"]),
    # Statements
    ("plugins/s1.cpp", body("a = false, f(b), g();"), ["2: a comma operator"]),
    ("plugins/s2.cpp", body("return x = 1, 0;"), ["2: a comma operator"]),
    ("plugins/s3.cpp", body("if (a)\n    b = 1, c();\n  else\n    d(1, 2);"), ["2: a comma op"]),
    ("plugins/s4.cpp", body("f([] { return ++n, 0; });"), ["2: a comma operator"]),
    ("plugins/s5.cpp", body("while (f(), x) g();"), ["2: a comma operator"]),
    ("plugins/s6.cpp", body("return a ? (b = 0, c()) : d;"), ["2: a comma operator"]),
    ("plugins/s7.cpp", body("a = b ? 1 : c ? 2 : 3;"), ["2: a conditional operator within"]),
    ("plugins/s8.cpp", body("a = b ? 1 : (c ? 2 : 3);"), ["2: a conditional operator within"]),
    ("plugins/s9.cpp", body("f(b ? g(c ? 2 : 3) : 1, d);"), ["2: a conditional operator within"]),
    ("plugins/s10.cpp", body("f(); g();"), ["2: a second statement on the line"]),
    ("ci/two.py", "a = 1; b = 2\n", ["1: a second statement on the line"]),
    # Words
    ("plugins/w1.cpp", "// No" + "body.\nauto a = \"Some" + "body's\";\n", ["1: 'No", "2: 'Some"]),
    ("ci/w2.py", '"""Who' + 'ever."""\n', ["1: 'Who"]),
    ("plugins/w3.cpp", "/* a\n any" + "body */\n", ["2: 'any"]),
    # Functions
    ("ci/f1.cpp", function_of(61), ["1: the function 'f' has 61 lines, at most 60"]),
    ("ci/f2.cpp", function_of(61, "TEST(A, b) {"), ["1: the function 'TEST' has 61 lines"]),
    ("ci/f3.cpp", "class A {\n public:\n" + function_of(61, "A(B b) : b_{b}, c_(b) {") + "};\n",
     ["3: the function"]),
    ("ci/f4.cpp", function_of(61, "auto f(int x = g({1})) const noexcept -> int {"),
     ["1: the function 'f'"]),
    ("ci/f5.cpp", "auto f =\n" + function_of(61, "    [](int x) {", "};"),
     ["2: the function 'lambda'"]),
    ("ci/f6.cpp", "namespace {\nA a[] = {{1, 2},\n" + function_of(61, "{3, [] {", "}}};") + "}\n",
     ["3: the fun"]),
    ("ci/f7.cpp", function_of(59, 'int f() {\n  a = "}";  // }\n', "}"),
     ["1: the function 'f' has 61 lines"]),
    ("ci/f8.c", 'extern "C" {\n' + function_of(61, "static struct a *f(void) {") + "}\n",
     ["2: the function 'f'"]),
    ("ci/f9.cpp", function_of(61, "#ifdef A\nint f() {\n#else\nint f(int) {\n#endif"),
     ["2: the function 'f' has 64"]),
    ("ci/f10.cpp", function_of(61, "bool A::operator()(int a) const {"),
     ["1: the function 'A::operator'"]),
    ("ci/f11.cpp", function_of(61, "A::A() : a_(g([] { h(); })) {"), ["1: the function 'A::A'"]),
    ("ci/g.cpp", "int f() {\n", ["1: this brace has no partner"]),
]

# Documents: the first is looked at, the others are there. What is wrong with it.
DOCUMENTS = [
    ({"README.md": "[a](docs/a.md) and [b](docs/b.md).\n", "docs/a.md": "# A\n"},
     ["1: the link docs/b.md leads no"]),
    ({"docs/a.md": "\n[up](../README.md) [up](../b.md)\n", "README.md": "A\n"},
     ["2: the link ../b.md leads nowhere"]),
    ({"docs/a.md": "[out](../../b.md)\n"}, ["1: the link ../../b.md leads nowhere"]),
    ({"docs/a.md": "[root](/docs/a.md)\n"}, ["1: the link /docs/a.md is absolute"]),
    ({"a.md": "# One, `two`\n# One\n# One\n[a](#one-two) [b](#one-1) [c](#two)\n"},
     ["4: the link #two names no hea"]),
    ({"a.md": "[a](b.md#there) [b](b.md#not)\n", "b.md": "There\n=====\n\n    # not\n"},
     ["1: the link b.md#not nam"]),
    ({"a.md": "See docs/a.md.\n[ref]: b.md\n"},
     ["1: it names docs/a.md, and", "2: the link b.md leads nowhere"]),
    ({"docs/glossary.md": "`Old` `New`\ncore/a.h\n", "plugins/a.cpp": "class New;\n"},
     ["1: no source has the name Old", "2: there is no core/a.h"]),
    ({"ARCHITECTURE.md": "`New::old` (plugins/a.cpp)\n", "plugins/a.cpp": "class New;\n"},
     ["1: no source has the name New::old"]),
    ({"ARCHITECTURE.md": "`New::go` `go()` `x->go` `--go`\n    `Old`\n",
      "plugins/a.cpp": "void New::go();\n"}, []),
    ({"a.md": '<img src="b.png">\n'}, ["1: the link b.png leads nowhere"]),
    ({"a.md": "`[a](b)` [w](https://a.org/b#c)\n```\n[a](b)\n```\n    [a](b)\n[a](a%20b.md)\n",
      "a b.md": "\n"}, []),
]

# Units that include each other. What is wrong with them.
UNITS = [
    ({"plugins/a.h": HEADER, "plugins/a_x.cpp": '#include "b.h"\n',
      "plugins/b.h": HEADER, "plugins/b.cpp": '#include "plugins/a.h"\n'},
     ["1: units include each other: plugins/a -> plugins/b -> plugins/a"]),
    ({"plugins/a.h": HEADER + '#include "a_b.h"\n', "plugins/a_b.h": HEADER,
      "plugins/a_b_x.cpp": '#include "a.h"\n'},
     ["1: units include each other: plugins/a -> plugins/a_b -> plugins/a"]),
]

# Near misses: nothing may be found in them.
CLEAN = {
    "plugins/sdk/asyncd.h": "/* A role. */\n#ifndef A\n#define A\n#if "
                            "defined(_WIN32)\n#endif\n#endif\n",
    "plugins/integer/a.h": HEADER,
    "plugins/units/a.h": HEADER,
    "plugins/units/a_b.h": HEADER + '#include "a.h"\n',
    "plugins/units/a_b.cpp": '#include "a.h"\n#include "a_b.h"\n',
    "plugins/statements.cpp": NEAR_STATEMENTS,
    "ci/statements.py": "a = 'b; c'  # d; e\nNO" + "BODY = 1\n",
    "plugins/square/a.cpp": '#include "sdk/asyncd.hpp"\n#include "../integer/a.h"\n#include '
                            '"integer/a.h"\n',
    "core/base/a.h": HEADER +
    '#include "sdk/asyncd.h"\n// #include "core/net/a.h"\n/* "thread-pool" */\n',
    "core/net/socket_posix.cpp": "#include <sys/socket.h>\n#ifdef __linux__\n#endif\n",
    "backends/proactor/b.cpp": "#include <asio.hpp>\n",
    "core/net/select.cpp": 'auto a = "select() failed: a blocking call";\n#include '
                           '"core/base/select.h"\n',
    "core/session/a.cpp": "#include <chrono>\nint n = '\"', m = 10'000;  // \"select\"\n",
    "core/config/a.cpp": '#include "core/net/address.h"\n#include "core/session/limits.h"\n',
    "backends/registry.cpp": '#include "backends/select/a.h"\n#include "blocking/a.h"\nauto a = '
                             '"select";\n',
    "backends/select/a.cpp": '#include "backends/select/loop.h"\n#include "loop.h"\n#include '
                             '"core/io/driver.h"\n',
    "tests/unit/a.cpp": '#include <asio.hpp>\n#include "backends/select/loop.h"\nauto x = "TO' +
    'DO";\n',
    "cmd/asyncd/a.cpp": function_of(60) + "/* x\n" * 61 + "*/\n" + function_of(60, "void g() {"),
    "cmd/asyncd/table.cpp": function_of(80, "const struct a t[] = {", "};"),
    "cmd/asyncd/enum.cpp": function_of(80, "enum class E : decltype(x) {", "};"),
    "cmd/asyncd/class.cpp": function_of(80, "class [[nodiscard]] alignas(64) A : public B<int()> {",
                                        "};"),
    "cmd/asyncd/literal.c": function_of(80, "static struct a b = (struct a){", "};"),
    "tests/corpus/odd.txt": "no newline, \ttabs ",
    "tests/e2e/data/odd.toml": "a\t= 1 ",
    "ci/strict": "#!/usr/bin/env bash\nset -euo pipefail\nmktemp /tmp/XXXXXX\n",
    "Makefile": "all:\n\ttrue\n",
    "plugins/wide.cpp": 'auto a = R"(\n' + "x " * 99 + 'x)";\n',
    "docs/wide.md": "x" * 200 + "\n    " + "x " * 99 + "x\n| " + "x " * 99 + "|\n",
    "image.png": "\t \n\n",
    "empty/CMakeLists.txt": "",
}


def check_tree(files):
    with tempfile.TemporaryDirectory() as top:
        for path, text in files.items():
            full = os.path.join(top, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        paths = project_files(top)
        breaches = [breach for path in paths for breach in check_file(top, path)]
        return [*breaches, *cycles.check(top, paths), *names.check(top, paths)]


def run():
    failed = 0
    cases = [({path: text}, wanted) for path, text, wanted in ONE_FILE]
    cases += DOCUMENTS + UNITS + [(CLEAN, [])]
    for files, wanted in cases:
        found = [f"{line}: {what}" for _, line, what, _ in check_tree(files)]
        if len(found) != len(wanted) or not all(map(str.startswith, found, wanted)):
            failed += 1
            print(
                f"tidy self test: {next(iter(files))}: wanted {wanted}, found {found}; mend the "
                f"rule in ci/style/")
    print(f"tidy self test: {len(cases) - failed} of {len(cases)} cases as wanted")
    return 1 if failed else 0
