from itertools import combinations
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from effects.codes import Estimator
from effects.estimators.synthetic.panel import Panel
from effects.estimators.synthetic.placebos import MOST_DRAWS, MOST_WORK, actual, answer, choose, contrasts, rank_p
from tests.effects.estimators.synthetic.panels import prisons_matrix, walk

Array = NDArray[np.float64]
DID = Estimator.DID


def panel_of(outcomes: Array, before: int, treated: int = 1) -> Panel:
    labels = tuple(str(place) for place in range(len(outcomes)))
    return Panel(outcomes, len(outcomes) - treated, before, labels, 1.0, ())


@pytest.mark.parametrize(("donors", "treated"), [(2, 1), (38, 1), (97, 1), (6, 2), (8, 3)])
def test_all_sets_of_donors_are_gone_through_where_they_are_few(donors: int, treated: int) -> None:
    found = choose(donors, treated, 10, seed=0)
    assert found.everything
    assert found.members.tolist() == [list(chosen) for chosen in combinations(range(donors), treated)]


def test_many_sets_are_drawn_by_a_stated_seed() -> None:
    found, again, other = (choose(30, 6, 10, seed) for seed in (1, 1, 2))
    assert not found.everything
    assert len(found.members) == MOST_DRAWS < comb(30, 6)
    assert found.members.tolist() == again.members.tolist()
    assert found.members.tolist() != other.members.tolist()
    assert all(len(set(members)) == 6 for members in found.members.tolist())


def test_more_donors_than_seconds_allow_are_drawn_without_repetition() -> None:
    found = choose(400, 1, 10, seed=5)
    assert not found.everything
    assert len({members[0] for members in found.members.tolist()}) == len(found.members) == MOST_WORK // 400


def test_at_least_twenty_placebos_are_drawn_from_the_largest_panel() -> None:
    assert len(choose(999, 1, 999, seed=0).members) == 20


def test_a_placebo_compares_its_donors_with_the_other_donors_alone() -> None:
    panel = panel_of(walk(units=6, periods=8, seed=1), 5)
    found = contrasts(panel, choose(5, 1, 5, seed=0))
    for place in range(5):
        assert np.flatnonzero(found.treated[place]).tolist() == [place]
        assert np.flatnonzero(found.controls[place]).tolist() == [unit for unit in range(5) if unit != place]


def test_the_actual_comparison_is_all_donors_against_the_treated() -> None:
    real = actual(panel_of(walk(units=6, periods=8, seed=1), 5, treated=2))
    assert real.controls.tolist() == [[True] * 4 + [False] * 2]
    assert real.treated.tolist() == [[False] * 4 + [True] * 2]


def test_the_error_is_the_spread_of_the_placebo_effects() -> None:
    outcomes = walk(units=7, periods=8, seed=2)
    found = answer(panel_of(outcomes, 5), choose(6, 1, 5, seed=0), DID)
    change = outcomes[:6, 5:].mean(axis=1) - outcomes[:6, :5].mean(axis=1)
    effects = [change[place] - np.delete(change, place).mean() for place in range(6)]
    assert found.placebos.effects == pytest.approx(effects)
    assert found.standard_error == pytest.approx(np.std(effects, ddof=1))


def test_several_treated_units_are_judged_by_as_many_donors() -> None:
    outcomes = walk(units=8, periods=8, seed=3)
    found = answer(panel_of(outcomes, 5, treated=2), choose(6, 2, 5, seed=0), DID)
    change = outcomes[:, 5:].mean(axis=1) - outcomes[:, :5].mean(axis=1)
    assert found.estimate == pytest.approx(change[6:].mean() - change[:6].mean())
    pairs = [change[list(pair)].mean() - np.delete(change[:6], pair).mean() for pair in combinations(range(6), 2)]
    assert found.placebos.effects == pytest.approx(pairs)


def test_a_placebo_keeps_the_ridge_and_begins_at_the_weights_of_the_actual_comparison() -> None:
    found = answer(panel_of(prisons_matrix() / 1000.0, 8), choose(50, 1, 8, seed=0), Estimator.SYNTHETIC_DID)
    # placebo_se of R's synthdid 0.0.9 does both; the reference case in `test_answers` tells it from fresh fits.
    assert found.estimate == pytest.approx(19.47864651976959, rel=1e-9)
    assert found.standard_error == pytest.approx(1.337762099658, rel=1e-8)


@pytest.mark.parametrize(
    ("effect", "placebos", "expected"),
    [
        (3.0, [1.0, -2.0, 0.5], 1 / 4),
        (-3.0, [1.0, 2.0, 0.5], 1 / 4),
        (1.5, [1.0, -2.0, 0.5], 2 / 4),
        (0.0, [1.0, -2.0, 0.5], 1.0),
        (2.0, [2.0, -2.0, 0.5], 3 / 4),
    ],
)
def test_the_rank_counts_the_effect_itself_and_ties(effect: float, placebos: list[float], expected: float) -> None:
    assert rank_p(effect, np.array(placebos)) == expected


def test_under_the_null_every_rank_is_as_likely_as_any_other() -> None:
    random = np.random.Generator(np.random.PCG64(9))
    ranks = []
    for _ in range(400):
        found = answer(panel_of(random.normal(size=(10, 6)), 3), choose(9, 1, 3, seed=0), DID)
        ranks.append(round(found.p_value * 10))
    # Ten ranks, 40 expected of each: chi-square with 9 degrees of freedom is above 27.9 once in a thousand runs.
    counts = np.bincount(ranks, minlength=11)[1:]
    assert np.sum((counts - 40.0) ** 2 / 40.0) < 27.9
