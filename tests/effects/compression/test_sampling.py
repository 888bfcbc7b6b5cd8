from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.codes import DropReason
from effects.compression.relation import open_relation
from effects.compression.sampling import columns_of, count_rows, sample_of, terms_of, whole_counts
from tests.effects.compression.panels import Shape, panel, parquet, plan

FRAME = panel(Shape(seed=1, clusters=5, units=3, periods=4, lost=0.0, level=50.0, parts=1))


def test_columns_are_centred_on_their_grids(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1", ["x", "z^2", "log(z)"])
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=True)
        found = np.array(relation.ask(f"SELECT x0, x1, x2, y, t FROM {sample.rows}"))
    expected = [FRAME["x"], FRAME["z"] ** 2, np.log(FRAME["z"]), FRAME["y"]]
    assert sample.terms == ("x", "z^2", "log(z)")
    for place, (column, grid) in enumerate(zip(expected, sample.grids, strict=True)):
        assert np.sort(found[:, place] + grid.origin) == pytest.approx(np.sort(column))
        assert np.abs(found[:, place]).max() <= grid.reach
    assert found[:, 4].sum() == FRAME["treated"].sum()


def test_incomplete_rows_stay_outside(tmp_path: Path) -> None:
    frame = FRAME.copy()
    frame.loc[[0, 1], "x"] = None
    frame.loc[[2], "y"] = None
    frame.loc[[3], "unit"] = None
    stated = plan("stepped_wedge", "cr1", ["x"])
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=False)
        ((rows,),) = relation.ask(f"SELECT count(*) FROM {sample.rows}")
        counts = count_rows(relation, stated)
    assert rows == counts.used == len(frame) - 4
    assert [(item.reason.value, item.rows) for item in counts.dropped] == [
        ("missing_role", 1),
        ("missing_outcome", 1),
        ("missing_covariate", 2),
    ]
    assert counts.missing == (1,)


def test_a_row_is_used_where_any_outcome_uses_it(tmp_path: Path) -> None:
    frame = FRAME.assign(other=FRAME["y"])
    frame.loc[[0, 1], "y"] = None
    frame.loc[[1, 2], "other"] = None
    keys = {"role": "primary", "domain": "citizen", "better": "higher", "minimal_important": 1.0}
    stated = plan("stepped_wedge", "cr1", outcome=[{"column": "y", **keys}, {"column": "other", **keys}])
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        counts = count_rows(relation, stated)
    assert (counts.rows, counts.used) == (len(frame), len(frame) - 1)
    assert [item.rows for item in counts.dropped] == [1]
    assert [[item.rows for item in own] for own in counts.dropped_by_outcome] == [[2], [2]]


def test_losses_are_counted_by_arm_before_any_row_is_dropped(tmp_path: Path) -> None:
    frame = FRAME.copy()
    treated = frame.index[frame["treated"] == 1]
    frame.loc[treated[:3], "y"] = None
    frame.loc[treated[0], "unit"] = None
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        counts = count_rows(relation, plan("stepped_wedge", "cr1"))
    assert counts.in_arm == (len(frame) - len(treated), len(treated))
    assert counts.missing_in_arm == ((0, 3),)


def test_interactions_keep_what_was_subtracted_from_their_covariate(tmp_path: Path) -> None:
    stated = plan("individual_randomised", "cr1", ["z"])
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=True)
    names = [column.name for column in columns_of(sample, interacted=True)]
    assert names == ["treated", "term:z", "treated x term:z", "outcome"]
    covariate, product = columns_of(sample, interacted=True)[1:3]
    assert (covariate.base, product.base) == ("constant", "treated")
    assert covariate.origin == product.origin == sample.grids[0].origin
    assert [term.label for term in terms_of(stated.outcomes[0])] == ["z"]


@pytest.mark.parametrize(
    ("spoilt", "whole"),
    [
        ({}, True),
        ({"y": None}, False),
        ({"unit": None}, False),
        ({"x": float("inf")}, False),
        ({"treated": 2}, False),
        ({"z": -1.0}, False),
        ({"people": -1}, False),
    ],
)
def test_the_statistics_of_a_file_tell_whether_its_rows_are_whole(
    tmp_path: Path, spoilt: dict[str, object], whole: bool
) -> None:
    frame = FRAME.assign(people=3)
    for column, value in spoilt.items():
        frame.loc[4, column] = value
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period", "persons": "people"}
    stated = plan("stepped_wedge", "cr1", ["x", "log(z)"], data=roles)
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        assert (whole_counts(relation, stated) is not None) is whole


def test_the_counts_of_whole_rows_are_those_of_looking_at_each(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1", ["x"])
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        assert whole_counts(relation, stated) == count_rows(relation, stated)


KEYS = {"role": "primary", "domain": "citizen", "better": "higher", "minimal_important": 1.0}


def moth_eaten(seed: int) -> pd.DataFrame:
    """A panel in which every column that a plan may name has holes of its own."""
    random = np.random.Generator(np.random.PCG64(seed))
    frame = FRAME.assign(other=FRAME["y"] + 1.0)
    for column in ("y", "other", "x", "z", "unit", "period", "treated"):
        frame[column] = frame[column].where(random.uniform(size=len(frame)) > 0.15, None)
    return frame


def reason_by_hand(row: pd.Series, outcome: str, covariates: list[str]) -> DropReason | None:
    if row[["unit", "cluster", "period", "treated"]].isna().any():
        return DropReason.MISSING_ROLE
    if pd.isna(row[outcome]):
        return DropReason.MISSING_OUTCOME
    return DropReason.MISSING_COVARIATE if row[covariates].isna().any() else None


@pytest.mark.parametrize("seed", range(4))
def test_rows_are_accounted_for_as_by_going_through_them_one_by_one(tmp_path: Path, seed: int) -> None:
    frame = moth_eaten(seed)
    outcomes = [
        {"column": "y", "covariates": ["x", "log(z)"], **KEYS},
        {"column": "other", "covariates": ["x"], **KEYS},
    ]
    stated = plan("stepped_wedge", "cr1", outcome=outcomes)
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        counts = count_rows(relation, stated, ["x > 0"])
        used = [
            relation.ask(f"SELECT count(*) FROM {sample_of(relation, stated, one, whole=False).rows}")[0][0]
            for one in stated.outcomes
        ]
    rows = [row for _, row in frame.iterrows()]
    for place, (outcome, covariates) in enumerate((("y", ["x", "z"]), ("other", ["x"]))):
        reasons = [reason_by_hand(row, outcome, covariates) for row in rows]
        dropped = {item.reason: item.rows for item in counts.dropped_by_outcome[place]}
        assert dropped == {reason: reasons.count(reason) for reason in DropReason if reason in reasons}
        assert used[place] == reasons.count(None) == len(rows) - sum(dropped.values())
        assert counts.missing[place] == int(frame[outcome].isna().sum())
        assert counts.missing_in_arm[place] == tuple(
            int(frame.loc[frame["treated"] == arm, outcome].isna().sum()) for arm in (0, 1)
        )
    first, second = ([reason_by_hand(row, *one) for row in rows] for one in (("y", ["x", "z"]), ("other", ["x"])))
    assert counts.used == sum(one is None or two is None for one, two in zip(first, second, strict=True))
    assert sum(item.rows for item in counts.dropped) == counts.rows - counts.used
    assert counts.in_arm == tuple(int((frame["treated"] == arm).sum()) for arm in (0, 1))
    assert counts.satisfied == (int((frame["x"] > 0).sum()),)


def test_an_outcome_that_nobody_has_leaves_no_row_and_says_why(tmp_path: Path) -> None:
    frame = FRAME.assign(y=np.nan)
    stated = plan("stepped_wedge", "cr1")
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        counts = count_rows(relation, stated)
    assert (counts.used, counts.missing) == (0, (len(frame),))
    assert [(item.reason, item.rows) for item in counts.dropped] == [(DropReason.MISSING_OUTCOME, len(frame))]
