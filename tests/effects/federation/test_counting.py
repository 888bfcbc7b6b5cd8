from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.codes import DropReason
from effects.compression.files import from_bytes
from effects.federation.counting import completeness
from effects.federation.gathering import gather
from effects.results import Dropped
from tests.effects.federation.pilot import made, pilot, plan, sent


def test_rows_and_losses_are_counted_by_outcome(tmp_path: Path) -> None:
    frame = pilot(1, 30)[0].astype({"happy": float})
    frame.loc[[2, 5, 9], "happy"] = np.nan
    frame.loc[[0, 1], "treated"] = np.nan
    found = completeness(made(frame, tmp_path, plan()))
    assert (found.rows, found.used) == (len(frame), len(frame) - 2)
    assert found.dropped == (Dropped(DropReason.MISSING_ROLE, 2),)
    assert [one.outcome for one in found.outcomes] == ["score", "happy"]
    assert [one.used for one in found.outcomes] == [len(frame) - 2, len(frame) - 5]
    assert [one.missing for one in found.outcomes] == [0, 3]
    assert found.outcomes[1].dropped[-1] == Dropped(DropReason.MISSING_OUTCOME, 3)
    assert (found.clusters, found.people) == (1, frame.dropna(subset="treated")["person"].nunique())


def test_gathered_files_are_counted_together(tmp_path: Path) -> None:
    frames = pilot(4, 20)
    files = sent(frames, tmp_path, plan())
    parts = [completeness(from_bytes(content, name)) for name, content in files.items()]
    found = completeness(gather(files, plan()))
    assert found.rows == sum(part.rows for part in parts) == len(pd.concat(frames))
    assert (found.clusters, found.people) == (4, 80)
    assert [one.used for one in found.outcomes] == [found.used, found.used]


def test_people_that_nobody_counted_are_unknown(tmp_path: Path) -> None:
    moments = made(pilot(1, 10)[0], tmp_path, plan())
    outcomes = tuple(replace(one, people_by_cluster=None) for one in moments.outcomes)
    assert completeness(replace(moments, outcomes=outcomes)).people is None
    assert completeness(moments).people == pytest.approx(10)
