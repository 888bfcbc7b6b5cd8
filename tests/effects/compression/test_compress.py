from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.compression.answers import entry_from
from effects.compression.compress import compress
from effects.errors import DataError
from effects.message import Message
from effects.moments import Moments, total
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate
from tests.effects.compression.panels import (
    SHAPES,
    Shape,
    by_cluster,
    dummies,
    moments,
    obvious,
    panel,
    parquet,
    plan,
    settings_of,
    split_by_unit,
)
from tests.effects.designs import outcome

ERRORS = st.sampled_from(["cr0", "cr1", "cr1s", "cr2", "cr3"])
ESTIMATE = 1e-10
"""The promise for b; relative to the larger of the effect and its error, since an effect may be nearly nothing."""
ERROR = 1e-9
SMALL = Shape(seed=4, clusters=8, units=4, periods=5, lost=0.2, level=0.0, parts=3)


def found(frame: pd.DataFrame, stated: AnalysisPlan, shape: Shape) -> EffectEstimate:
    """The answer from the moments of the parts, added in a random order."""
    with TemporaryDirectory() as folder:
        parts = [
            moments(part, Path(folder), stated, str(place))
            for place, part in enumerate(split_by_unit(frame, shape.parts, shape.seed))
        ]
    order = np.random.Generator(np.random.PCG64(shape.seed)).permutation(len(parts))
    together = parts[order[0]]
    for place in order[1:]:
        together = together + parts[place]
    entry = entry_from(together.outcomes[0], stated, settings_of(stated))
    assert isinstance(entry, EffectEstimate), entry
    return entry


def agree(entry: EffectEstimate, estimate: float, error: float) -> None:
    assert entry.estimate == pytest.approx(estimate, abs=ESTIMATE * max(abs(estimate), error))
    assert entry.standard_error == pytest.approx(error, rel=ERROR)


@settings(max_examples=14)
@given(SHAPES, ERRORS)
def test_unit_and_period_effects_from_parts_are_those_of_all_rows(shape: Shape, error: str) -> None:
    frame = panel(shape)
    design = dummies(frame, ["unit", "period"], [])
    entry = found(frame, plan("stepped_wedge", error), shape)
    agree(entry, *obvious(design, frame, error, frame["unit"].nunique() - 1))
    assert (entry.rows, entry.units, entry.clusters) == (
        len(frame),
        frame["unit"].nunique(),
        frame["cluster"].nunique(),
    )


@settings(max_examples=10)
@given(SHAPES, ERRORS)
def test_covariates_that_vary_in_cells_need_no_rows(shape: Shape, error: str) -> None:
    frame = panel(shape)
    design = dummies(frame.assign(root=np.log(frame["z"])), ["unit", "period"], ["x", "root"])
    entry = found(frame, plan("stepped_wedge", error, ["x", "log(z)"]), shape)
    agree(entry, *obvious(design, frame, error, frame["unit"].nunique() - 1))


@settings(max_examples=7)
@given(SHAPES, ERRORS, st.sampled_from([["period"], ["cluster", "period"]]))
def test_effects_of_clusters_and_periods_need_no_units(shape: Shape, error: str, effects: list[str]) -> None:
    frame = panel(shape)
    stated = plan("stepped_wedge", error, ["x"], model={"working_model": "fixed_effects", "fixed_effects": effects})
    absorbed = frame["cluster"].nunique() - 1 if "cluster" in effects else 0
    design = dummies(frame, effects, ["x"])
    agree(
        found(frame, stated, shape),
        *obvious(design, frame, error, absorbed),
    )


@settings(max_examples=7)
@given(SHAPES, ERRORS, st.booleans())
def test_a_cluster_randomised_trial_is_answered_from_cross_products(shape: Shape, error: str, stratified: bool) -> None:
    frame = by_cluster(panel(shape))
    strata = {
        "data": {"unit": "unit", "cluster": "cluster", "treated": "treated", "strata": "stratum"},
        "model": {"fixed_effects": ["strata"]},
    }
    stated = plan("cluster_randomised", error, ["x", "z^2"], **(strata if stratified else {}))
    design = dummies(frame.assign(square=frame["z"] ** 2), ["stratum"] if stratified else [], ["x", "square"])
    agree(found(frame, stated, shape), *obvious(design, frame, error, 0))


@settings(max_examples=7)
@given(SHAPES)
def test_lins_adjustment_is_centred_at_the_means_of_all_parts(shape: Shape) -> None:
    frame = panel(shape)
    random = np.random.Generator(np.random.PCG64(shape.seed))
    frame["treated"] = (random.permutation(len(frame)) % 2).astype(int)
    centred = frame["x"] - frame["x"].mean()
    design = np.column_stack([frame["treated"], np.ones(len(frame)), centred, centred * frame["treated"]])
    agree(
        found(frame, plan("individual_randomised", "cr1", ["x"]), shape),
        *obvious(design, frame, "cr1", 0),
    )


@settings(max_examples=7)
@given(SHAPES)
def test_errors_of_independent_rows_look_at_each_unit(shape: Shape) -> None:
    frame = panel(shape)
    design = dummies(frame, ["unit", "period"], [])
    entry = found(frame, plan("stepped_wedge", "iid"), shape)
    agree(entry, *obvious(design, frame, "iid", 0))


def test_the_smallest_exact_statistic_is_taken(tmp_path: Path) -> None:
    balanced, ragged = panel(Shape(4, 8, 4, 5, 0.0, 0.0, 1)), panel(SMALL)
    names = [
        moments(frame, tmp_path, plan("stepped_wedge", error, covariates)).outcomes[0].statistic
        for frame, error, covariates in (
            (balanced, "cr1s", []),
            (balanced, "iid", []),
            (ragged, "cr1s", []),
            (balanced, "cr1s", ["x"]),
        )
    ]
    assert names == ["cells", "masked_cells", "masked_cells", "grams"]


def test_cross_products_that_would_outgrow_memory_are_not_made(tmp_path: Path) -> None:
    frame = panel(Shape(4, 8, 1, 2600, 0.0, 0.0, 1))
    stated = plan("stepped_wedge", "cr2", model={"working_model": "fixed_effects", "fixed_effects": ["period"]})
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert str(refused) == "cross-products of 2603 columns in 8 clusters are too many"


def test_a_unit_that_changes_cluster_has_its_rows_read(tmp_path: Path) -> None:
    frame = panel(SMALL)
    frame.loc[frame["unit"].eq("c0u1") & frame["period"].gt(2), "cluster"] = "c1"
    stated = plan("stepped_wedge", "cr1s")
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert isinstance(refused, Message)
    assert "several clusters" in str(refused)


def test_a_unit_twice_in_a_period_has_its_rows_read(tmp_path: Path) -> None:
    frame = panel(Shape(4, 8, 4, 5, 0.0, 0.0, 1))
    stated = plan("stepped_wedge", "cr1s")
    twice = pd.concat([frame, frame[frame["cluster"] == "c2"]])
    refused = compress([parquet(twice, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert isinstance(refused, Message)


def test_treatment_that_differs_within_a_cluster_and_period_is_no_cell(tmp_path: Path) -> None:
    frame = panel(Shape(4, 8, 4, 5, 0.0, 0.0, 1))
    frame["treated"] = ((frame["period"] > 1) & frame["unit"].str.endswith(("u0", "u1"))).astype(int)
    stated = plan("stepped_wedge", "cr2")
    kept = moments(frame, tmp_path, stated)
    assert kept.outcomes[0].statistic == "masked_cells"
    entry = entry_from(kept.outcomes[0], stated, settings_of(stated))
    assert isinstance(entry, EffectEstimate)
    design = dummies(frame, ["unit", "period"], [])
    agree(entry, *obvious(design, frame, "cr2", 0))


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    frame = panel(SMALL)
    frame.loc[[0, 5], "y"] = None
    frame.loc[[1], "cluster"] = None
    frame.loc[[2, 3, 4], "x"] = None
    kept = moments(frame, tmp_path, plan("stepped_wedge", "cr1s", ["x"]))
    assert {item.reason.value: item.rows for item in kept.dropped} == {
        "missing_role": 1,
        "missing_outcome": 2,
        "missing_covariate": 3,
    }
    assert kept.rows == len(frame) == kept.rows_used + 6
    assert kept.outcomes[0].missing == 2
    assert int(kept.outcomes[0].grams.rows.sum()) == kept.rows_used


def test_people_are_counted_where_they_are_stated(tmp_path: Path) -> None:
    frame = by_cluster(panel(SMALL)).assign(people=3)
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated", "persons": "people"}
    kept = moments(frame, tmp_path, plan("cluster_randomised", "cr1", data=roles))
    treated = 3.0 * float(frame["treated"].sum())
    assert kept.outcomes[0].people == (3.0 * len(frame) - treated, treated)


@pytest.mark.parametrize("parts", [1, 8])
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_sums_do_not_depend_on_files_or_on_the_order_of_rows(tmp_path: Path, parts: int, shuffled: bool) -> None:
    frame = panel(Shape(9, 10, 30, 6, 0.2, 1000.0, 1))
    stated = plan("stepped_wedge", "cr2", ["x"])
    first = moments(frame, tmp_path, stated).outcomes[0].grams.products
    mixed = frame.sample(frac=1.0, random_state=parts) if shuffled else frame
    files = [parquet(mixed.iloc[place::parts], tmp_path / f"{place}.parquet") for place in range(parts)]
    again = compress(files, stated, settings_of(stated))
    assert isinstance(again, Moments)
    assert again.outcomes[0].grams.products.tobytes() == first.tobytes()


def test_parts_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr2")
    parts = [
        moments(part, tmp_path, stated, str(place)) for place, part in enumerate(split_by_unit(panel(SMALL), 4, 1))
    ]
    assert total(parts).outcomes[0].grams.products.tobytes() == total(parts[::-1]).outcomes[0].grams.products.tobytes()


def test_the_same_file_twice_is_left_to_the_rows_to_refuse(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1s")
    path = parquet(panel(SMALL), tmp_path / "rows.parquet")
    assert isinstance(compress([path, path], stated, settings_of(stated)), Message)


def test_what_is_no_parquet_is_left_to_the_rows_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_text("unit;period")
    stated = plan("stepped_wedge", "cr1s")
    assert isinstance(compress([path], stated, settings_of(stated)), Message)


def test_a_value_that_is_not_a_number_is_a_missing_outcome_although_statistics_hide_it(tmp_path: Path) -> None:
    path, spoilt = parquet(panel(SMALL), tmp_path / "rows.parquet"), tmp_path / "spoilt.parquet"
    with duckdb.connect() as connection:
        hidden = "SELECT * REPLACE (CASE WHEN unit = 'c0u0' THEN 'nan'::DOUBLE ELSE y END AS y)"
        connection.execute(f"COPY ({hidden} FROM '{path}') TO '{spoilt}'")
    stated = plan("stepped_wedge", "cr1")
    kept = compress([spoilt], stated, settings_of(stated))
    assert isinstance(kept, Moments)
    assert [item.reason.value for item in kept.dropped] == ["missing_outcome"]
    assert kept.rows_used + kept.outcomes[0].missing == kept.rows


def test_few_rows_are_not_compressed(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1")
    path = parquet(panel(SMALL), tmp_path / "rows.parquet")
    assert compress([path], stated, settings_of(stated), least=10_000) is None


DESIGNS = {
    "wedge": plan("stepped_wedge", "cr1"),
    "wedge_with_covariate": plan("stepped_wedge", "cr1", ["x"]),
    "wedge_of_independent_rows": plan("stepped_wedge", "iid"),
    "clusters": plan("cluster_randomised", "cr2", ["x"]),
    "persons": plan("individual_randomised", "cr1", ["x"]),
}


@pytest.mark.parametrize("stated", DESIGNS.values(), ids=list(DESIGNS))
@pytest.mark.parametrize("lost", ["outcome", "everything"])
def test_an_outcome_without_a_row_is_left_to_the_rows_to_report(
    tmp_path: Path, stated: AnalysisPlan, lost: str
) -> None:
    frame = panel(SMALL)
    frame = frame.assign(y=np.nan) if lost == "outcome" else frame.iloc[:0]
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert str(refused) == "no complete rows"


def test_one_empty_outcome_of_two_is_told_although_the_other_could_be_summed(tmp_path: Path) -> None:
    frame = panel(SMALL).assign(empty=np.nan)
    stated = plan("stepped_wedge", "cr1", outcome=[outcome("y"), outcome("empty", role="secondary")])
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert str(refused) == "no complete rows"


@settings(max_examples=4)
@given(SHAPES, ERRORS)
def test_each_of_several_outcomes_is_answered_on_its_own_rows(shape: Shape, error: str) -> None:
    """What one outcome lacks costs the other nothing, and each has its own covariates."""
    frame = panel(shape)
    random = np.random.Generator(np.random.PCG64(shape.seed + 1))
    frame["other"] = (frame["y"] * 2.0 + random.normal(size=len(frame))).where(random.uniform(size=len(frame)) > 0.15)
    both = [outcome("y", covariates=["x"]), outcome("other", role="secondary")]
    stated = plan("stepped_wedge", error, outcome=both)
    with TemporaryDirectory() as folder:
        kept = moments(frame, Path(folder), stated)
        alone = [
            moments(frame, Path(folder), plan("stepped_wedge", error, outcome=[one]), f"alone{place}").outcomes[0]
            for place, one in enumerate(both)
        ]
    assert [found.outcome for found in kept.outcomes] == ["y", "other"]
    for found, own in zip(kept.outcomes, alone, strict=True):
        assert found.grams.products.tobytes() == own.grams.products.tobytes()
        assert (found.statistic, found.dropped, found.missing) == (own.statistic, own.dropped, own.missing)
    lost = int(frame["other"].isna().sum())
    assert (kept.outcomes[0].missing, kept.outcomes[1].missing) == (0, lost)
    assert kept.rows_used == kept.rows == len(frame)
    assert int(kept.outcomes[1].grams.rows.sum()) == len(frame) - lost


@settings(max_examples=4)
@given(SHAPES, st.floats(-50.0, 50.0), st.floats(0.1, 20.0))
def test_level_and_unit_of_the_outcome_change_the_answer_as_they_should(
    shape: Shape, level: float, unit: float
) -> None:
    frame = panel(shape)
    stated = plan("stepped_wedge", "cr2")
    one = found(frame, stated, shape)
    other = found(frame.assign(y=level + unit * frame["y"]), stated, shape)
    assert other.estimate == pytest.approx(unit * one.estimate, abs=1e-9 * unit * max(abs(one.estimate), 1.0))
    assert other.standard_error == pytest.approx(unit * one.standard_error, rel=1e-8)
    assert other.df == pytest.approx(one.df, rel=1e-8)


@settings(max_examples=4)
@given(SHAPES)
def test_names_of_clusters_units_and_periods_are_names_and_nothing_more(shape: Shape) -> None:
    """Numbers, letters or quotes: the sums are those of the groups."""
    frame = panel(shape)
    renamed = frame.assign(
        cluster="Skole '" + frame["cluster"] + '" æ',
        unit=frame["unit"].astype("category").cat.codes,
        period=frame["period"] * 10 - 35,
    )
    stated = plan("stepped_wedge", "cr3")
    one, other = found(frame, stated, shape), found(renamed, stated, replace(shape, parts=1))
    agree(other, one.estimate, one.standard_error)
    assert (one.rows, one.units, one.clusters) == (other.rows, other.units, other.clusters)


@settings(max_examples=4)
@given(SHAPES, st.lists(st.integers(0, 40), min_size=5, max_size=5))
def test_people_of_parts_are_the_people_of_the_whole(shape: Shape, sizes: list[int]) -> None:
    frame = by_cluster(panel(shape))
    frame["people"] = np.resize(sizes, len(frame))
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated", "persons": "people"}
    stated = plan("cluster_randomised", "cr1", data=roles)
    with TemporaryDirectory() as folder:
        parts = [
            moments(part, Path(folder), stated, str(place))
            for place, part in enumerate(split_by_unit(frame, shape.parts, shape.seed))
        ]
    sums = frame.groupby("treated")["people"].sum()
    assert total(parts).outcomes[0].people == (float(sums.get(0, 0)), float(sums.get(1, 0)))


@pytest.mark.parametrize("people", [0, 0.5, 999_999_999])
def test_any_sound_number_of_people_is_added_exactly(tmp_path: Path, people: float) -> None:
    frame = by_cluster(panel(SMALL)).assign(people=people)
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated", "persons": "people"}
    kept = moments(frame, tmp_path, plan("cluster_randomised", "cr1", data=roles))
    assert sum(kept.outcomes[0].people) == people * len(frame)


@pytest.mark.parametrize("people", [-1, 2e9, float("nan"), float("inf")])
def test_an_impossible_number_of_people_has_the_rows_read(tmp_path: Path, people: float) -> None:
    frame = by_cluster(panel(SMALL)).assign(people=4.0)
    frame.loc[7, "people"] = people
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated", "persons": "people"}
    stated = plan("cluster_randomised", "cr1", data=roles)
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert str(refused) == "a number of people is missing"


def test_a_cluster_with_both_arms_is_no_cluster_randomised_trial(tmp_path: Path) -> None:
    frame = by_cluster(panel(SMALL))
    frame.loc[0, "treated"] = 1 - frame.loc[0, "treated"]
    stated = plan("cluster_randomised", "cr1")
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert str(refused) == "a cluster has rows in both arms"


def test_files_of_different_columns_are_left_to_the_rows_to_refuse(tmp_path: Path) -> None:
    frame, stated = panel(SMALL), plan("stepped_wedge", "cr1")
    halves = frame.iloc[:40], frame.iloc[40:].drop(columns=["y"])
    files = [parquet(half, tmp_path / f"{place}.parquet") for place, half in enumerate(halves)]
    assert isinstance(compress(files, stated, settings_of(stated)), Message)


def test_files_that_are_gone_are_all_named(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1")
    gone = [tmp_path / "here.parquet", tmp_path / "gone.parquet", tmp_path / "lost.parquet"]
    parquet(panel(SMALL), gone[0])
    with pytest.raises(DataError) as raised:
        compress(gone, stated, settings_of(stated))
    assert [(found.where, found.code) for found in raised.value.findings] == [
        ("gone.parquet", "unreadable_file"),
        ("lost.parquet", "unreadable_file"),
    ]


def test_exactly_as_many_rows_as_are_asked_for_are_compressed(tmp_path: Path) -> None:
    frame, stated = panel(SMALL), plan("stepped_wedge", "cr1")
    path = parquet(frame, tmp_path / "rows.parquet")
    assert compress([path], stated, settings_of(stated), least=len(frame) + 1) is None
    kept = compress([path], stated, settings_of(stated), least=len(frame))
    assert isinstance(kept, Moments)
    assert (kept.plan, kept.sha256) == (stated.fingerprint, (sha256(path.read_bytes()).hexdigest(),))
