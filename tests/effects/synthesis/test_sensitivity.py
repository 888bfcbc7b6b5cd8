from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from effects.synthesis.answers import Answer, PooledAnswer, Unanswered
from effects.synthesis.marginal import mean_only
from effects.synthesis.random_effects import random_effects
from effects.synthesis.sensitivity import (
    MOST_SUBSETS,
    PriorSensitivity,
    SilentPilots,
    cumulative,
    leave_one_out,
    pooling,
    prior_sensitivity,
    silent_pilots,
)
from effects.synthesis.studies import Studies
from tests.effects.synthesis.bcg import trials

THREE = Studies(("a", "b", "c"), (0.2, 0.9, -0.1), (0.04, 0.09, 0.04), dates=("2021", "2019-05", "2020"))


def mean_of(found: object) -> float:
    assert isinstance(found, Answer | PooledAnswer)
    return found.estimate


def test_without_a_scale_the_pooling_model_says_what_it_needs() -> None:
    for found in (pooling(THREE, None, 0.95), prior_sensitivity(THREE, None, 0.95)):
        assert isinstance(found, Unanswered)
        assert "minimal important" in str(found.detail)
        assert "unit of yi" in str(found.needs)


def test_half_and_double_scale_stand_beside_the_stated_one() -> None:
    found = prior_sensitivity(THREE, 0.3, 0.95)
    assert isinstance(found, PriorSensitivity)
    scales = [one.scale for one in (found.half, found.stated, found.double) if isinstance(one, PooledAnswer)]
    assert scales == [0.15, 0.3, 0.6]
    assert found.stated == pooling(THREE, 0.3, 0.95)


@pytest.mark.parametrize(("estimate", "differs"), [(0.0, False), (0.5, True), (5.0, False)])
def test_it_is_said_whether_the_scales_disagree_about_zero(estimate: float, differs: bool) -> None:
    found = prior_sensitivity(Studies(("a", "b"), (estimate, estimate), (0.04, 0.04)), 0.3, 0.95)
    assert isinstance(found, PriorSensitivity)
    assert found.differs is differs


def test_each_study_is_left_out_in_turn() -> None:
    studies = trials()
    found = leave_one_out(studies, 0.3, 0.95)
    assert isinstance(found, tuple)
    assert [one.study for one in found] == list(studies.names)
    assert {one.studies for one in found} == {12}
    fourth = mean_only(np.delete(studies.y, 3), np.delete(studies.v, 3))
    assert found[3].reml_hartung_knapp == random_effects(fourth, 0.95).reml_hartung_knapp


def test_without_one_of_two_the_other_stands_alone_and_it_is_said() -> None:
    found = leave_one_out(THREE.some([0, 1]), 0.3, 0.95)
    assert isinstance(found, tuple)
    assert isinstance(found[0].reml_hartung_knapp, Unanswered)
    assert mean_of(found[0].pooling) == pytest.approx(0.9)


def test_without_the_only_study_there_is_nothing() -> None:
    found = leave_one_out(THREE.some([0]), 0.3, 0.95)
    assert isinstance(found, Unanswered)
    assert "only study" in str(found.detail)


def test_studies_come_in_by_date() -> None:
    found = cumulative(THREE, 0.3, 0.95)
    assert isinstance(found, tuple)
    assert [(one.study, one.date, one.studies) for one in found] == [
        ("b", "2019-05", 1),
        ("c", "2020", 2),
        ("a", "2021", 3),
    ]
    assert mean_of(found[0].pooling) == pytest.approx(0.9)
    assert mean_of(found[-1].pooling) == pytest.approx(mean_of(pooling(THREE, 0.3, 0.95)))


def test_studies_of_one_date_come_in_as_they_stand() -> None:
    same = Studies(("b", "a"), (0.1, 0.2), (0.1, 0.1), dates=("2020", "2020"))
    found = cumulative(same, None, 0.95)
    assert isinstance(found, tuple)
    assert [one.study for one in found] == ["b", "a"]


def test_that_a_scale_is_missing_is_not_said_again_with_every_study() -> None:
    for found in (leave_one_out(THREE, None, 0.95), cumulative(THREE, None, 0.95)):
        assert isinstance(found, tuple)
        assert {one.pooling for one in found} == {None}
        assert all(isinstance(one.reml_hartung_knapp, Answer) for one in found[-1:])


def test_without_dates_nothing_accumulates() -> None:
    found = cumulative(Studies(("a",), (0.1,), (0.1,)), 0.3, 0.95)
    assert isinstance(found, Unanswered)
    assert "date" in str(found.needs)


def test_very_many_syntheses_are_not_made() -> None:
    count = MOST_SUBSETS + 1
    many = Studies(tuple(str(one) for one in range(count)), (0.1,) * count, (0.1,) * count, dates=("2020",) * count)
    for found in (leave_one_out(many, None, 0.95), cumulative(many, None, 0.95)):
        assert isinstance(found, Unanswered)
        assert str(count) in str(found.detail)


def test_silence_that_is_not_stated_is_unknown_and_none_is_no_bias() -> None:
    assert isinstance(silent_pilots(THREE, None, 0.95), Unanswered)
    found = silent_pilots(THREE, 0, 0.95)
    assert isinstance(found, SilentPilots)
    assert found.bias == 0.0


def test_the_bound_on_silent_studies_is_reached_by_the_worst_selection() -> None:
    """Of very many equal studies the highest three in four are reported: the bound is how far their mean moves."""
    random = np.random.Generator(np.random.PCG64(29))
    everyone = np.sort(random.normal(0.0, 1.0, 400_000))
    reported = everyone[100_000:]
    some = Studies(("a", "b", "c"), (0.0, 1.0, -1.0), (1.0, 1.0, 1.0))
    found = silent_pilots(some, 1, 0.95)
    assert isinstance(found, SilentPilots)
    assert found.bias == pytest.approx(float(np.mean(reported)), abs=0.005)


def test_the_more_silent_studies_the_wider_the_bound() -> None:
    found = [silent_pilots(trials(), silent, 0.95) for silent in (0, 1, 5, 20, 200)]
    bounds = [one for one in found if isinstance(one, SilentPilots)]
    assert [one.bias for one in bounds] == sorted(one.bias for one in bounds)
    assert [one.excludes_zero for one in bounds] == [True, True, True, False, False]
    assert all("precise" in str(one.assumption) for one in bounds)


def test_the_bound_widens_the_interval_by_hartung_and_knapp() -> None:
    found = silent_pilots(trials(), 5, 0.95)
    mean = random_effects(mean_only(trials().y, trials().v), 0.95).reml_hartung_knapp
    assert isinstance(found, SilentPilots) and isinstance(mean, Answer)
    assert found.interval.low == pytest.approx(mean.interval.low - found.bias)
    assert found.interval.high == pytest.approx(mean.interval.high + found.bias)


def test_one_study_has_no_bound_and_the_reason() -> None:
    assert isinstance(silent_pilots(THREE.some([0]), 2, 0.95), Unanswered)


def test_the_reference_folder_agrees_with_the_published_counts(reference: Path) -> None:
    rows = (reference / "dat_bcg_es.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [float(row.rsplit(",", 2)[1]) for row in rows] == pytest.approx(list(trials().estimates))


def test_the_last_step_and_the_whole_are_one() -> None:
    found = cumulative(trials(), 0.15, 0.95)
    assert isinstance(found, tuple)
    assert [one.studies for one in found] == list(range(1, 14))
    assert [one.date for one in found] == sorted(str(one.date) for one in found)
    assert mean_of(found[-1].pooling) == pytest.approx(mean_of(pooling(trials(), 0.15, 0.95)))
    assert mean_of(found[-1].reml_hartung_knapp) == pytest.approx(-0.7145323422)


def test_leaving_out_the_odd_one_leaves_no_heterogeneity() -> None:
    odd = Studies(("a", "b", "c", "odd"), (0.5, 0.5, 0.5, 4.0), (0.01,) * 4)
    found = leave_one_out(odd, 0.3, 0.95)
    assert isinstance(found, tuple)
    kept = [one.reml_hartung_knapp.tau2 for one in found if isinstance(one.reml_hartung_knapp, Answer)]
    assert kept[3] == 0.0 and min(float(one or 0.0) for one in kept[:3]) > 1.0


@pytest.mark.parametrize("silent", [1, 3, 10])
def test_unequal_precision_lets_silence_move_the_mean_less_than_its_own_error_could(silent: int) -> None:
    """The bound is the pull times the mean of the errors, each weighted by its precision."""
    studies = Studies(("a", "b", "c"), (0.5, 0.5, 0.5), (0.01, 0.04, 0.25))
    found = silent_pilots(studies, silent, 0.95)
    share = 3.0 / (3.0 + silent)
    assert isinstance(found, SilentPilots)
    mean_error = (10.0 + 5.0 + 2.0) / (100.0 + 25.0 + 4.0)
    assert found.bias == pytest.approx(norm.pdf(norm.ppf(share)) / share * mean_error, rel=1e-9)
    assert (found.reported, found.silent) == (3, silent)
