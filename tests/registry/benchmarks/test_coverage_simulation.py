"""A small version of the simulation: it fails only where the Monte Carlo interval excludes what is promised."""

import pytest

from effects.codes import Design
from effects.inference.shares import wilson
from registry.benchmarks.coverage_cells import CELLS, CR1S, CR2, PERMUTED, Band
from registry.benchmarks.coverage_simulation import (
    PIECE,
    Figures,
    Piece,
    Tally,
    figures,
    simulate,
    tallied,
    verdict,
)
from registry.benchmarks.local import spread_locally

SMALL = 60
PLACES = {cell.name: place for place, cell in enumerate(CELLS)}
WITHOUT_WEDGES = [cell for cell in CELLS if cell.world.design is not Design.STEPPED_WEDGE]


def heard(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def simulated() -> dict[tuple[str, str], Figures]:
    """Few trials of the worlds with few rows, in this process."""
    found = simulate([PLACES[cell.name] for cell in WITHOUT_WEDGES], SMALL, 7, heard)
    return {(one.cell, one.method): one for one in found}


@pytest.mark.parametrize(
    "cell",
    [cell for cell in CELLS if "wedge" not in cell.name and "sequences" not in cell.name],
    ids=lambda one: one.name,
)
def test_the_leading_method_keeps_its_promise(cell: object, simulated: dict[tuple[str, str], Figures]) -> None:
    name, method = cell.name, cell.ways[0]  # type: ignore[attr-defined]
    assert simulated[name, method].verdict in {"met", "met within error", "kept out by a warning"}


def test_a_wedge_keeps_its_promise() -> None:
    cells = [PLACES["wedge, 4 x 2 clusters"], PLACES["sequences drawn again, 4 x 2"]]
    found = simulate(cells, SMALL, 7, heard)
    assert {one.verdict for one in found} <= {"met", "met within error"}


def test_two_treated_clusters_that_vary_more_are_kept_out_of_the_grade(
    simulated: dict[tuple[str, str], Figures],
) -> None:
    told = [one for one in simulated.values() if one.band == Band.WARNED]
    assert {one.warned for one in told} == {1.0}
    misled = simulated["clusters, 2 treated of 20, wider", CR1S]
    assert misled.rejection is not None and misled.rejection > 0.2
    assert misled.verdict == "kept out by a warning"


def test_plain_errors_of_few_clusters_reject_too_often_beside_ours(
    simulated: dict[tuple[str, str], Figures],
) -> None:
    ours, plain = simulated["clusters, 2 + 2", CR2], simulated["clusters, 2 + 2", CR1S]
    assert ours.rejection is not None and plain.rejection is not None
    assert plain.rejection > ours.rejection
    assert plain.width is not None and ours.width is not None and plain.width < ours.width


def test_three_clusters_each_cannot_be_told_apart_by_permutation(
    simulated: dict[tuple[str, str], Figures],
) -> None:
    """Of 20 assignments the smallest two-sided p-value is 0.1."""
    found = simulated["clusters, 3 + 3", PERMUTED]
    assert (found.rejection, found.power, found.width) == (0.0, 0.0, None)


def test_coverage_is_what_is_not_rejected(simulated: dict[tuple[str, str], Figures]) -> None:
    for one in simulated.values():
        assert one.rejection is not None and one.coverage == pytest.approx(1.0 - one.rejection)
        assert one.rejection_interval is not None and one.coverage_interval is not None
        assert one.rejection_interval[0] - 1e-12 <= one.rejection <= one.rejection_interval[1]
        assert one.coverage_interval == pytest.approx((1 - one.rejection_interval[1], 1 - one.rejection_interval[0]))


def test_here_and_in_other_processes_the_same_is_found() -> None:
    cells = [PLACES["people drawn again, 8 + 8"]]
    here = list(simulate(cells, PIECE + 2, 5, heard))
    with spread_locally():
        assert list(simulate(cells, PIECE + 2, 5, heard)) == here


def test_who_listens_hears_of_every_cell_once() -> None:
    said: list[str] = []
    list(simulate([PLACES["people drawn again, 8 + 8"]], PIECE + 1, 5, said.append))
    assert said == [f"people drawn again, 8 + 8: {PIECE + 1} trials"]


def test_a_piece_is_the_same_whoever_tallies_it() -> None:
    piece = Piece(PLACES["clusters drawn again, 5 + 5"], 3, 5)
    assert tallied(11, piece) == tallied(11, piece)
    assert tallied(11, piece)[0].trials == 5


def test_tallies_add() -> None:
    one, other = Tally(3, 1, 1, 2, 1, (0.5, 0.7)), Tally(2, 0, 1, 0, 0, (0.9,))
    assert one + other == Tally(5, 1, 2, 2, 1, (0.5, 0.7, 0.9))


def test_a_method_that_never_answers_is_refused_not_zero() -> None:
    found = figures(CELLS[1], CR2, Tally(10, 10, 0, 0, 10))
    assert (found.coverage, found.rejection, found.width, found.power) == (None, None, None, None)
    assert found.verdict == "refused"
    assert found.warned == 1.0


@pytest.mark.parametrize(
    ("band", "rejected", "trials", "warned", "said"),
    [
        (Band.NOMINAL, 250, 5000, 0.0, "met"),
        (Band.NOMINAL, 360, 5000, 0.0, "met within error"),
        (Band.NOMINAL, 400, 5000, 0.0, "missed"),
        (Band.NOMINAL, 100, 5000, 0.0, "missed"),
        (Band.AT_MOST, 0, 5000, 0.0, "met"),
        (Band.AT_MOST, 500, 5000, 0.0, "missed"),
        (Band.AT_MOST, 500, 5000, 1.0, "kept out by a warning"),
        (Band.EXACT, 260, 5000, 0.0, "met within error"),
        (Band.EXACT, 300, 5000, 0.0, "missed"),
        (Band.WARNED, 100, 5000, 0.5, "missed"),
        (Band.WARNED, 100, 5000, 1.0, "met"),
    ],
)
def test_a_verdict_follows_from_the_interval_and_the_band(
    band: Band, rejected: int, trials: int, warned: float, said: str
) -> None:
    assert verdict(band, rejected / trials, wilson(rejected, trials), warned) == said
