"""The bare application as a programme: it names what it lacks, or asks for its arguments."""

import subprocess
import sys


def test_without_arguments_it_ends_and_without_fastapi_too() -> None:
    call = [sys.executable, "-m", "registry.benchmarks.peers.fastapi_app"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No module named 'fastapi'" in done.stderr or "IndexError" in done.stderr
