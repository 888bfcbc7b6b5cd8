"""What a figure was measured on."""

import os
import platform
import re
import tomllib
from pathlib import Path

import numpy

from registry.benchmarks import machine
from registry.benchmarks.machine import this_machine
from tests.house.source import HOUSE


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


def test_a_package_that_is_not_here_has_no_version() -> None:
    assert machine._version("a-package-of-that-name-there-is-not") is None
    assert machine._version("numpy") == numpy.__version__


def test_whatever_is_measured_against_is_told_with_its_version() -> None:
    extra = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"][
        "benchmark"
    ]
    assert {re.split(r"[^a-z]", one)[0] for one in extra} <= set(machine.PACKAGES)
    assert len(set(machine.PACKAGES)) == len(machine.PACKAGES)


def test_the_cores_are_those_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert this_machine().cores == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_description_without_a_model_is_none(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor: 0\nmodel\t: 85\n", encoding="utf-8")
    assert machine._processor(tmp_path / "cpuinfo") == platform.machine()


def test_of_several_processors_the_first_is_named(tmp_path: Path) -> None:
    described = "\n\n".join(f"processor: {place}\nmodel name\t: Model {place}  " for place in range(2))
    (tmp_path / "cpuinfo").write_text(described, encoding="utf-8")
    assert machine._processor(tmp_path / "cpuinfo") == "Model 0"
