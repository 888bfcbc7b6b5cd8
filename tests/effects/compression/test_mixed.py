import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from effects import analyse
from effects.compression.compress import compress
from effects.compression.files import from_bytes, to_bytes
from effects.errors import DataError
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, NotEstimable
from effects.serialize import fingerprint
from tests.effects.compression.against_rows import assert_same, both, together
from tests.effects.compression.panels import (
    Shape,
    by_cluster,
    moments,
    panel,
    parquet,
    plan,
    settings_of,
    split_by_unit,
)

ROLES = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}
SHAPE = Shape(seed=5, clusters=9, units=4, periods=5, lost=0.2, level=50.0, parts=1)


def wedge(working: str | None = None, *covariates: str, error: str = "model_based", **sections: object) -> AnalysisPlan:
    model = {} if working is None else {"model": {"working_model": working}}
    return plan("stepped_wedge", error, covariates, **{"model": {}, **model, **sections})


def trial(error: str = "model_based", *covariates: str, **sections: object) -> AnalysisPlan:
    return plan("cluster_randomised", error, covariates, **sections)


def every_answer_is_that_of_the_rows(found: AnalysisResult, expected: AnalysisResult) -> None:
    """Entries one by one, those that need rows apart; and every check of the same rows that both have."""
    assert len(found.estimates) == len(expected.estimates)
    for one, other in zip(found.estimates, expected.estimates, strict=True):
        if isinstance(one, NotEstimable) and isinstance(other, EffectEstimate):
            assert one.reason.value == "needs_rows"
            assert (one.aggregation, one.analysis, one.dropped) == (other.aggregation, other.analysis, other.dropped)
        elif isinstance(other, NotEstimable):
            assert isinstance(one, NotEstimable)
            assert one.reason is other.reason
        else:
            assert_same(one, other)
    checks = {check.name: check for check in expected.diagnostics}
    for check in found.diagnostics:
        if check.name not in ("compression", "cell_counts", "treatment_reversals"):
            same = checks[check.name]
            assert (check.verdict, str(check.null)) == (same.verdict, str(same.null))
            for figure, other in ((check.statistic, same.statistic), (check.p_value, same.p_value)):
                assert (figure is None) == (other is None)
                assert figure is None or figure == pytest.approx(other, rel=1e-7, abs=1e-9)


def unanswered(result: AnalysisResult) -> list[str]:
    return [str(entry.detail) for entry in result.estimates if isinstance(entry, NotEstimable)]


CLUSTER_DUMMIES = {"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}


@pytest.mark.parametrize(
    ("stated", "lost"),
    [
        (wedge(), 0.2),
        (wedge(None, "x", "log(z)"), 0.0),
        (wedge("hussey_hughes", "x"), 0.2),
        (wedge("exposure_time", "x"), 0.2),
        (wedge(None, "x", error="cr2", model=CLUSTER_DUMMIES), 0.2),
    ],
)
def test_a_stepped_wedge_by_mixed_models_from_parts_is_that_of_the_rows(
    stated: AnalysisPlan, lost: float, tmp_path: Path
) -> None:
    found, expected = both(panel(replace(SHAPE, lost=lost)), stated, tmp_path)
    assert unanswered(found) == []
    every_answer_is_that_of_the_rows(found, expected)
    assert {check.name for check in found.diagnostics} >= {"correlation_decay", "effect_by_exposure"}


@pytest.mark.parametrize("method", ["satterthwaite", "residual"])
def test_other_degrees_of_freedom_and_resampling_are_those_of_the_rows(method: str, tmp_path: Path) -> None:
    asked = {
        "standard_error": "model_based",
        "df_method": method,
        "bootstrap": {"kind": "wild", "draws": 99},
        "permutation": {"draws": 99},
    }
    found, expected = both(panel(SHAPE), wedge(inference=asked), tmp_path)
    every_answer_is_that_of_the_rows(found, expected)


def test_one_row_in_each_cell_is_hussey_and_hughes(tmp_path: Path) -> None:
    found, expected = both(panel(replace(SHAPE, clusters=12, units=1, lost=0.0)), wedge(), tmp_path)
    every_answer_is_that_of_the_rows(found, expected)


def test_exposure_counts_from_rows_without_an_outcome_and_by_sequence(tmp_path: Path) -> None:
    frame = panel(replace(SHAPE, lost=0.0))
    starts = frame[frame["treated"] == 1].groupby("cluster")["period"].min().reindex(frame["cluster"].unique())
    first = frame["cluster"].map(starts)
    frame = frame.assign(arm=first.fillna(9).astype(int), y=frame["y"].where((frame["period"] != first) | (first == 2)))
    for stated in (wedge(), wedge(data={**ROLES, "sequence": "arm"})):
        found, expected = both(frame, stated, tmp_path)
        every_answer_is_that_of_the_rows(found, expected)


def test_exposure_needs_rows_where_treatment_differs_within_a_cell(tmp_path: Path) -> None:
    frame = panel(replace(SHAPE, lost=0.0))
    frame.loc[frame["unit"].str.endswith("u1"), "treated"] = 0
    found, expected = both(frame, wedge(), tmp_path)
    every_answer_is_that_of_the_rows(found, expected)
    assert unanswered(found) == ["treatment differs within clusters and periods, or its start is not known"]


def test_sums_within_units_leave_the_mixed_models_to_rows(tmp_path: Path) -> None:
    stated = wedge(None, error="cr1", model={"working_model": "fixed_effects"})
    found, expected = both(panel(SHAPE), stated, tmp_path)
    every_answer_is_that_of_the_rows(found, expected)
    assert unanswered(found) == ["sums within units do not tell clusters apart"] * 3


@pytest.mark.parametrize(
    "stated",
    [
        trial(),
        trial("model_based", "x"),
        trial("cr2", "x", data={**ROLES, "strata": "stratum"}, model={"fixed_effects": ["strata"]}),
        trial("cr1"),
    ],
)
def test_a_random_intercept_from_parts_is_that_of_the_rows(stated: AnalysisPlan, tmp_path: Path) -> None:
    found, expected = both(by_cluster(panel(SHAPE)), stated, tmp_path)
    every_answer_is_that_of_the_rows(found, expected)
    assert unanswered(found) == []
    names = {check.name for check in found.diagnostics}
    assert names >= {"intracluster_correlation", "design_effect", "cluster_size", "recruitment", "informative_size"}


def test_parts_that_lack_periods_add(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    early = frame["cluster"].isin(["c0", "c1", "c2"]) & (frame["period"] > 2)
    frame = frame[~early].reset_index(drop=True)
    pieces = [frame[frame["cluster"] <= "c2"], frame[frame["cluster"] > "c2"]]
    found, expected = analyse(together(pieces, wedge(), tmp_path), wedge()), analyse(frame, wedge())
    every_answer_is_that_of_the_rows(found, expected)


def test_a_trial_that_cannot_be_fitted_says_so_as_rows_do(tmp_path: Path) -> None:
    frame = by_cluster(panel(SHAPE))
    for part in (frame[frame["cluster"].isin(["c0", "c1", "c2"])], frame.drop_duplicates("cluster")):
        found, expected = both(part.reset_index(drop=True), trial(), tmp_path)
        every_answer_is_that_of_the_rows(found, expected)
        assert isinstance(found.estimates[0], NotEstimable)


@pytest.mark.parametrize(("frame", "stated"), [(by_cluster(panel(SHAPE)), trial("cr2")), (panel(SHAPE), wedge())])
def test_squares_that_were_kept_back_leave_the_mixed_model_to_rows(
    frame: pd.DataFrame, stated: AnalysisPlan, tmp_path: Path
) -> None:
    kept = together([frame], stated, tmp_path)
    grams = replace(kept.outcomes[0].grams, squared=False)
    without = replace(kept, outcomes=(replace(kept.outcomes[0], grams=grams),))
    assert "the squares of the outcome were kept back" in unanswered(analyse(without, stated))


@pytest.mark.parametrize(
    ("stated", "clusters"), [(wedge(None, "x"), False), (trial("model_based", "x"), True), (trial("cr2"), True)]
)
def test_parts_that_share_clusters_but_no_unit_add(stated: AnalysisPlan, clusters: bool, tmp_path: Path) -> None:
    frame = by_cluster(panel(SHAPE)) if clusters else panel(SHAPE)
    found = analyse(together(split_by_unit(frame, 3, 7), stated, tmp_path), stated)
    checks = tuple(check for check in found.diagnostics if check.name != "shared_clusters")
    every_answer_is_that_of_the_rows(replace(found, diagnostics=checks), analyse(frame, stated))


def test_one_file_of_each_cluster_is_as_good_as_all_rows(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    pieces = [piece for _, piece in frame.groupby("cluster")]
    found, expected = analyse(together(pieces, wedge(), tmp_path, 3), wedge()), analyse(frame, wedge())
    every_answer_is_that_of_the_rows(found, expected)


def test_rows_at_hand_are_read_since_more_stands_beside_the_effect_then(tmp_path: Path) -> None:
    path = parquet(panel(SHAPE), tmp_path / "rows.parquet")
    read = compress([path], wedge(), settings_of(wedge()), least=1)
    assert str(read) == "what stands beside the effect needs rows"
    assert isinstance(compress([path], wedge(), settings_of(wedge())), Moments)


@pytest.mark.parametrize(
    ("key", "value"),
    [("periods", ["0", "0"]), ("owners", ["c0"]), ("first", ["99"] * 9), ("numeric", 1), ("clusters", [1] * 9)],
)
def test_starts_that_no_rows_have_are_refused_by_name(key: str, value: object, tmp_path: Path) -> None:
    content = json.loads(to_bytes(moments(panel(SHAPE), tmp_path, wedge())))
    content.pop("check")
    content["outcomes"][0]["starts"][key] = value
    forged = json.dumps({**content, "check": fingerprint(content)}).encode()
    with pytest.raises(DataError, match=r"site\.moments"):
        from_bytes(forged, "site.moments")


def test_starts_of_all_parts_are_those_of_the_rows(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    starts = together([piece for _, piece in frame.groupby("cluster")], wedge(), tmp_path, 4).outcomes[0].starts
    assert starts is not None
    assert starts.periods == ("0", "1", "2", "3", "4")
    first = frame[frame["treated"] == 1].groupby("cluster")["period"].min()
    for cluster, start in zip(starts.clusters, starts.first, strict=True):
        assert start == (str(first[cluster]) if cluster in first else None)


def test_effects_of_units_keep_no_starts(tmp_path: Path) -> None:
    stated = wedge(None, error="cr1", model={"working_model": "fixed_effects"})
    assert moments(panel(SHAPE), tmp_path, stated).outcomes[0].starts is None
