"""How many threads there are by default: by the cores that affinity and a CPU quota leave, and
who says so."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from daemon import ASYNCD, PATIENCE, Daemon, environment, run

CORES = len(os.sched_getaffinity(0))


class Group:
    """A control group of its own for 0.4 of a core; skips where none can be made."""

    def __enter__(self):
        root = "/sys/fs/cgroup/cpu" if os.path.isdir("/sys/fs/cgroup/cpu") else "/sys/fs/cgroup"
        try:
            self.folder = tempfile.mkdtemp(prefix="asyncd-test-", dir=root)
        except OSError as failure:
            raise unittest.SkipTest(f"no control group can be made here: {failure}") from failure
        try:
            if root.endswith("cpu"):
                self.write("cpu.cfs_period_us", "100000")
                self.write("cpu.cfs_quota_us", "40000")
            else:
                self.write("cpu.max", "40000 100000")
        except OSError as failure:
            self.__exit__()
            raise unittest.SkipTest(f"no quota can be set here: {failure}") from failure
        return self

    def __exit__(self, *_):
        os.rmdir(self.folder)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def enter(self):
        self.write("cgroup.procs", str(os.getpid()))


class Cores(unittest.TestCase):
    def check(self, share, threads, **more):
        answer = subprocess.run([*ASYNCD, "-VV"], capture_output=True, text=True, timeout=PATIENCE,
                                env=environment(), check=True, **more)
        self.assertIn(f"\nthreads    {threads} by default: {share}\n", answer.stdout)
        answer = subprocess.run([*ASYNCD, "config", "--origin", "--no-config"], capture_output=True,
                                text=True, timeout=PATIENCE, env=environment(), check=True, **more)
        self.assertIn(f"\nthreads = {threads}  # default ({share})\n", answer.stdout)
        with Daemon("--no-config", "--handler=echo", "--backend=proactor", **more) as daemon:
            daemon.wait_for(f"threads by default threads={threads} {re.escape(share)}\n")
            self.assertEqual(daemon.stop(), 0)

    def test_all_that_affinity_leaves(self):
        answer = json.loads(run("version", "--json").stdout)
        quota = answer["quota"]
        self.assertEqual(answer["cores"], CORES)
        share = f"cores={CORES}" + ("" if quota is None else f" quota={quota:g}")
        self.check(share, answer["usable_cores"])
        one = min(os.sched_getaffinity(0))
        self.check(share.replace(f"cores={CORES}", "cores=1"), 1,
                   preexec_fn=lambda: os.sched_setaffinity(0, {one}))

    def test_a_quota_counts_rounded_up(self):
        with Group() as group:
            self.check(f"cores={CORES} quota=0.4", 1, preexec_fn=group.enter)


if __name__ == "__main__":
    unittest.main()
