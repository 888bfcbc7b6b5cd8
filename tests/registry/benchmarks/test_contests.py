"""The list of benchmarks is complete and consistent, whoever is installed."""

import ast
from pathlib import Path

import pytest

from registry.benchmarks.child import REMEDY
from registry.benchmarks.contests import BENCHMARKS, Benchmark
from registry.benchmarks.readings import Absent, Reading
from registry.benchmarks.targets import Found, judged, summary
from tests.house.source import HOUSE

EVERY = pytest.mark.parametrize("benchmark", BENCHMARKS.values(), ids=list(BENCHMARKS))


def functions_of(module: str) -> set[str]:
    tree = ast.parse((HOUSE / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_benchmarks_are_those_the_command_offers() -> None:
    assert list(BENCHMARKS) == ["ingest", "effects", "resampling", "pages"]


@EVERY
def test_every_call_leads_to_a_function(benchmark: Benchmark) -> None:
    calls = [subject.call for subject in benchmark.subjects] + ([benchmark.generate] if benchmark.generate else [])
    missing = [call for call in calls if call.partition(":")[2] not in functions_of(call.partition(":")[0])]
    assert missing == []


@EVERY
def test_without_any_reading_every_target_is_unknown(benchmark: Benchmark) -> None:
    found: Found = {subject.name: Absent(REMEDY) for subject in benchmark.subjects}
    assert {judged(target, found, full_size=True).verdict for target in benchmark.targets} == {"unknown"}


@EVERY
def test_ours_stand_beside_a_peer(benchmark: Benchmark) -> None:
    homes = {subject.call.split(".")[2] for subject in benchmark.subjects}
    assert homes == {"ours", "peers"}
    assert len({subject.name for subject in benchmark.subjects}) == len(benchmark.subjects)


@pytest.mark.parametrize(
    ("name", "statement", "limit"),
    [
        ("ingest", "CPU seconds for the whole file", "at most 13.00"),
        ("ingest", "peak memory, MB", "at most 512"),
        ("ingest", "times the CPU of ours a row: frictionless", "at least 20.00"),
        ("effects", "times the CPU of ours: pyfixest, rows in memory", "at least 10.00"),
        ("effects", "peak memory on four times the rows, MB", "at most 256"),
        ("effects", "times the CPU of a plain scan: GROUP BY", "at most 2.50"),
        ("effects", "relative difference from the fit of all rows", "at most 1.0e-10"),
        ("resampling", "CPU seconds, bootstrap of 20 indicators", "at most 0.50"),
        ("resampling", "CPU seconds, stepped wedge redrawn for 20 indicators", "at most 0.20"),
        ("pages", "times the CPU of ours: FastAPI and SQLAlchemy, bare", "at least 1.00"),
    ],
)
def test_what_must_be_reached_is_what_was_agreed(name: str, statement: str, limit: str) -> None:
    benchmark = BENCHMARKS[name]
    found: Found = {subject.name: Absent(REMEDY) for subject in benchmark.subjects}
    limits = {one.statement: one.limit for one in (judged(target, found, True) for target in benchmark.targets)}
    assert limits[statement] == limit


@EVERY
def test_every_target_is_reached_or_missed_by_readings_alone(benchmark: Benchmark) -> None:
    """No figure needs anything but the readings, and none divides by what was not measured."""
    for seconds in (0.0, 1.0):
        reading = Reading(seconds, 1.0, 100_000_000, 10, {"estimate": 1.0})
        found = {subject.name: summary(subject.per, [reading]) for subject in benchmark.subjects}
        verdicts = {judged(target, found, full_size=True).verdict for target in benchmark.targets}
        assert verdicts <= {"met", "missed", "told", "unknown"}


@EVERY
def test_peers_are_measured_only_from_modules_of_peers(benchmark: Benchmark) -> None:
    ours = {subject.name for subject in benchmark.subjects if ".ours." in subject.call}
    assert any(name.startswith("virkning") for name in ours)
    assert not any(subject.name.startswith("virkning") for subject in benchmark.subjects if subject.name not in ours)
