"""The list of benchmarks is complete and consistent, whoever is installed."""

import ast
from pathlib import Path

import pytest

from registry.benchmarks.child import REMEDY
from registry.benchmarks.contests import BENCHMARKS, Benchmark
from registry.benchmarks.readings import Absent
from registry.benchmarks.targets import Found, judged
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
