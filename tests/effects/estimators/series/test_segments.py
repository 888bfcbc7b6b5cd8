import numpy as np
import pytest

from effects.codes import Change
from effects.estimators.series.points import Points, read_points
from effects.estimators.series.segments import Segments, segmented
from effects.planning.sections import Model
from tests.effects.estimators.series.made import ALONE, CONTROLLED, asked, monthly, paired, plan_of

MONTHS = np.arange(1.0, 49.0)


def points(*, controlled: bool = False, covariates: tuple[str, ...] = ()) -> Points:
    keys = {"covariates": list(covariates)} if covariates else {}
    plan = plan_of(CONTROLLED if controlled else ALONE, keys=keys)
    frame = (paired() if controlled else monthly()).assign(x=lambda own: own["month"] % 5)
    found = read_points(asked(frame, plan), controlled=controlled)
    assert isinstance(found, Points)
    return found


def column(segments: Segments, name: str) -> list[float]:
    values: list[float] = segments.design[:, segments.names.index(name)].tolist()
    return values


def test_a_segmented_line_has_level_trend_jump_and_bend() -> None:
    found = segmented(points(), Model())
    assert found.names == ("intercept", "trend", "level", "slope")
    assert found.changes == {Change.LEVEL: 2, Change.SLOPE: 3}
    assert column(found, "trend") == (MONTHS - 25).tolist()
    assert column(found, "level") == (MONTHS >= 25).astype(float).tolist()
    assert column(found, "slope") == np.maximum(MONTHS - 25, 0.0).tolist()


@pytest.mark.parametrize(("change", "names"), [(Change.LEVEL, ("level",)), (Change.SLOPE, ("slope",))])
def test_only_the_changes_that_are_asked_for_enter(change: Change, names: tuple[str, ...]) -> None:
    found = segmented(points(), Model(change=(change,)))
    assert found.names == ("intercept", "trend", *names)
    assert found.changes == {change: 2}


def test_changes_come_in_the_order_of_the_plan() -> None:
    found = segmented(points(), Model(change=(Change.SLOPE, Change.LEVEL)))
    assert list(found.changes) == [Change.SLOPE, Change.LEVEL]
    assert column(found, "level") == (MONTHS >= 25).astype(float).tolist()


def test_harmonics_are_pairs_of_waves_of_the_season() -> None:
    found = segmented(points(), Model(harmonics=2, period_length=12))
    assert found.names[4:] == ("sine 1", "cosine 1", "sine 2", "cosine 2")
    for number in (1, 2):
        wave = np.array(column(found, f"sine {number}"))
        assert wave[12:] == pytest.approx(wave[:-12], abs=1e-12)
        assert np.sum(wave**2) == pytest.approx(24.0)


def test_the_last_harmonic_of_an_even_season_has_no_sine() -> None:
    found = segmented(points(), Model(harmonics=2, period_length=4))
    assert found.names[4:] == ("sine 1", "cosine 1", "cosine 2")
    assert np.linalg.matrix_rank(found.design) == 7


def test_covariates_stand_last_under_their_own_names() -> None:
    found = segmented(points(covariates=("x",)), Model())
    assert found.names[-1] == "covariate x"
    assert column(found, "covariate x") == (MONTHS % 5).tolist()


def test_with_a_control_everything_but_covariates_may_differ_between_the_groups() -> None:
    own = points(controlled=True, covariates=("x",))
    found = segmented(own, Model(harmonics=1, period_length=12), interacted=True)
    base = ("intercept", "trend", "level", "slope", "sine 1", "cosine 1")
    assert found.names == (*base, *(f"{name} x group" for name in base), "covariate x")
    assert found.changes == {Change.LEVEL: 8, Change.SLOPE: 9}
    assert np.linalg.matrix_rank(found.design) == 13
    assert column(found, "level x group")[:48] == [0.0] * 48


def test_a_covariate_that_is_called_like_a_column_is_not_mistaken_for_it() -> None:
    plan = plan_of(keys={"covariates": ["level"]})
    own = read_points(asked(monthly().assign(level=lambda frame: frame["month"] % 3), plan), controlled=False)
    assert isinstance(own, Points)
    found = segmented(own, Model())
    assert found.names == ("intercept", "trend", "level", "slope", "covariate level")
