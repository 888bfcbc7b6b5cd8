"""The measured page is the list as a signed-in person gets it."""

from pathlib import Path

from registry.benchmarks.ours.pages import listed
from registry.benchmarks.pilot_list import generate
from registry.benchmarks.readings import Task


def test_the_service_answers_with_the_whole_page(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), requests=3, database=f"sqlite:///{tmp_path / 'benchmark.sqlite'}")
    generate(task)
    reading = listed(task)
    assert reading.count == 3
    assert reading.answer["bytes"] > 10_000
