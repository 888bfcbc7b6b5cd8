import csv
import io

import numpy as np
import pytest
from msgspec.structs import replace

from registry.seeding import files
from registry.seeding.files import SimulationSeed
from registry.seeding.rows import simulated_csv

CODES = [f"{number:04d}" for number in range(101, 199)]


@pytest.fixture(scope="module")
def seed() -> SimulationSeed:
    found = files.programme().pilot[0].simulation
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rows(seed: SimulationSeed) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(simulated_csv(seed, CODES).decode())))


def test_there_is_a_row_for_each_municipality_and_month(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 98 * 24
    assert {row["municipality"] for row in rows} == set(CODES), "codes keep their zero"
    assert len({row["month"] for row in rows}) == 24


def test_six_indicators_are_drawn_within_what_they_can_be(rows: list[dict[str, str]], seed: SimulationSeed) -> None:
    columns = [outcome.column for outcome in seed.outcomes]
    assert len(columns) == 6
    assert all(float(row[column]) >= 0 for row in rows for column in columns)
    shares = ("self_reliance_share", "planned_visits_kept", "non_digital_reached")
    assert all(float(row[column]) <= 100 for row in rows for column in shares)


def test_every_municipality_begins_and_stays(rows: list[dict[str, str]]) -> None:
    for code in CODES:
        states = [row["treated"] for row in rows if row["municipality"] == code]
        assert states == sorted(states)
        assert {states[0], states[-1]} == {"0", "1"}


def test_the_same_seed_gives_the_same_bytes(seed: SimulationSeed) -> None:
    assert simulated_csv(seed, CODES[:14]) == simulated_csv(seed, CODES[:14])


def two_ways(rows: list[dict[str, str]], column: str) -> np.ndarray:
    """The column by municipality and month, less the means of both."""
    table = np.array([float(row[column]) for row in rows]).reshape(len(CODES), -1)
    centred: np.ndarray = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return centred


def test_each_true_effect_can_be_found_again(rows: list[dict[str, str]], seed: SimulationSeed) -> None:
    """Fixed effects of a balanced panel by hand; a cell varies by one scale, so that the error is about 0.06 of it."""
    treated = two_ways(rows, "treated")
    for outcome in seed.outcomes:
        found = float(np.sum(treated * two_ways(rows, outcome.column)) / np.sum(treated**2))
        assert found == pytest.approx(outcome.effect, abs=0.25 * outcome.scale), outcome.column


def test_another_seed_draws_other_rows_of_the_same_places(seed: SimulationSeed) -> None:
    one, other = (simulated_csv(replace(seed, seed=number), CODES[:14]).decode() for number in (1, 2))
    assert one != other
    placed = [[line.split(",")[:2] for line in text.splitlines()] for text in (one, other)]
    assert placed[0] == placed[1]
