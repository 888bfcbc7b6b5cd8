"""What a measured process hands back."""

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from registry.benchmarks.readings import Absent, Meter, Outcome, Reading, Task, cpu_of, own_cpu, peak_of

BUSY = "import time\nwhile time.process_time() < 0.1: pass\n"
"""Work until the clock has ticked, however quick the machine."""


def test_a_meter_counts_its_block_and_not_what_came_before() -> None:
    sum(range(3_000_000))
    with Meter() as meter:
        time.sleep(0.05)
    assert meter.cpu < meter.wall
    assert meter.wall >= 0.05


def test_a_meter_counts_children_that_ended() -> None:
    before = own_cpu()
    with Meter() as meter:
        subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert 0.0 < meter.cpu <= own_cpu() - before


def test_a_reading_holds_the_count_the_answer_and_the_peak() -> None:
    with Meter() as meter:
        pass
    reading = meter.reading(7, {"estimate": 0.5})
    assert (reading.count, reading.answer) == (7, {"estimate": 0.5})
    assert reading.peak >= 10_000_000


def test_another_process_can_be_read() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY + "input()"], stdin=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while cpu_of(process.pid) < 0.05 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert cpu_of(process.pid) >= 0.05
        assert peak_of(process.pid) > 1_000_000
        process.communicate(b"\n")


def test_the_peak_of_a_small_child_is_not_that_of_its_parent() -> None:
    probe = "import os; from registry.benchmarks.readings import peak_of; print(peak_of(os.getpid()))"
    large = bytearray(150_000_000)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert peak_of(os.getpid()) > len(large) > int(done.stdout)


def test_a_process_that_is_gone_cannot_be_read() -> None:
    with pytest.raises(FileNotFoundError):
        cpu_of(2**22 + 1)


def test_readings_and_reasons_come_back_from_their_bytes() -> None:
    outcomes: list[Outcome] = [Reading(1.0, 2.0, 3), Absent("it is not installed")]
    assert msgspec.json.decode(msgspec.json.encode(outcomes), type=list[Outcome]) == outcomes


def test_generated_files_lie_in_the_folder_of_the_task(tmp_path: Path) -> None:
    assert Task(folder=str(tmp_path)).path("panel.parquet") == tmp_path / "panel.parquet"
