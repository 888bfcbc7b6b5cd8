"""The answer from moments of parts, each of whole clusters, beside that of all rows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.files import from_bytes, to_bytes
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, Entry
from tests.effects.compression.panels import moments

CLOSE = 1e-10
"""Of the standard error: sums are exact, so that what is left is the rounding of small matrices, some 1e-13."""


def split_by_cluster(frame: pd.DataFrame, parts: int, seed: int) -> list[pd.DataFrame]:
    """The frame in so many parts or fewer, each cluster whole in one of them."""
    random = np.random.Generator(np.random.PCG64(seed))
    names = sorted(frame["cluster"].unique())
    part = dict(zip(names, random.integers(parts, size=len(names)), strict=True))
    pieces = [frame[frame["cluster"].map(part) == place] for place in range(parts)]
    return [piece for piece in pieces if len(piece)]


def together(pieces: Sequence[pd.DataFrame], stated: AnalysisPlan, folder: Path, seed: int = 0) -> Moments:
    """The moments of the pieces through their files, added in a random order."""
    parts = [
        from_bytes(to_bytes(moments(piece, folder, stated, f"{seed}-{place}")), "part")
        for place, piece in enumerate(pieces)
    ]
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(parts)).tolist()
    found = parts[order[0]]
    for place in order[1:]:
        found = found + parts[place]
    return found


def both(
    frame: pd.DataFrame, stated: AnalysisPlan, folder: Path, parts: int = 3
) -> tuple[AnalysisResult, AnalysisResult]:
    """The result from moments of parts, and that of the rows."""
    pieces = split_by_cluster(frame, parts, len(frame))
    return analyse(together(pieces, stated, folder, len(frame)), stated), analyse(frame, stated)


def assert_same(found: Entry, expected: Entry, close: float = CLOSE) -> None:
    """One entry as the other: figures within `close` standard errors, everything else alike."""
    assert isinstance(expected, EffectEstimate), expected
    assert isinstance(found, EffectEstimate), found
    unit = expected.standard_error
    assert found.estimate == pytest.approx(expected.estimate, abs=close * unit)
    assert found.standard_error == pytest.approx(unit, rel=close)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (expected.interval.low, expected.interval.high), abs=1e2 * close * unit
    )
    for name in ("df", "p_value", "p_permutation", "p_bootstrap"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one is None) == (other is None), name
        assert one is None or one == pytest.approx(other, rel=1e3 * close), name
    for name in (
        *("outcome", "estimand", "aggregation", "cohort", "period", "event_time", "subgroup", "standard_error_kind"),
        *("analysis", "rows", "units", "clusters", "estimator", "dropped"),
    ):
        assert getattr(found, name) == getattr(expected, name), name
    assert [str(line) for line in found.note or ()] == [str(line) for line in expected.note or ()]
