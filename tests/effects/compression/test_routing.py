from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from effects.analyse import analyse
from effects.compression import routing
from effects.compression.files import to_bytes
from effects.compression.routing import LARGE, compressed, given_moments
from effects.errors import DataError
from effects.message import Message
from effects.moments import Moments
from effects.results import EffectEstimate, NotEstimable
from tests.effects.compression.panels import Shape, moments, panel, parquet, plan, settings_of, split_by_unit

FRAME = panel(Shape(seed=5, clusters=6, units=40, periods=4, lost=0.1, level=0.0, parts=1))
STATED = plan("stepped_wedge", "cr1")
SETTINGS = settings_of(STATED)


def test_few_rows_frames_and_delimited_files_are_read(tmp_path: Path) -> None:
    few = parquet(FRAME, tmp_path / "few.parquet")
    delimited = tmp_path / "rows.csv"
    FRAME.to_csv(delimited, index=False)
    for given in (few, str(few), [few], delimited, FRAME):
        assert compressed(given, None, STATED, SETTINGS) is None


def test_many_rows_in_parquet_are_compressed_unless_a_condition_fails(tmp_path: Path) -> None:
    copies = LARGE // len(FRAME) + 1
    many = pd.concat([FRAME.assign(unit=FRAME["unit"] + f"-{copy}") for copy in range(copies)])
    path = parquet(many, tmp_path / "many.parquet")
    found = compressed(path, None, STATED, SETTINGS)
    assert isinstance(found, Moments)
    assert found.rows == len(many) >= LARGE
    assert compressed(path, tmp_path / "schema.json", STATED, SETTINGS) is None
    weighted = plan(
        "stepped_wedge",
        "cr1",
        data={"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period", "weight": "z"},
    )
    assert isinstance(compressed(path, None, weighted, settings_of(weighted)), Message)


@pytest.mark.parametrize("effects", [["cluster", "period"], ["unit", "period"]])
def test_many_rows_have_the_entries_that_few_have(
    effects: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = plan("stepped_wedge", "cr2", model={"working_model": "fixed_effects", "fixed_effects": effects})
    few = analyse(FRAME, stated)
    monkeypatch.setattr(routing, "LARGE", 1)
    many = analyse(parquet(FRAME, tmp_path / "rows.parquet"), stated)
    assert len(many.estimates) == len(few.estimates) > 1
    for one, other in zip(many.estimates, few.estimates, strict=True):
        assert one.analysis is other.analysis
        if isinstance(one, NotEstimable):
            assert "effects of clusters in place of those of units" in str(one.needs)
        else:
            assert isinstance(other, EffectEstimate)
            assert (one.estimator, one.estimate) == (other.estimator, pytest.approx(other.estimate, rel=1e-9))
    assert isinstance(many.estimates[1], NotEstimable) is ("unit" in effects)


def test_what_cannot_be_counted_is_left_to_the_rows(tmp_path: Path) -> None:
    broken = tmp_path / "rows.parquet"
    broken.write_bytes(b"PAR1")
    assert isinstance(compressed(broken, None, STATED, SETTINGS), Message)


def counted(made: Moments, authority: str) -> Moments:
    """The moments as an authority sends them, with enough people behind each cluster."""
    outcomes = [
        replace(one, people_by_cluster=tuple(map(float, one.grams.units)), least=(5.0,) * len(one.grams.clusters))
        for one in made.outcomes
    ]
    return replace(made, outcomes=tuple(outcomes), authority=authority)


def test_moments_and_files_of_them_stand_for_the_rows(tmp_path: Path) -> None:
    kept = moments(FRAME, tmp_path, STATED)
    paths = []
    for place, part in enumerate(split_by_unit(FRAME, 3, 2)):
        path = tmp_path / f"{place}{routing.MOMENTS}"
        path.write_bytes(to_bytes(counted(moments(part, tmp_path, STATED, f"part{place}"), f"Authority {place}")))
        paths.append(path)
    together = given_moments(paths, STATED)
    assert given_moments(kept, STATED) is kept
    assert together is not None
    assert together.rows == kept.rows
    one, other = together.outcomes[0].grams, kept.outcomes[0].grams
    assert one.products[:, :-1] == pytest.approx(other.products[:, :-1], abs=1e-9)
    assert not one.squared or one.products == pytest.approx(other.products, abs=1e-9)
    assert given_moments(FRAME, STATED) is None


def test_moments_of_another_plan_or_beside_rows_are_refused(tmp_path: Path) -> None:
    kept = moments(FRAME, tmp_path, STATED)
    with pytest.raises(DataError, match="another plan"):
        given_moments(kept, plan("stepped_wedge", "cr2"))
    path = tmp_path / "site.moments"
    path.write_bytes(to_bytes(kept))
    with pytest.raises(DataError, match="some moments"):
        given_moments([path, tmp_path / "rows.parquet"], STATED)
