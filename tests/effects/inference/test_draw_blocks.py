"""Blocks of draws, and every function that draws: whoever does the blocks, the answer is the same."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstest

from effects.codes import BootstrapWeights
from effects.inference import draw_blocks
from effects.inference.assignment import random_assignments
from effects.inference.draw_blocks import BLOCK, Block, blocks, even_blocks, in_blocks
from effects.inference.wild_bootstrap import multipliers, wild_bootstrap
from effects.spread import in_order, spreading
from tests.effects.elsewhere import Elsewhere, elsewhere
from tests.effects.inference.resamplers import (
    AT_RANDOM,
    ENUMERATED,
    RADEMACHER,
    SEED,
    WEBB,
    Drawn,
    arms,
    scores,
)

BEFORE = {
    "wild bootstrap, signs": [0.066, 0.266, 0.042],
    "wild bootstrap, Webb": [0.16, 0.475, 0.206],
    "permutation of arms": [0.035, 0.044],
    "permutation of sequences": [0.695, 0.553],
    "Westfall-Young": [0.372, 0.088, 0.057, 0.022],
    "Romano-Wolf": [0.064, 0.31],
    "band": [1.5545505886787638, 2.552004829951864],
}
"""What 999 draws gave before draws came in blocks (revision 06b4fdc)."""
ALL_BEFORE = {
    "wild bootstrap": [0.26171875, 0.0048828125, 0.7001953125],
    "permutation of arms": [0.12121212121212122, 0.49134199134199136],
    "permutation of sequences": [0.594047619047619, 0.7863095238095238],
    "Westfall-Young": [0.6233766233766234, 0.7337662337662337, 0.525974025974026, 0.7337662337662337],
    "Romano-Wolf": [0.234375, 0.076171875],
}
"""What all possible draws gave then."""


@pytest.fixture(scope="module")
def away() -> Iterator[Elsewhere]:
    with elsewhere() as place:
        yield place


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of forty microseconds."""
    monkeypatch.setattr(draw_blocks, "BLOCK", 40_000)


# ---- how draws are cut -----------------------------------------------------------------------------------------------


@given(st.integers(1, 10**8), st.integers(1, 10**5))
def test_blocks_follow_each_other_and_are_as_equal_as_can_be(draws: int, cost: int) -> None:
    found = blocks(draws, cost)
    assert [block.number for block in found] == list(range(len(found)))
    assert (found[0].start, found[-1].stop) == (0, draws)
    assert all(one.stop == other.start for one, other in pairwise(found))
    sizes = {block.draws for block in found}
    assert min(sizes) > 0 and max(sizes) - min(sizes) <= 1


@given(st.integers(1, 10**8), st.integers(1, 10**5))
def test_a_block_costs_a_second_or_two_unless_everything_costs_less(draws: int, cost: int) -> None:
    found = blocks(draws, cost)
    if len(found) > 1:
        assert all((block.draws + 1) * cost >= BLOCK for block in found)
    assert all((block.draws - 1) * cost < 2 * BLOCK for block in found)


@pytest.mark.parametrize(("seconds", "number"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (7, 4), (8, 8), (39, 36)])
def test_two_and_four_places_share_blocks_evenly(seconds: int, number: int) -> None:
    assert len(blocks(1_000 * seconds + 1, BLOCK // 1_000)) == number


def test_draws_of_the_usual_number_are_one_block() -> None:
    assert blocks(9_999, 98 * 40) == (Block(0, 0, 9_999),)


# ---- their places in the stream --------------------------------------------------------------------------------------


def numbers(number: int, seed: int = SEED, size: int = 4_000) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(Block(number, 0, size).seed(seed))).random(size)


def test_the_first_block_draws_what_a_run_that_is_not_cut_draws() -> None:
    assert np.array_equal(numbers(0), np.random.Generator(np.random.PCG64(SEED)).random(4_000))


def test_where_a_block_begins_does_not_depend_on_how_many_draws_come_before() -> None:
    sizes = [Block(3, start, start + 7).seed(SEED).generate_state(4).tolist() for start in (21, 300_000)]
    assert sizes[0] == sizes[1]


def test_the_other_blocks_are_the_children_that_numpy_spawns() -> None:
    spawned = np.random.SeedSequence(SEED).spawn(5)
    assert Block(4, 0, 1).seed(SEED).generate_state(4).tolist() == spawned[4].generate_state(4).tolist()


def test_streams_of_blocks_are_uniform_and_have_nothing_to_do_with_each_other() -> None:
    """Of 6 + 15 + 15 tests at 1 in a thousand none should fail, and at this seed none does."""
    found = [numbers(number) for number in range(6)]
    assert all(kstest(one, "uniform").pvalue > 0.001 for one in found)
    together = np.corrcoef(found)
    pairs = [(i, j) for i in range(6) for j in range(i)]
    assert all(ks_2samp(found[i], found[j]).pvalue > 0.001 for i, j in pairs)
    assert max(abs(together[i, j]) for i, j in pairs) < 3.3 / np.sqrt(4_000)
    assert len(np.unique(np.concatenate(found))) == 6 * 4_000


def test_another_seed_has_other_blocks() -> None:
    assert not np.intersect1d(numbers(2, seed=1), numbers(2, seed=2)).size
    assert not np.intersect1d(numbers(2, seed=1), numbers(1, seed=2)).size


@pytest.mark.parametrize("kind", [RADEMACHER, WEBB])
def test_multipliers_of_every_block_have_mean_nothing_and_variance_one(kind: BootstrapWeights) -> None:
    for block in (Block(number, 0, 20_000) for number in range(3)):
        drawn = np.concatenate(list(multipliers(kind, 8, block.draws, block.seed(SEED))))
        assert drawn.shape == (20_000, 8)
        assert np.all(np.abs(drawn.mean(axis=0)) < 4 / np.sqrt(20_000))
        assert np.all(np.abs((drawn**2).mean(axis=0) - 1.0) < 4 / np.sqrt(20_000))


def test_assignments_of_every_block_are_shuffled_evenly() -> None:
    for block in (Block(number, 0, 3_000) for number in range(3)):
        drawn = np.concatenate(list(random_assignments(arms(6), block.draws, block.seed(SEED))))
        _, times = np.unique(drawn, axis=0, return_counts=True)
        assert len(times) == 20
        assert np.max(np.abs(times - 150)) < 4 * np.sqrt(150)


# ---- the same answer, whoever does the blocks ------------------------------------------------------------------------


def told(_shared: None, block: Block) -> tuple[int, dict[str, str]]:
    """The block, and what its place does about numbers that are none."""
    return block.number, dict(np.geterr())


def test_wherever_several_are_done_nothing_is_said_of_what_is_not_a_number(away: Elsewhere) -> None:
    silent = dict.fromkeys(("divide", "over", "under", "invalid"), "ignore")
    cut = even_blocks(3, 3)
    here = in_blocks(told, None, cut)
    with spreading(away):
        assert in_blocks(told, None, cut) == here == [(number, silent) for number in range(3)]


def test_one_block_is_done_as_its_caller_does_everything_else(away: Elsewhere) -> None:
    before = len(away.given)
    with spreading(away), np.errstate(all="raise"):
        ((_, said),) = in_blocks(told, None, blocks(1, 1))
    assert set(said.values()) == {"raise"}
    assert len(away.given) == before


@pytest.mark.parametrize("name", AT_RANDOM)
def test_one_block_draws_what_was_drawn_before_there_were_blocks(name: str) -> None:
    assert AT_RANDOM[name](999).tolist() == pytest.approx(BEFORE[name], rel=1e-12)


@pytest.mark.parametrize("name", ENUMERATED)
def test_one_block_goes_through_all_there_is(name: str) -> None:
    assert ENUMERATED[name](2_100).tolist() == pytest.approx(ALL_BEFORE[name], rel=1e-12)


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("name", ENUMERATED)
def test_several_blocks_go_through_all_there_is(name: str) -> None:
    assert ENUMERATED[name](2_100).tolist() == pytest.approx(ALL_BEFORE[name], rel=1e-12)


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("name", AT_RANDOM)
def test_several_blocks_come_as_near_the_truth_as_one(name: str) -> None:
    """4,999 draws and 999: six errors of the smaller number at its worst; a quantile is off by twice as much."""
    assert AT_RANDOM[name](4_999).tolist() == pytest.approx(BEFORE[name], abs=6 * 0.5 / np.sqrt(999))


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("drawn", [*AT_RANDOM.values(), *ENUMERATED.values()], ids=[*AT_RANDOM, *ENUMERATED])
def test_whoever_does_the_blocks_the_bytes_are_the_same(drawn: Drawn, away: Elsewhere) -> None:
    here = drawn(2_100).tobytes()
    before = len(away.given)
    with spreading(away):
        assert drawn(2_100).tobytes() == here
    assert len(away.given) > before
    assert min(away.given[before:]) > 1


def test_two_million_draws_take_no_more_memory_than_a_piece() -> None:
    """A quarter of the multipliers alone would be 24 MB."""
    tracemalloc.start()
    wild_bootstrap(scores(6, 1), WEBB, 2_000_000, SEED)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 24_000_000


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("name", [name for name in AT_RANDOM if name != "band"])
def test_a_block_answers_with_counts_however_many_its_draws(name: str) -> None:
    """So that draws without number come together in no memory to speak of."""
    answers: list[np.ndarray] = []

    def overheard(function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        answers.extend(found := in_order(function, shared, parts))
        return found

    with spreading(overheard):
        AT_RANDOM[name](2_100)
    assert len(answers) > 1
    assert max(answer.size for answer in answers) <= 8
