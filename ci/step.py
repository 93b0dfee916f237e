"""A step of ci/test: something is built, and then tried beside the next step's build."""

from collections.abc import Callable
from dataclasses import dataclass


def nothing():
    pass


@dataclass
class Step:
    build: Callable[[], bool]  # on the thread that builds; false: there is nothing to try
    then: Callable[[], None] = nothing  # on the main thread
    needed: bool = False  # where it cannot be built no other step is worth its time
