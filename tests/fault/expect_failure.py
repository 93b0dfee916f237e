"""Runs a command and succeeds when that fails by itself, within its time."""

import subprocess
import sys

code = subprocess.run(sys.argv[1:], capture_output=True, timeout=50).returncode
print(f"exit code {code}")
sys.exit(1 if code == 0 else 0)
