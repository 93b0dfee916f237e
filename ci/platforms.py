"""The stages for systems other than the one that ci/test runs on: cross-built here, and run where something can."""

import os

from wine import Wine


def windows(runner, top):
    if not runner.check("windows setup", ["ci/setup", "windows"]):
        return
    if runner.build("windows", "-DASYNCD_WERROR=ON"):
        with Wine(os.path.join(top, "build", "windows", "wine")) as wine:
            runner.env |= wine.env
            runner.ctest("windows")


PLATFORMS = {"windows": windows}
