from dataclasses import replace
from pathlib import Path

from effects.analyse import analyse
from effects.codes import Verdict
from effects.federation.gathering import gather
from effects.federation.making import make
from effects.federation.remarks import remarks
from tests.effects.federation.pilot import counted, csv, made, pilot, plan, sent


def test_clusters_that_stand_by_themselves_need_no_remark(tmp_path: Path) -> None:
    assert remarks(gather(sent(pilot(3), tmp_path, plan()), plan())) == ()


def test_merged_clusters_are_told_in_the_result(tmp_path: Path) -> None:
    frames = pilot(8, small={0: 3})
    paths = [csv(frame, tmp_path, str(place)) for place, frame in enumerate(frames)]
    merged = make(plan(), paths, merged={"0101": "0104"})
    (found,) = remarks(merged)
    assert (found.name, found.verdict) == ("merged_clusters", Verdict.WARN)
    assert str(found.detail).startswith("0101 > 0104")
    assert str(found.detail).endswith("There are fewer clusters for it; the difference is 1.")
    result = analyse(merged, plan())
    assert found in result.diagnostics
    assert result.estimates[0].kind == "estimate"
    assert result.estimates[0].clusters == 7


def test_a_cluster_of_several_authorities_is_told_in_the_result(tmp_path: Path) -> None:
    one = made(pilot(3)[0], tmp_path, plan(), "Aarhus")
    other = made(pilot(3, seed=2)[0], tmp_path, plan(), "Odense")
    (found,) = remarks(one + other)
    assert (found.name, found.verdict) == ("shared_clusters", Verdict.WARN)
    assert str(found.detail).startswith("0101:")
    assert len(remarks(replace(counted(one + other, 30.0), merged=(("a", "b"),)))) == 2
