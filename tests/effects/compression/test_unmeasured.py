from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.analyse import analyse
from effects.compression.files import from_bytes, to_bytes
from effects.compression.unmeasured import base_of, plain_columns
from effects.errors import DataError
from effects.federation.cover import cover_sheet
from effects.federation.gathering import gather
from effects.planning.settings import settle
from effects.results import AnalysisResult, EffectEstimate
from tests.effects.federation.pilot import made, sent
from tests.effects.federation.test_plan_shape import DESIGNS, rows

SUMMED = [name for name in DESIGNS if name != "persons"]


def parts(design: str) -> list[pd.DataFrame]:
    """Three authorities of which the second measured only the second outcome."""
    frames = []
    for place in range(3):
        frame = rows(design, place + 1)
        frames.append(
            frame.assign(municipality=f"{place}" + frame["municipality"], person=f"{place}" + frame["person"])
        )
    frames[1]["score"] = np.nan
    return frames


def figures(result: AnalysisResult) -> list[tuple[object, ...]]:
    found = [entry for entry in result.estimates if entry.analysis == "primary"]
    return [
        (one.outcome, one.estimate, one.standard_error, one.rows)
        if isinstance(one, EffectEstimate)
        else (one.outcome, one.reason)
        for one in found
    ]


@pytest.mark.parametrize("design", SUMMED)
def test_an_authority_that_measured_some_outcomes_adds_what_it_has(design: str, tmp_path: Path) -> None:
    stated, frames = DESIGNS[design], parts(design)
    files = sent(frames, tmp_path, stated)
    partly = from_bytes(files["a1.moments"], "a1")
    assert [bool(one.grams.clusters) for one in partly.outcomes] == [False, True]
    assert to_bytes(partly) == files["a1.moments"]
    assert len(cover_sheet(partly, stated)) > 8
    pooled = gather(files, stated)
    assert to_bytes(gather({"all": to_bytes(pooled)}, stated)) == to_bytes(pooled)
    expected = figures(analyse(pd.concat(frames, ignore_index=True), stated))
    found = figures(analyse(pooled, stated))
    assert [len(one) for one in found] == [len(one) for one in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert mine[0] == theirs[0]
        assert mine[1:] == pytest.approx(theirs[1:], rel=1e-6) if len(mine) > 2 else mine == theirs


@pytest.mark.parametrize("design", SUMMED)
def test_an_outcome_that_nobody_measured_has_no_answer_for_that_reason(design: str, tmp_path: Path) -> None:
    stated = DESIGNS[design]
    partly = gather(sent([parts(design)[1]], tmp_path, stated), stated)
    result = analyse(partly, stated)
    assert result.estimates[0].outcome == "score"
    assert getattr(result.estimates[0], "reason", None) == "no_rows"
    assert [check.name for check in result.diagnostics if check.outcome == "score"] == ["missing_by_arm"]


def test_where_no_outcome_was_measured_nothing_is_written(tmp_path: Path) -> None:
    frame = parts("clusters")[1].assign(happy=np.nan)
    with pytest.raises(DataError, match="no complete rows"):
        made(frame, tmp_path, DESIGNS["clusters"])


@pytest.mark.parametrize("design", SUMMED)
def test_columns_are_called_as_those_of_rows_are(design: str, tmp_path: Path) -> None:
    stated = DESIGNS[design]
    kept = made(rows(design), tmp_path, stated)
    for outcome, moments in zip(stated.outcomes, kept.outcomes, strict=True):
        plain = plain_columns(outcome, stated, settle(stated)[0])
        assert moments.grams.names[: len(plain)] == plain
        moved = "constant" in plain
        assert moments.grams.base == tuple(base_of(name, moved=moved) for name in moments.grams.names)
