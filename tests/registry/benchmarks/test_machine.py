"""What a figure was measured on."""

import platform
from pathlib import Path

from registry.benchmarks import machine
from registry.benchmarks.machine import this_machine


def test_the_machine_is_described_without_its_name() -> None:
    found = this_machine()
    assert found.processor and found.cores >= 1 and found.memory_gb >= 1
    assert found.python == platform.python_version()
    assert platform.node() not in (found.processor, found.system)


def test_versions_are_of_what_is_installed() -> None:
    versions = this_machine().versions
    assert {"virkning", "numpy", "duckdb"} <= set(versions)
    assert set(versions) <= set(machine.PACKAGES)


def test_without_the_kernels_description_the_architecture_must_do(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor: 0\nmodel name\t: Model 1\n", encoding="utf-8")
    assert machine._processor(tmp_path / "cpuinfo") == "Model 1"
    assert machine._processor(tmp_path / "none") == platform.machine()
