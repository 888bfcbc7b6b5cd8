import csv
import io
from statistics import fmean

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


def test_each_true_effect_can_be_found_again(rows: list[dict[str, str]], seed: SimulationSeed) -> None:
    """Each municipality's treated months against its untreated ones, which leaves its own level out."""
    for outcome in seed.outcomes:
        gaps = []
        for code in CODES:
            own = [row for row in rows if row["municipality"] == code]
            arms = {arm: [float(row[outcome.column]) for row in own if row["treated"] == arm] for arm in "01"}
            gaps.append(fmean(arms["1"]) - fmean(arms["0"]))
        assert fmean(gaps) == pytest.approx(outcome.effect, abs=0.4 * outcome.scale), outcome.column


def test_another_seed_draws_other_rows_of_the_same_places(seed: SimulationSeed) -> None:
    one, other = (simulated_csv(replace(seed, seed=number), CODES[:14]).decode() for number in (1, 2))
    assert one != other
    placed = [[line.split(",")[:2] for line in text.splitlines()] for text in (one, other)]
    assert placed[0] == placed[1]
