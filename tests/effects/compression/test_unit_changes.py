from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.compress import compress
from effects.errors import DataError
from effects.message import Message
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, NotEstimable
from tests.effects.compression.against_rows import assert_same, both, together
from tests.effects.compression.panels import moments, parquet, plan, settings_of

ROLES = {"unit": "unit", "cluster": "cluster", "period": "period", "first_treated": "start"}


def adoption(lost: float = 0.15, seed: int = 3, mixed: bool = False) -> pd.DataFrame:
    """Twelve clusters of five people over six years: cohorts of 3, 4 and 5, and those never treated; `mixed` clusters
    hold several cohorts."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows = [(c, p, t) for c in range(12) for p in range(5) for t in range(1, 7)]
    frame = pd.DataFrame(rows, columns=["number", "person", "period"])
    starts = np.array([3, 4, 5, 0])
    frame["start"] = starts[(frame["number"] + (frame["person"] if mixed else 0)) % 4]
    frame["cluster"] = "c" + frame["number"].astype(str)
    frame["unit"] = frame["cluster"] + "-" + frame["person"].astype(str)
    frame["people"] = 1.0 + frame["person"] + 0.5 * (frame["period"] % 2)
    own = random.normal(size=60).repeat(6)
    gain = np.where((frame["start"] > 0) & (frame["period"] >= frame["start"]), frame["period"] - frame["start"] + 1, 0)
    frame["y"] = 40.0 + own + 0.3 * frame["period"] + 0.5 * gain + random.normal(size=len(frame))
    return frame[random.uniform(size=len(frame)) >= lost].reset_index(drop=True)


def staggered(error: str = "influence_small", data: dict[str, str] | None = None, **model: object) -> AnalysisPlan:
    return plan("staggered_adoption", error, estimand="att", data=data or ROLES, model=model)


def every_answer_is_that_of_the_rows(found: AnalysisResult, expected: AnalysisResult) -> None:
    assert len(found.estimates) == len(expected.estimates)
    needing = 0
    for one, other in zip(found.estimates, expected.estimates, strict=True):
        assert (one.aggregation, one.cohort, one.period, one.event_time, one.analysis) == (
            other.aggregation,
            other.cohort,
            other.period,
            other.event_time,
            other.analysis,
        )
        if isinstance(other, EffectEstimate) and isinstance(one, EffectEstimate):
            assert_same(one, other)
        elif isinstance(one, NotEstimable) and one.reason.value == "needs_rows":
            needing += 1
        else:
            assert isinstance(one, NotEstimable)
            assert isinstance(other, NotEstimable)
            assert (one.reason, str(one.detail)) == (other.reason, str(other.detail))
    assert needing in (0, 3)
    checks = {check.name: check for check in expected.diagnostics}
    for check in found.diagnostics:
        if check.name != "compression":
            same = checks[check.name]
            assert (check.verdict, str(check.detail)) == (same.verdict, str(same.detail))
            assert (check.statistic is None) == (same.statistic is None)
            assert check.statistic is None or check.statistic == pytest.approx(same.statistic, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(
    ("stated", "lost", "mixed"),
    [
        (staggered(), 0.0, False),
        (staggered(), 0.15, False),
        (staggered("influence"), 0.15, True),
        (staggered(control="not_yet_treated", base_period="universal"), 0.15, False),
        (staggered(anticipation=1), 0.15, False),
        (staggered(data={**ROLES, "persons": "people"}, control="not_yet_treated"), 0.3, True),
    ],
)
def test_staggered_adoption_from_parts_is_that_of_the_rows(
    stated: AnalysisPlan, lost: float, mixed: bool, tmp_path: Path
) -> None:
    found, expected = both(adoption(lost, mixed=mixed), stated, tmp_path, 4)
    every_answer_is_that_of_the_rows(found, expected)
    assert {"parallel_pre_trends", "honest_did_breakdown", "cohort_sizes"} <= {one.name for one in found.diagnostics}


def test_every_cluster_may_come_from_an_authority_of_its_own(tmp_path: Path) -> None:
    """One knows neither the cohorts of the others nor all periods; and units that nobody saw untreated are left out."""
    frame = adoption()
    frame = frame[~((frame["number"] == 3) & (frame["period"] < 3)) & ~((frame["number"] > 9) & (frame["period"] == 6))]
    frame = frame.assign(start=frame["start"].where(frame["number"] != 5, 1)).reset_index(drop=True)
    pieces = [frame[frame["number"] == number] for number in range(12)]
    stated = staggered()
    found, expected = analyse(together(pieces, stated, tmp_path, 5), stated), analyse(frame, stated)
    every_answer_is_that_of_the_rows(found, expected)


def test_periods_in_words_and_rows_without_an_outcome(tmp_path: Path) -> None:
    frame = adoption(0.0)
    words = {number: f"2024Q{number}" for number in range(1, 7)} | {0: None}
    frame = frame.assign(period=frame["period"].map(words), start=frame["start"].map(words))
    frame["y"] = frame["y"].where(frame.index % 7 > 0)
    found, expected = both(frame, staggered(), tmp_path, 2)
    every_answer_is_that_of_the_rows(found, expected)
    assert found.data.dropped == expected.data.dropped


def test_nobody_treated_or_one_cluster_is_refused_as_rows_are(tmp_path: Path) -> None:
    frame = adoption()
    for part in (frame[frame["start"] == 0], frame[frame["number"].isin([0, 3, 7])], frame[frame["period"] >= 5]):
        found, expected = both(part.reset_index(drop=True), staggered(), tmp_path)
        every_answer_is_that_of_the_rows(found, expected)
        assert isinstance(found.estimates[0], NotEstimable)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"unit": "c0-1"}, "several"),
        ({"start": 5}, "several"),
        ({"cluster": "c7"}, "several"),
    ],
)
def test_units_that_are_not_whole_need_rows(changed: dict[str, object], word: str, tmp_path: Path) -> None:
    frame = adoption(0.0)
    frame.loc[0, list(changed)] = list(changed.values())
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], staggered(), settings_of(staggered()))
    assert isinstance(refused, Message)
    assert word in str(refused)


@pytest.mark.parametrize(
    ("stated", "word"),
    [
        (staggered(estimator="imputation"), "imputation"),
        (staggered(data={key: value for key, value in ROLES.items() if key != "cluster"}), "cluster"),
        (plan("staggered_adoption", "influence", ["people"], estimand="att", data=ROLES), "covariates"),
    ],
)
def test_plans_that_look_at_units_need_rows(stated: AnalysisPlan, word: str, tmp_path: Path) -> None:
    refused = compress([parquet(adoption(), tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert isinstance(refused, Message)
    assert word in str(refused)


def test_types_that_differ_need_rows(tmp_path: Path) -> None:
    frame = adoption().assign(start=lambda rows: rows["start"].astype(str))
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], staggered(), settings_of(staggered()))
    assert str(refused) == "start and period are of different types"


def test_the_moments_hold_groups_and_no_unit(tmp_path: Path) -> None:
    frame = adoption()
    outcome = moments(frame, tmp_path, staggered()).outcomes[0]
    assert outcome.changes is not None
    assert outcome.grams.products.shape == (12, 1, 1)
    assert not outcome.grams.products.any()
    assert outcome.changes.units.tolist() == [5] * 12
    assert int(outcome.changes.rows.sum()) == len(frame) == int(outcome.grams.rows.sum())
    complete = frame.groupby("unit").size().eq(6).groupby(lambda unit: unit.split("-")[0]).sum()
    assert dict(zip(outcome.changes.clusters, outcome.changes.complete.tolist(), strict=True)) == complete.to_dict()
    with pytest.raises(DataError, match="in two parts"):
        together([frame, frame], staggered(), tmp_path)
