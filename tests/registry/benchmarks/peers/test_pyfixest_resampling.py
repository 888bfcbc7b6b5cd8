"""pyfixest resamples the first indicator, or it is said that it is missing."""

from pathlib import Path

import pytest

from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.running import measure
from tests.registry.benchmarks.peers_story import measured_or_missing


@pytest.mark.parametrize("function", ["bootstrapped", "permuted_arms"])
def test_one_indicator_is_counted_where_it_is_installed(function: str, tmp_path: Path) -> None:
    outcome = measure(f"registry.benchmarks.peers.pyfixest_resampling:{function}", Task(folder=str(tmp_path), draws=99))
    assert measured_or_missing(outcome, "pyfixest")
    if isinstance(outcome, Reading):
        assert outcome.count == 1
