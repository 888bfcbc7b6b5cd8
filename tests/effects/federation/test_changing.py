from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.errors import DataError
from effects.federation.changing import change_vectors
from effects.federation.making import make
from effects.federation.spanning import Alike, least_people, rank_of
from tests.effects.compression.panels import parquet
from tests.effects.compression.test_unit_changes import adoption, every_answer_is_that_of_the_rows, staggered


def many(frame: pd.DataFrame, copies: int = 3) -> pd.DataFrame:
    """The panel with more people in every cluster."""
    random = np.random.Generator(np.random.PCG64(1))
    pieces = [frame.assign(unit=frame["unit"] + f"-{copy}") for copy in range(copies)]
    whole = pd.concat(pieces, ignore_index=True)
    return whole.assign(y=whole["y"] + random.normal(size=len(whole)))


def test_an_outcome_is_in_the_changes_to_and_from_its_period() -> None:
    assert change_vectors([0, 2], 3).tolist() == [[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]
    assert change_vectors([0, 1, 2], 3).sum(axis=0).tolist() == [0.0, 0.0, 0.0]
    assert not change_vectors([1], 3).any()


def test_the_one_who_lacks_a_period_can_be_worked_out_among_those_who_do_not() -> None:
    """Three changes around a circle are nothing for those who are always seen, and tell of nobody else but one."""
    always, once = Alike(change_vectors([0, 1, 2], 3), 20.0), Alike(change_vectors([0, 2], 3), 1.0)
    assert rank_of([always]) == 2
    assert least_people([always], 5) == 5.0
    assert rank_of([always, once]) == 3
    assert least_people([always, once], 5) == 1.0
    assert least_people([always, Alike(once.vectors, 6.0)], 5) == 5.0


def test_moments_made_at_every_authority_give_the_answer_of_all_rows(tmp_path: Path) -> None:
    frame, stated = many(adoption(0.0)), staggered()
    parts = [
        make(
            stated, [parquet(frame[frame["number"] % 3 == place], tmp_path / f"{place}.parquet")], authority=str(place)
        )
        for place in range(3)
    ]
    found, expected = analyse(parts[2] + (parts[0] + parts[1]), stated), analyse(frame, stated)
    every_answer_is_that_of_the_rows(found, expected)
    assert {least for part in parts for least in part.outcomes[0].least or ()} == {5.0}


def test_who_lacks_a_period_alone_is_not_told(tmp_path: Path) -> None:
    frame = many(adoption(0.0))
    alone = frame.drop(index=frame.index[3])
    with pytest.raises(DataError, match="People of cluster c0 over whom a sum could be worked out: 1"):
        make(staggered(), [parquet(alone, tmp_path / "rows.parquet")])


def test_starts_in_words_are_judged_as_numbers_are(tmp_path: Path) -> None:
    words = {number: f"2024Q{number}" for number in range(1, 7)} | {0: None}
    frame = many(adoption(0.0)).assign(
        period=lambda rows: rows["period"].map(words), start=lambda rows: rows["start"].map(words)
    )
    kept = make(staggered(), [parquet(frame, tmp_path / "rows.parquet")], authority="751")
    every_answer_is_that_of_the_rows(analyse(kept, staggered()), analyse(frame, staggered()))
    assert kept.authority == "751"


def test_people_stated_by_the_plan_stand_behind_a_change(tmp_path: Path) -> None:
    """A unit of several people is as many as are stated, the fewest of any of its rows."""
    stated = staggered(
        data={"unit": "unit", "cluster": "cluster", "period": "period", "first_treated": "start", "persons": "people"}
    )
    frame = adoption(0.0).assign(people=3.0)
    kept = make(stated, [parquet(frame, tmp_path / "rows.parquet")])
    assert kept.outcomes[0].people_by_cluster == (15.0,) * 12
    assert kept.outcomes[0].least == (5.0,) * 12
