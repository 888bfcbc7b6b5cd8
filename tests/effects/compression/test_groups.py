from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.compress import compress
from effects.message import Message
from effects.plan import AnalysisPlan
from effects.results import NotEstimable
from tests.effects.compression.against_rows import assert_same, both, together
from tests.effects.compression.panels import Shape, moments, panel, parquet, plan, settings_of

ROLES = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}


def change(lost: float, seed: int = 2) -> pd.DataFrame:
    """Clusters of which every other one is treated from the third of five periods on."""
    frame = panel(Shape(seed=seed, clusters=10, units=4, periods=5, lost=lost, level=50.0, parts=1))
    number = frame["cluster"].str.removeprefix("c").astype(int)
    group = number % 2
    return frame.assign(group=group, treated=group * (frame["period"] >= 2), people=1 + number)


def did(
    error: str = "cr2", effects: tuple[str, ...] = ("group", "period"), *covariates: str, **roles: str
) -> AnalysisPlan:
    named = {name: column for name, column in (ROLES | roles).items() if column}
    return plan("two_period_did", error, covariates, estimand="att", data=named, model={"fixed_effects": list(effects)})


@pytest.mark.parametrize(
    ("stated", "lost"),
    [
        (did(), 0.0),
        (did("cr1s", ("group", "period"), "x", "z"), 0.2),
        (did("cr1", ("unit", "period")), 0.0),
        (did("cr0", ("unit", "period")), 0.2),
        (did("cr1s", ("unit", "period"), "x"), 0.2),
        (did("cr3", ("cluster", "period"), "x"), 0.2),
        (did("iid", ("period",), "x"), 0.2),
        (did("cr2", ("group", "period"), unit="", group="group"), 0.2),
        (did("cr1", ("group", "period"), unit="", persons="people"), 0.2),
    ],
)
def test_a_difference_in_differences_from_parts_is_that_of_the_rows(
    stated: AnalysisPlan, lost: float, tmp_path: Path
) -> None:
    found, expected = both(change(lost), stated, tmp_path)
    assert_same(found.estimates[0], expected.estimates[0])
    same = {check.name: (check.statistic, str(check.detail), check.verdict) for check in expected.diagnostics}
    for check in found.diagnostics:
        if check.name != "compression":
            statistic, detail, verdict = same[check.name]
            assert (str(check.detail), check.verdict) == (detail, verdict)
            assert check.statistic == pytest.approx(statistic)


def test_units_that_start_are_the_group_also_where_a_cluster_holds_others(tmp_path: Path) -> None:
    frame = change(0.2)
    group = frame["unit"].str[-1].astype(int) % 2
    frame = frame.assign(group=group, treated=group * (frame["period"] >= 2))
    for effects in (("group", "period"), ("unit", "period")):
        found, expected = both(frame, did("cr2", effects), tmp_path)
        assert_same(found.estimates[0], expected.estimates[0])


def test_the_bootstrap_is_that_of_the_rows_and_nothing_is_permuted(tmp_path: Path) -> None:
    asked = {"standard_error": "cr1", "bootstrap": {"kind": "wild", "draws": 199}, "permutation": {"draws": 99}}
    stated = plan("two_period_did", "cr1", estimand="att", data=ROLES, inference=asked)
    found, expected = both(change(0.1), stated, tmp_path)
    assert_same(found.estimates[0], expected.estimates[0])


def test_a_part_without_treatment_or_without_some_periods_adds(tmp_path: Path) -> None:
    """An authority that never starts knows neither when the others do nor which of its periods are after."""
    frame = change(0.0)
    late = frame[(frame["group"] == 1) | (frame["period"] >= 1)]
    pieces = [late[late["group"] == 0], late[late["cluster"].isin(["c1", "c3"])]]
    pieces.append(late[(late["group"] == 1) & ~late["cluster"].isin(["c1", "c3"])])
    stated = did("cr2", ("group", "period"), "x")
    assert_same(analyse(together(pieces, stated, tmp_path), stated).estimates[0], analyse(late, stated).estimates[0])


@pytest.mark.parametrize("effects", [("group", "period"), ("unit", "period")])
def test_groups_that_lack_rows_before_or_clusters_are_refused_as_rows_are(
    effects: tuple[str, ...], tmp_path: Path
) -> None:
    frame = change(0.0)
    for part in (frame[frame["period"] >= 2], frame[frame["cluster"].isin(["c1", "c2", "c4"])]):
        found, expected = both(part, did("cr1", effects), tmp_path)
        one, other = found.estimates[0], expected.estimates[0]
        assert isinstance(one, NotEstimable)
        assert isinstance(other, NotEstimable)
        assert (one.reason, str(one.detail)) == (other.reason, str(other.detail))


def test_rows_without_a_group_are_dropped_and_a_third_group_needs_rows(tmp_path: Path) -> None:
    frame, stated = change(0.0), did("cr1", ("group", "period"), group="group")
    lacking = frame.assign(group=frame["group"].where(frame.index % 9 > 0))
    found, expected = both(lacking, stated, tmp_path)
    assert_same(found.estimates[0], expected.estimates[0])
    assert found.data.dropped == expected.data.dropped
    odd = parquet(frame.assign(group=np.where(frame.index == 3, 2, frame["group"])), tmp_path / "odd.parquet")
    assert str(compress([odd], stated, settings_of(stated))) == "the group is not always 0 or 1"


def test_rows_at_hand_are_read_since_more_stands_beside_the_effect_then(tmp_path: Path) -> None:
    path = parquet(change(0.0), tmp_path / "rows.parquet")
    assert isinstance(compress([path], did(), settings_of(did()), least=1), Message)


def test_counts_of_groups_are_kept_beside_the_products(tmp_path: Path) -> None:
    frame = change(0.1)
    waves = moments(frame, tmp_path, did("cr1", ("unit", "period"))).outcomes[0].waves
    assert waves is not None
    assert waves.by_period[:, :2].sum() == len(frame)
    assert waves.by_period[:, 2].tolist() == [int(frame[frame["period"] == one]["treated"].sum()) for one in range(5)]
    assert waves.arms == (5, 5)
