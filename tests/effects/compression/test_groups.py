import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.compress import compress
from effects.compression.files import from_bytes, to_bytes
from effects.errors import DataError
from effects.message import Message
from effects.moments import total
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable
from effects.serialize import fingerprint
from tests.effects.compression.against_rows import assert_same, both, split_by_cluster, together
from tests.effects.compression.panels import (
    Shape,
    dummies,
    moments,
    obvious,
    panel,
    parquet,
    plan,
    settings_of,
    split_by_unit,
)

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


@pytest.mark.parametrize(("seed", "lost", "error"), [(1, 0.0, "cr0"), (2, 0.3, "cr2"), (3, 0.3, "cr3")])
def test_random_panels_are_answered_as_with_every_dummy_written_out(
    seed: int, lost: float, error: str, tmp_path: Path
) -> None:
    frame = change(lost, seed)
    for effects, covariates in ((["group", "period"], ["x"]), (["unit", "period"], [])):
        stated = did(error, tuple(effects), *covariates, group="group")
        expected = obvious(dummies(frame, effects, covariates), frame, error, 0)
        entry = analyse(together(split_by_cluster(frame, 3, seed), stated, tmp_path), stated).estimates[0]
        assert isinstance(entry, EffectEstimate)
        assert entry.estimate == pytest.approx(expected[0], abs=1e-9 * expected[1])
        assert entry.standard_error == pytest.approx(expected[1], rel=1e-9)


def test_parts_that_share_clusters_but_no_unit_add(tmp_path: Path) -> None:
    frame = change(0.2)
    for stated in (did("cr2", ("group", "period"), "x"), did("cr1", ("unit", "period"))):
        pieces = split_by_unit(frame, 3, 4)
        found, expected = analyse(together(pieces, stated, tmp_path), stated), analyse(frame, stated)
        assert_same(found.estimates[0], expected.estimates[0])


def test_the_order_in_which_parts_are_added_changes_no_count(tmp_path: Path) -> None:
    frame, stated = change(0.2), did()
    parts = [moments(piece, tmp_path, stated, str(place)) for place, piece in enumerate(split_by_cluster(frame, 4, 1))]
    forth, back = total(parts), total(parts[::-1])
    assert to_bytes(forth) == to_bytes(back)
    one = forth.outcomes[0].waves
    whole = moments(frame, tmp_path, stated, "whole").outcomes[0].waves
    assert one is not None
    assert whole is not None
    assert one.by_period.tolist() == whole.by_period.tolist()
    assert one.by_cluster.tolist() == whole.by_cluster.tolist()
    assert one.cells == whole.cells


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("by_period", [[1, 2]]),
        ("by_period", [[1, 2, -3]] * 5),
        ("by_cluster", [[1.5, 2]] * 10),
        ("periods", ["0", "0", "1", "2", "3"]),
        ("clusters", "c0"),
    ],
)
def test_counts_that_no_rows_have_are_refused_by_name(key: str, value: object, tmp_path: Path) -> None:
    content = json.loads(to_bytes(moments(change(0.0), tmp_path, did())))
    content.pop("check")
    content["outcomes"][0]["waves"][key] = value
    forged = json.dumps({**content, "check": fingerprint(content)}).encode()
    with pytest.raises(DataError, match=r"site\.moments"):
        from_bytes(forged, "site.moments")


def test_the_group_is_that_of_units_and_without_units_that_of_clusters(tmp_path: Path) -> None:
    frame = change(0.0)
    one = frame.assign(treated=frame["treated"] * (frame["unit"].str[-1] == "1"))
    for data, expected in ((ROLES, 5 * 5), ({**ROLES, "unit": None}, 5 * 4 * 5)):
        named = {name: column for name, column in data.items() if column}
        stated = plan("two_period_did", "cr1", estimand="att", data=named)
        waves = moments(one, tmp_path, stated, str(expected)).outcomes[0].waves
        assert waves is not None
        assert int(waves.by_period[:, 1].sum()) == expected


def test_a_unit_that_is_never_seen_treated_is_of_the_other_group_unless_one_is_stated(tmp_path: Path) -> None:
    """As in rows: what is ever treated is read from the rows that can be used."""
    frame = change(0.0)
    gone = frame[~((frame["unit"] == "c1u0") & (frame["period"] >= 2))].reset_index(drop=True)
    for stated, untreated in ((did(), 102), (did(group="group"), 100)):
        found, expected = both(gone, stated, tmp_path)
        assert_same(found.estimates[0], expected.estimates[0])
        waves = moments(gone, tmp_path, stated, str(untreated)).outcomes[0].waves
        assert waves is not None
        assert int(waves.by_period[:, 0].sum()) == untreated
