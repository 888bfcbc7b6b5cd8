from pathlib import Path

import pandas as pd
import pytest

from effects.compression.compress import compress
from effects.compression.conditions import columns_need_rows
from effects.compression.relation import open_relation
from effects.message import Message
from tests.effects.compression.panels import Shape, panel, parquet, plan, settings_of

FRAME = panel(Shape(seed=1, clusters=5, units=3, periods=4, lost=0.0, level=0.0, parts=1))
ROLES: dict[str, object] = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}
WEDGE: dict[str, object] = {"working_model": "fixed_effects"}


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"treated": 2}, "0 or 1"),
        ({"treated": 0.5}, "0 or 1"),
        ({"y": "high"}, "numbers"),
        ({"x": float("inf")}, "infinite"),
        ({"z": -1.0}, "logarithm"),
        ({"stratum": None}, "stratum"),
    ],
)
def test_values_that_only_rows_can_report_are_noticed(tmp_path: Path, changed: dict[str, object], word: str) -> None:
    frame = FRAME.astype(dict.fromkeys(changed, object))
    frame.loc[3, list(changed)] = list(changed.values())
    frame = frame.infer_objects() if "y" not in changed else frame.astype({"y": str})
    stated = plan("stepped_wedge", "cr1", ["x", "log(z)"], data={**ROLES, "strata": "stratum"})
    refused = compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated))
    assert isinstance(refused, Message)
    assert word in str(refused)


def test_sound_columns_need_no_rows_and_a_lacking_one_is_named(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1", ["x"])
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        assert columns_need_rows(relation, stated) is None
    with open_relation([parquet(FRAME.drop(columns=["x"]), tmp_path / "less.parquet")]) as relation:
        assert "x is not there" in str(columns_need_rows(relation, stated))


def test_people_who_are_not_stated_are_for_the_rows_to_report(tmp_path: Path) -> None:
    frame = FRAME.assign(people=pd.Series([None, *[4.0] * (len(FRAME) - 1)]))
    stated = plan("stepped_wedge", "cr1", data={**ROLES, "persons": "people"})
    assert "people" in str(compress([parquet(frame, tmp_path / "rows.parquet")], stated, settings_of(stated)))
