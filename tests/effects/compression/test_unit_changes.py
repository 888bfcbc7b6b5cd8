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
        if check.name not in ("compression", "shared_clusters"):
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


def by_hand(frame: pd.DataFrame, cohort: int, period: int, base: int, never: bool = True) -> tuple[float, float, int]:
    """ATT(g, t), its plain error by clusters and the units compared, straight from the definition."""
    wide = frame.pivot(index="unit", columns="period", values="y")
    start = frame.groupby("unit")["start"].first()
    cluster = frame.groupby("unit")["cluster"].first()
    gain = (wide[period] - wide[base]).dropna()
    start, cluster = start[gain.index], cluster[gain.index]
    later = max(period, base)
    other = (start == 0) if never else ((start == 0) | (start > later)) & (start != cohort)
    own = start == cohort
    effect = gain[own].mean() - gain[other].mean()
    share = pd.Series(0.0, index=gain.index)
    share[own] = (gain[own] - gain[own].mean()) / own.sum()
    share[other] = -(gain[other] - gain[other].mean()) / other.sum()
    error = float(np.sqrt((share.groupby(cluster).sum() ** 2).sum()))
    return float(effect), error, int(own.sum() + other.sum())


@pytest.mark.parametrize("never", [True, False])
def test_every_cell_is_the_difference_of_mean_changes(never: bool, tmp_path: Path) -> None:
    frame = adoption(0.2, seed=9)
    stated = staggered("influence", control="never_treated" if never else "not_yet_treated")
    result = analyse(together([frame], stated, tmp_path), stated)
    cells = [entry for entry in result.estimates if entry.aggregation == "group_time"]
    assert len(cells) == 3 * 5
    for cell in cells:
        assert isinstance(cell, EffectEstimate)
        cohort, period = int(float(cell.cohort or 0)), int(float(cell.period or 0))
        base = cohort - 1 if period >= cohort else period - 1
        effect, error, units = by_hand(frame, cohort, period, base, never)
        assert cell.estimate == pytest.approx(effect, abs=1e-10)
        assert cell.standard_error == pytest.approx(error, rel=1e-10)
        assert (cell.units, cell.rows) == (units, 2 * units)


def test_the_simple_average_weighs_cells_by_the_units_of_their_cohort(tmp_path: Path) -> None:
    frame = adoption(0.1, seed=11)
    stated = staggered("influence")
    result = analyse(together([frame], stated, tmp_path), stated)
    sizes = frame.groupby("unit")["start"].first().value_counts()
    cells = [(cohort, period) for cohort in (3, 4, 5) for period in range(cohort, 7)]
    effects = [by_hand(frame, cohort, period, cohort - 1)[0] for cohort, period in cells]
    weights = [float(sizes[cohort]) for cohort, _ in cells]
    simple = result.estimates[0]
    assert isinstance(simple, EffectEstimate)
    assert simple.estimate == pytest.approx(np.average(effects, weights=weights), abs=1e-10)
    assert (simple.units, simple.clusters, simple.rows) == (60, 12, len(frame))


def test_parts_that_share_clusters_but_no_unit_add(tmp_path: Path) -> None:
    """Two authorities may serve people of one cluster."""
    frame, stated = adoption(), staggered()
    pieces = [frame[frame["person"] < 2], frame[frame["person"] >= 2]]
    found, expected = analyse(together(pieces, stated, tmp_path), stated), analyse(frame, stated)
    every_answer_is_that_of_the_rows(found, expected)


def test_the_order_in_which_parts_are_added_changes_no_figure(tmp_path: Path) -> None:
    frame, stated = adoption(), staggered()
    parts = [moments(frame[frame["number"] % 3 == place], tmp_path, stated, str(place)) for place in range(3)]
    forth, back = (parts[0] + parts[1]) + parts[2], parts[2] + (parts[1] + parts[0])
    one, other = forth.outcomes[0].changes, back.outcomes[0].changes
    assert one is not None
    assert other is not None
    assert (one.clusters, one.first, one.periods) == (other.clusters, other.first, other.periods)
    for name in ("units", "rows", "complete", "seen", "people", "present"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.gains == pytest.approx(other.gains, abs=1e-12)
    assert (forth.rows, forth.rows_used, forth.sha256) == (back.rows, back.rows_used, back.sha256)


def test_sums_count_who_was_seen_in_both_of_two_periods(tmp_path: Path) -> None:
    frame = adoption(0.25).assign(people=lambda rows: 2.0 + rows["person"])
    stated = staggered(data={**ROLES, "persons": "people"})
    changes = moments(frame, tmp_path, stated).outcomes[0].changes
    assert changes is not None
    wide = frame.pivot(index="unit", columns="period", values="y")
    cluster = frame.groupby("unit")["cluster"].first()
    people = frame.groupby("unit")["people"].first()
    for later in range(1, 7):
        for earlier in range(1, later):
            gain = (wide[later] - wide[earlier]).dropna()
            for place, name in enumerate(changes.clusters):
                own = gain[cluster[gain.index] == name]
                assert changes.seen[place, later - 1, earlier - 1] == len(own)
                assert changes.present[place, later - 1, earlier - 1] == pytest.approx(people[own.index].sum())
                assert changes.gains[place, later - 1, earlier - 1] == pytest.approx(own.sum(), abs=1e-9)
    assert np.array_equal(changes.gains, -changes.gains.transpose(0, 2, 1))
    assert np.array_equal(changes.seen, changes.seen.transpose(0, 2, 1))


def test_dates_are_periods_too(tmp_path: Path) -> None:
    frame = adoption(0.1)
    dates = {number: pd.Timestamp(2024, number, 1).date() for number in range(1, 7)} | {0: None}
    dated = frame.assign(period=frame["period"].map(dates), start=frame["start"].map(dates))
    kept = together([dated], staggered(), tmp_path)
    changes = kept.outcomes[0].changes
    assert changes is not None
    assert changes.periods[0] == "2024-01-01"
    assert set(changes.first) == {"2024-03-01", "2024-04-01", "2024-05-01", None}
    texts = dated.assign(
        period=dated["period"].map(str), start=dated["start"].map(lambda day: None if day is None else str(day))
    )
    every_answer_is_that_of_the_rows(analyse(kept, staggered()), analyse(texts, staggered()))


def test_periods_that_are_numbers_in_writing_need_rows(tmp_path: Path) -> None:
    frame = adoption().astype({"period": str})
    frame["start"] = frame["start"].map({0: None, 3: "3", 4: "4", 5: "5"})
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], staggered(), settings_of(staggered()))
    assert str(refused) == "periods are numbers that are written as texts"
