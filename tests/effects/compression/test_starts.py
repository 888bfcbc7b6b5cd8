from pathlib import Path

import pandas as pd
import pytest

from effects.compression.relation import open_relation
from effects.compression.starts import find_starts
from effects.treatment_starts import TreatmentStarts
from tests.effects.compression.panels import parquet, plan

ROLES = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}
ROWS = pd.DataFrame(
    {
        "unit": ["u", "u", "u", "v", "v", "w", None],
        "cluster": ["a", "a", "a", "b", "b", "c", "c"],
        "period": [9, 10, 11, 10, 11, 11, 12],
        "treated": [0, 1, 1, 0, 1, 0, 0],
        "arm": ["early", "early", "early", "late", "late", "late", "late"],
        "y": [1.0, None, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
)


def starts(frame: pd.DataFrame, folder: Path, **roles: str) -> TreatmentStarts | None:
    stated = plan("stepped_wedge", "model_based", model={}, data=ROLES | roles)
    with open_relation([parquet(frame, folder / "rows.parquet")], None) as relation:
        return find_starts(relation, stated)


def test_starts_are_read_from_all_rows(tmp_path: Path) -> None:
    found = starts(ROWS, tmp_path)
    assert found == TreatmentStarts(("9", "10", "11", "12"), True, ("a", "b", "c"), ("a", "b", "c"), ("10", "11", None))


def test_clusters_of_a_sequence_share_their_start(tmp_path: Path) -> None:
    found = starts(ROWS, tmp_path, sequence="arm")
    assert found is not None
    assert found.owners == ("early", "late", "late")
    assert found.exposure("c", "12") == 1


@pytest.mark.parametrize("arm", ["early", None])
def test_a_cluster_of_several_sequences_or_of_none_has_no_start(tmp_path: Path, arm: str | None) -> None:
    frame = ROWS.copy()
    frame.loc[3, "arm"] = arm
    assert starts(frame, tmp_path, sequence="arm") is None


def test_periods_in_words_are_ordered_as_words(tmp_path: Path) -> None:
    found = starts(ROWS.assign(period=ROWS["period"].astype(str)), tmp_path)
    assert found is not None
    assert (found.numeric, found.periods) == (False, ("10", "11", "12", "9"))
