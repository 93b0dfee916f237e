"""A wine of our own for the tests of Windows programs: its folder is in the build tree, and its
server is ours to end.

The server is started before any test, with output that no test waits for: started by a test, it
would hold that test's pipe open for as long as it lives.
"""

import os
import subprocess

SERVER = "/usr/lib/wine/wineserver"
WINE = "/usr/lib/wine/wine64"


class Wine:
    def __init__(self, prefix):
        self.env = {"WINEPREFIX": prefix, "WINEDEBUG": "-all",
                    "WINEDLLOVERRIDES": "winedbg.exe=d;mscoree=;mshtml="}

    def _quiet(self, *command):
        subprocess.run(
            command,
            env=os.environ | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )

    def __enter__(self):
        os.makedirs(self.env["WINEPREFIX"], exist_ok=True)
        self._quiet(SERVER, "-p")
        # The first program makes the folder what it has to be; an explicit wineboot would do it a
        # second time, beside.
        self._quiet(WINE, "cmd", "/c", "exit 0")
        return self

    def __exit__(self, *_):
        self._quiet(SERVER, "-k")
