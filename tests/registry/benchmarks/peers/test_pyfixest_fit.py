"""pyfixest measures the panel, or it is said that it is missing."""

from pathlib import Path

import pytest

from registry.benchmarks.ours.effects import fitted_in_full
from registry.benchmarks.panels import generate
from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.running import measure
from tests.registry.benchmarks.peers_story import measured_or_missing


@pytest.mark.parametrize("function", ["by_default", "tight"])
def test_it_agrees_with_the_obvious_fit_where_it_is_installed(function: str, tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=2_000)
    generate(task)
    outcome = measure(f"registry.benchmarks.peers.pyfixest_fit:{function}", task)
    assert measured_or_missing(outcome, "pyfixest")
    if isinstance(outcome, Reading):
        assert outcome.answer == pytest.approx(fitted_in_full(task).answer, rel=1e-6)
