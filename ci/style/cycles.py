"""Units that include each other. A unit is a header and the .cpp files that are named after it
(x.h with x.cpp, x_posix.cpp, x_text.cpp). To read one unit of a cycle is to read them all."""

import os
import posixpath
import re

from style.layers import resolve
from style.links import read
from style.source import Source

# Parts of the tree whose cycles are still to be broken.
KNOWN = re.compile(r"core/(config|log)/|cmd/cli/")


def check(top, paths):
    """(path, line, what is wrong, what to do) for an include of each cycle."""
    headers = {os.path.splitext(path)[0] for path in paths if path.endswith(".h")}
    includes = {}  # of each unit: the units that it includes, with the place of an include
    for path in paths:
        if path.endswith((".h", ".hpp", ".cpp", ".c")):
            here = unit_of(path, headers)
            for place in included_by(top, path):
                there = unit_of(place[0], headers)
                if there != here and (there in headers or there.endswith(".hpp")):
                    includes.setdefault(here, {}).setdefault(there, (path, place[1]))
    for cycle in cycles(includes):
        if any(map(KNOWN.match, cycle)):
            continue
        path, line = includes[cycle[-1]][cycle[0]]
        way = " -> ".join([*cycle, cycle[0]])
        yield path, line, f"units include each other: {way}", "move what both need to a third one"


def unit_of(path, headers):
    """The path of the unit's header, without its ending; an .hpp file is a unit of its own."""
    if path.endswith(".hpp"):
        return path
    stem = os.path.splitext(path)[0]
    folder, name = posixpath.split(stem)
    words = name.split("_")
    for count in range(len(words), 0, -1):
        header = posixpath.join(folder, "_".join(words[:count]))
        if header in headers:
            return header
    return stem


def included_by(top, path):
    """(path, line) of each include."""
    source = Source(read(os.path.join(top, path)))
    return [(resolve(path, written, quoted), line) for line, written, quoted in source.includes()]


def cycles(includes):
    """The shortest cycle of each group of units that reach each other."""
    seen = set()
    for start in sorted(includes):
        if start not in seen:
            cycle = shortest_cycle(includes, start)
            if cycle:
                seen.update(cycle)
                yield cycle


def shortest_cycle(includes, start):
    """The units on the shortest way from `start` back to it; None where there is none."""
    ways, reached = [[start]], {start}
    for way in ways:
        for following in sorted(includes.get(way[-1], {})):
            if following == start:
                return way
            if following not in reached:
                reached.add(following)
                ways.append([*way, following])
    return None
