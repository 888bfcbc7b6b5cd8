import numpy as np
import pandas as pd
import pytest
from scipy import stats

from effects.codes import BasePeriod, Control, Estimator, StandardError, Verdict
from effects.estimators.staggered import checking
from effects.estimators.staggered.averages import Found, event_times, found_among
from effects.estimators.staggered.cells import Choices, cell_effects
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.precision import Errors, errors_of
from effects.estimators.staggered.two_way_effect import treated_weights
from effects.linear_model import Obstacle
from effects.results import Diagnostic
from tests.effects.estimators.staggered.adoptions import LATER, NEVER, adoption, castle, panel_from

UNIVERSAL = Choices(Control.NEVER_TREATED, BasePeriod.UNIVERSAL, 0.0)


def ready(frame: pd.DataFrame, *, plainly: bool = False, universal: bool = False) -> tuple[Found, Errors]:
    panel = panel_from(frame)
    kind = StandardError.INFLUENCE if plainly else StandardError.INFLUENCE_SMALL
    errors = errors_of(panel, kind, Estimator.CALLAWAY_SANTANNA)
    return found_among(panel, cell_effects(panel, UNIVERSAL if universal else NEVER)), errors


def trending(slope: float, units: int) -> pd.DataFrame:
    """A panel in which the treated grow faster by so much a period, before treatment too."""
    frame = adoption(units=units)
    return frame.assign(y=frame["y"] + slope * frame["period"] * (frame["start"] > 0))


def pre_trends(frame: pd.DataFrame, anticipation: float = 0.0) -> Diagnostic:
    return checking.pre_trends("y", *ready(frame), anticipation)


def survived(frame: pd.DataFrame, *, plainly: bool = False) -> Diagnostic:
    found, errors = ready(frame, plainly=plainly, universal=True)
    return checking.honest_breakdown("y", found, errors, 0.95)


def test_trends_that_are_alike_pass_and_others_fail() -> None:
    assert pre_trends(adoption()).verdict is Verdict.PASS
    found = pre_trends(trending(1.0, units=120))
    assert found.verdict is Verdict.FAIL
    assert found.p_value is not None
    assert found.p_value < 0.001


def test_the_statistic_is_the_quadratic_form_of_all_times_before_treatment() -> None:
    frame = adoption(cohorts=(3, 5, 0, 0))
    found, errors = ready(frame)
    by_time = event_times(errors.panel, found)
    before = [average for time, average in by_time.items() if time < 0]
    influence = np.array([average.influence(found) for average in before])
    sizes = errors.strata.sizes[errors.strata.stratum]
    spread = (influence * sizes / (sizes - 1)) @ influence.T
    values = np.array([average.estimate for average in before])
    statistic = float(values @ np.linalg.solve(spread, values))
    diagnostic = pre_trends(frame)
    assert diagnostic.statistic == pytest.approx(statistic)
    left = 40 - 3 - 3 + 1
    assert diagnostic.p_value == pytest.approx(stats.f.sf(statistic * left / (37 * 3), 3, left))
    assert diagnostic.detail.params == {"effects": 3, "df": float(left)}


def test_it_says_that_not_to_reject_is_no_proof() -> None:
    assert str(pre_trends(adoption()).detail).endswith("not to reject is no proof")


def test_anticipated_times_are_not_held_against_it() -> None:
    assert pre_trends(adoption(), 1.0).detail.params["effects"] == 2


def test_no_period_before_the_last_one_before_treatment_leaves_nothing_to_test() -> None:
    found = pre_trends(adoption(cohorts=(2, 0, 0)))
    assert (found.verdict, found.statistic, found.p_value) == (Verdict.INAPPLICABLE, None, None)
    assert str(found.detail) == "no effect before treatment to look at"


def test_more_periods_than_clusters_can_tell_leave_nothing_to_test() -> None:
    found = pre_trends(adoption(units=8, periods=14, cohorts=(12, 0)))
    assert found.verdict is Verdict.INAPPLICABLE
    assert "degrees of freedom" in str(found.detail)


def test_cohorts_of_one_cluster_do_not_make_castle_laws_fail_by_themselves() -> None:
    assert pre_trends(castle()).verdict is Verdict.PASS


def test_a_large_effect_survives_and_a_trend_weakens_it() -> None:
    strong = adoption(units=200, effect=4.0, cohorts=(4, 5, 0, 0))
    sound = survived(strong)
    assert sound.verdict is Verdict.PASS
    assert sound.statistic is not None
    assert sound.statistic > 1.0
    drifting = survived(strong.assign(y=strong["y"] + 1.5 * strong["period"] * (strong["start"] > 0)))
    assert drifting.statistic is not None
    assert drifting.statistic < sound.statistic


def test_an_effect_in_doubt_survives_nothing() -> None:
    found = survived(castle())
    assert (found.statistic, found.verdict) == (0.0, Verdict.WARN)


def test_small_samples_survive_less() -> None:
    frame = adoption(units=16, effect=4.0, cohorts=(4, 5, 0, 0))
    small, plain = survived(frame), survived(frame, plainly=True)
    assert small.statistic is not None
    assert plain.statistic is not None
    assert small.statistic < plain.statistic


def test_the_stricter_figure_stands_beside_it() -> None:
    found = survived(adoption(units=80, effect=4.0))
    assert found.statistic == found.detail.params["known"]
    assert float(str(found.detail.params["uncertain"])) < float(str(found.detail.params["known"]))


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (adoption(cohorts=(2, 0, 0)), "no step between periods before treatment"),
        (adoption().query("start > 0"), "no effect after treatment"),
        (adoption(units=20, periods=70, cohorts=(30, 40, 0)), "79 times since treatment"),
        (adoption().query("period != 2"), "cohorts that are measured from different ones"),
        (adoption().query("start == 0 or unit == 0"), "1 treated cluster"),
    ],
    ids=["one before", "none after", "too many", "uneven", "one treated"],
)
def test_no_breakdown_says_why(frame: pd.DataFrame, why: str) -> None:
    found = survived(frame)
    assert (found.verdict, found.statistic) == (Verdict.INAPPLICABLE, None)
    assert why in str(found.detail)


def test_the_decomposition_names_its_three_kinds() -> None:
    found = checking.bacon_weights("y", panel_from(adoption()))
    never, later, already = (float(str(found.detail.params[name])) for name in ("never", "later", "already"))
    assert never + later + already == pytest.approx(1.0)
    assert found.statistic == already
    assert found.verdict is (Verdict.WARN if already > 0.1 else Verdict.PASS)


@pytest.mark.parametrize(("cohorts", "verdict"), [((3, 0, 0, 0), Verdict.PASS), ((2, 6), Verdict.WARN)])
def test_many_already_treated_comparisons_are_a_warning(cohorts: tuple[int, ...], verdict: Verdict) -> None:
    assert checking.bacon_weights("y", panel_from(adoption(cohorts=cohorts))).verdict is verdict


def test_negative_weights_are_counted_and_summed() -> None:
    panel = panel_from(adoption(cohorts=(2, 7)))
    weights = treated_weights(panel)
    assert not isinstance(weights, Obstacle)
    found = checking.negative_weights("y", panel)
    assert found.verdict is Verdict.WARN
    assert found.statistic == pytest.approx(np.mean(weights < 0))
    assert found.detail.params["total"] == pytest.approx(weights[weights < 0].sum())
    assert checking.negative_weights("y", panel_from(adoption(cohorts=(3, 0)))).verdict is Verdict.PASS


@pytest.mark.parametrize("check", [checking.bacon_weights, checking.negative_weights])
def test_everybody_at_once_has_no_weights(check: object) -> None:
    assert callable(check)
    found = check("y", panel_from(adoption(cohorts=(4,))))
    assert found.verdict is Verdict.INAPPLICABLE


@pytest.mark.parametrize(
    ("units", "smallest", "verdict"), [(40, 10.0, Verdict.PASS), (16, 4.0, Verdict.WARN), (4, 1.0, Verdict.WARN)]
)
def test_small_cohorts_are_a_warning(units: int, smallest: float, verdict: Verdict) -> None:
    panel: Panel = panel_from(adoption(units=units))
    errors = errors_of(panel, StandardError.INFLUENCE_SMALL, Estimator.CALLAWAY_SANTANNA)
    found = checking.cohort_sizes("y", errors)
    assert (found.statistic, found.verdict, found.outcome) == (smallest, verdict, "y")
    assert str(found.detail) == f"{smallest:.0f} clusters first treated in 3, the smallest of 2 cohorts"


def test_controls_that_are_not_yet_treated_may_be_tested_too() -> None:
    panel = panel_from(adoption())
    errors = errors_of(panel, StandardError.INFLUENCE_SMALL, Estimator.CALLAWAY_SANTANNA)
    found = checking.pre_trends("y", found_among(panel, cell_effects(panel, LATER)), errors, 0.0)
    assert found.statistic is not None
