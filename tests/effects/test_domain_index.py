import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects import analyse
from effects.codes import Reason
from effects.compression.plan_reasons import plan_needs_rows
from effects.domain_index import DomainIndex, anderson, kling_liebman_katz
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.results import AnalysisResult, EffectEstimate, Entry, NotEstimable
from effects.rows.columns import Numbers

Method = Callable[[Numbers, Numbers, Numbers], DomainIndex | Obstacle]
Spoil = Callable[[Numbers, Numbers], None]
PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]
UP = np.array([1.0, 1.0, 1.0])


def parts(seed: int = 1, rows: int = 60) -> tuple[Numbers, Numbers]:
    """Three parts of different units, two of them alike, and the arm of each row."""
    random = np.random.Generator(np.random.PCG64(seed))
    treated = np.tile([0.0, 1.0], rows // 2)
    shared = random.normal(0, 1, rows)
    first = shared + random.normal(0, 0.3, rows) + 0.5 * treated
    second = 100.0 * (shared + random.normal(0, 0.3, rows)) + 30.0
    third = 0.01 * random.normal(0, 1, rows) + 0.002 * treated
    return np.column_stack([first, second, third]), treated


def index(found: DomainIndex | Obstacle) -> DomainIndex:
    assert isinstance(found, DomainIndex)
    return found


def refusal(found: DomainIndex | Obstacle) -> Obstacle:
    assert isinstance(found, Obstacle)
    return found


def difference(values: Numbers, treated: Numbers) -> float:
    return float(np.nanmean(values[treated == 1]) - np.nanmean(values[treated == 0]))


def test_a_small_example_by_hand() -> None:
    """Untreated 0 and 2 (mean 1, SD sqrt 2) and 10 and 30 (mean 20, SD sqrt 200); less of the second is better."""
    table = np.array([[0.0, 10.0], [2.0, 30.0], [3.0, 20.0], [1.0, 0.0]])
    treated = np.array([0.0, 0.0, 1.0, 1.0])
    found = index(kling_liebman_katz(table, treated, np.array([1.0, -1.0])))
    half = np.sqrt(2.0)
    assert found.values.tolist() == pytest.approx([0.0, 0.0, 1.0 / half, 1.0 / half])
    assert found.weights.tolist() == [0.5, 0.5]


def test_the_effect_on_the_index_is_the_mean_of_the_effects_in_standard_deviations() -> None:
    table, treated = parts()
    found = index(kling_liebman_katz(table, treated, UP))
    spread = table[treated == 0].std(axis=0, ddof=1)
    each = [difference(table[:, place], treated) / spread[place] for place in range(3)]
    assert difference(found.values, treated) == pytest.approx(float(np.mean(each)))


def test_untreated_rows_are_on_average_zero_by_both() -> None:
    table, treated = parts()
    for method in (kling_liebman_katz, anderson):
        assert float(np.mean(index(method(table, treated, UP)).values[treated == 0])) == pytest.approx(0.0, abs=1e-12)


def test_a_missing_part_is_the_mean_of_its_arm_and_leaves_the_effect_as_the_mean_of_the_parts() -> None:
    table, treated = parts()
    table[[2, 5, 8], 0] = np.nan
    table[[3, 8], 2] = np.nan
    found = index(kling_liebman_katz(table, treated, UP))
    assert found.filled == 5
    untreated = table[treated == 0]
    spread = np.nanstd(untreated, axis=0, ddof=1)
    each = [difference(table[:, place], treated) / spread[place] for place in range(3)]
    assert difference(found.values, treated) == pytest.approx(float(np.mean(each)))


@pytest.mark.parametrize("method", [kling_liebman_katz, anderson])
def test_a_row_without_any_part_has_no_index(method: Method) -> None:
    table, treated = parts()
    table[4] = np.nan
    values = index(method(table, treated, UP)).values
    assert np.flatnonzero(np.isnan(values)).tolist() == [4]


def test_weights_are_the_row_sums_of_the_inverse_covariance() -> None:
    table, treated = parts()
    found = index(anderson(table, treated, UP))
    untreated = table[treated == 0]
    scores = (table - untreated.mean(axis=0)) / untreated.std(axis=0, ddof=1)
    inverse = np.linalg.inv(np.cov(scores, rowvar=False))
    weights = inverse.sum(axis=1) / inverse.sum()
    assert found.weights.tolist() == pytest.approx(weights.tolist())
    assert found.values.tolist() == pytest.approx((scores @ weights).tolist())


def test_parts_that_repeat_each_other_count_for_less() -> None:
    table, treated = parts(rows=400)
    first, second, third = index(anderson(table, treated, UP)).weights.tolist()
    assert third > max(first, second)


def test_uncorrelated_parts_of_one_spread_are_weighted_alike() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    table, treated = random.normal(0, 1, (20_000, 2)), np.tile([0.0, 1.0], 10_000)
    assert index(anderson(table, treated, UP[:2])).weights.tolist() == pytest.approx([0.5, 0.5], abs=0.01)


def test_the_weights_of_a_missing_part_go_to_those_that_are_there() -> None:
    table, treated = parts()
    whole = index(anderson(table, treated, UP))
    table[7, 2] = np.nan
    found = index(anderson(table, treated, UP))
    untreated = table[treated == 0]
    scores = (table[7, :2] - untreated[:, :2].mean(axis=0)) / untreated[:, :2].std(axis=0, ddof=1)
    own = found.weights[:2] / found.weights[:2].sum()
    assert found.values[7] == pytest.approx(float(scores @ own))
    assert whole.weights.tolist() != found.weights.tolist()


@pytest.mark.parametrize("method", [kling_liebman_katz, anderson])
def test_direction_and_units_of_the_parts_do_not_matter(method: Method) -> None:
    table, treated = parts()
    plain = index(method(table, treated, UP)).values
    turned = index(method(table * [-2.0, 0.001, 1.0] + 7.0, treated, np.array([-1.0, 1.0, 1.0])))
    assert turned.values.tolist() == pytest.approx(plain.tolist())


@pytest.mark.parametrize("method", [kling_liebman_katz, anderson])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda table, _treated: table.__setitem__((slice(None), 1), 3.0), Reason.CONSTANT_OUTCOME),
        (lambda table, _treated: table.__setitem__((0, 0), np.inf), Reason.NOT_FINITE),
        (lambda table, treated: table.__setitem__((treated == 0, 2), np.nan), Reason.TOO_FEW_ROWS),
        (lambda table, treated: table.__setitem__((treated == 1, 2), np.nan), Reason.TOO_FEW_ROWS),
        (lambda table, _treated: table.__setitem__(slice(None), np.nan), Reason.TOO_FEW_ROWS),
        (lambda _table, treated: treated.__setitem__(slice(None), 1.0), Reason.TOO_FEW_ROWS),
    ],
)
def test_what_cannot_be_an_index_is_refused_by_name(
    method: Method, spoil: Callable[[Numbers, Numbers], None], reason: Reason
) -> None:
    table, treated = parts()
    spoil(table, treated)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = refusal(method(table, treated, UP))
    assert found.reason is reason
    assert str(found.needs)


def test_one_part_is_no_index() -> None:
    table, treated = parts()
    assert refusal(kling_liebman_katz(table[:, :1], treated, UP[:1])).reason is Reason.TOO_FEW_ROWS


def test_parts_that_determine_each_other_have_no_inverse_covariance() -> None:
    table, treated = parts()
    table[:, 2] = table[:, 0] + table[:, 1] / 100.0
    assert refusal(anderson(table, treated, UP)).reason is Reason.COLLINEAR
    assert isinstance(kling_liebman_katz(table, treated, UP), DomainIndex)


def test_parts_never_measured_together_have_no_covariance() -> None:
    table, treated = parts()
    half = np.arange(60) < 30
    table[half, 0] = np.nan
    table[~half, 1] = np.nan
    assert refusal(anderson(table, treated, UP)).reason is Reason.COLLINEAR


@given(st.integers(0, 10_000), st.floats(0.0, 0.6))
def test_whatever_is_missing_gives_finite_figures_or_a_reason(seed: int, lost: float) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    table, treated = parts(seed, 12)
    table[random.random(table.shape) < lost] = np.nan
    for method in (kling_liebman_katz, anderson):
        found = method(table, treated, UP)
        if isinstance(found, DomainIndex):
            assert np.isnan(found.values).tolist() == np.isnan(table).all(axis=1).tolist()
            assert float(found.weights.sum()) == pytest.approx(1.0)


@pytest.fixture
def measured(schools: pd.DataFrame) -> pd.DataFrame:
    """The schools with a second outcome that is better where it is lower."""
    random = np.random.Generator(np.random.PCG64(4))
    return schools.assign(z=-3.0 * schools["y"] + random.normal(0, 5, len(schools)))


def plan_with(plan_for: PlanFor, indicator: Indicator, method: str, **sections: object) -> AnalysisPlan:
    parts = [indicator("y", role="secondary"), indicator("z", role="secondary", better="lower")]
    made = {
        "name": "wellbeing",
        "domain": "citizen",
        "method": method,
        "outcomes": ["y", "z"],
        "role": "primary",
        "minimal_important": 0.2,
    }
    return plan_for("cluster_randomised", outcome=parts, index=[made], **sections)


def primary(result: AnalysisResult, column: str) -> Entry:
    return next(entry for entry in result.estimates if entry.outcome == column and entry.analysis == "primary")


@pytest.mark.parametrize(("name", "method"), [("kling_liebman_katz", kling_liebman_katz), ("anderson", anderson)])
def test_a_plan_analyses_its_index_as_an_outcome(
    name: str, method: Method, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    result = analyse(measured, plan_with(plan_for, indicator, name))
    entry = primary(result, "wellbeing")
    parts = measured[["y", "z"]].to_numpy(dtype=np.float64)
    treated = measured["treated"].to_numpy(dtype=np.float64)
    values = index(method(parts, treated, np.array([1.0, -1.0]))).values
    assert isinstance(entry, EffectEstimate)
    assert entry.estimate == pytest.approx(difference(values, treated))
    assert entry.p_adjusted == entry.p_value
    assert [one.outcome for one in result.estimates if one.analysis == "primary"] == ["y", "z", "wellbeing"]


def test_an_index_that_cannot_be_made_says_why(measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    result = analyse(measured.assign(z=1.0), plan_with(plan_for, indicator, "anderson"))
    entry = primary(result, "wellbeing")
    assert isinstance(entry, NotEstimable)
    assert (entry.reason, str(entry.detail)) == (
        Reason.CONSTANT_OUTCOME,
        "a part of the index does not vary among the untreated",
    )


def test_an_index_is_resampled_together_with_the_other_primaries(
    measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    plan = plan_with(plan_for, indicator, "anderson", multiplicity={"primary": "westfall_young"})
    entry = primary(analyse(measured, plan), "wellbeing")
    assert isinstance(entry, EffectEstimate) and entry.p_adjusted is not None
    assert entry.p_adjusted != entry.p_value


def test_an_index_reads_the_rows(plan_for: PlanFor, indicator: Indicator) -> None:
    plan = plan_with(plan_for, indicator, "anderson")
    assert "index" in str(plan_needs_rows(plan, settle(plan)[0]))
