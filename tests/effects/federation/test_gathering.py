import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from effects.analyse import analyse
from effects.compression.files import from_bytes, to_bytes
from effects.errors import DataError, Finding
from effects.federation.cover import cover_sheet
from effects.federation.gathering import gather
from effects.federation.making import make
from effects.results import AnalysisResult, EffectEstimate
from effects.serialize import fingerprint
from tests.effects.federation.pilot import ROLES, counted, csv, made, pilot, plan, sent

STATED = plan()
DID = {**ROLES, "period": "late"}


def refused(files: dict[str, bytes]) -> list[Finding]:
    with pytest.raises(DataError) as caught:
        gather(files, STATED)
    return list(caught.value.findings)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return sent(pilot(3), tmp_path_factory.mktemp("files"), STATED)


def figures(result: AnalysisResult) -> list[tuple[float, ...]]:
    """Every estimate with its standard error and degrees of freedom, of what sums answer."""
    found = [entry for entry in result.estimates if isinstance(entry, EffectEstimate) and entry.analysis == "primary"]
    return [(one.estimate, one.standard_error, one.df or 0.0, float(one.rows), float(one.units)) for one in found]


@pytest.mark.parametrize(("error", "covariates"), [("cr2", ["age"]), ("iid", [])])
def test_a_file_for_each_municipality_or_for_several_gives_what_all_rows_give(
    error: str, covariates: list[str], tmp_path: Path
) -> None:
    stated, frames = plan(error, covariates), pilot(6, 14, seed=8)
    rows = figures(analyse(pd.concat(frames, ignore_index=True), stated))
    assert len(rows) == 2
    several = [pd.concat(frames[place::2], ignore_index=True) for place in range(2)]
    for parts in (frames, several):
        pooled = gather(sent(parts, tmp_path, stated), stated)
        assert figures(analyse(pooled, stated)) == [pytest.approx(own, abs=1e-10) for own in rows]


def test_a_difference_in_differences_of_all_files_is_that_of_all_rows(tmp_path: Path) -> None:
    frames = [
        frame.assign(late=(frame["term"] > 1).astype(int), treated=(frame["term"] > 1).astype(int) * (place % 2))
        for place, frame in enumerate(pilot(6, 10, lost=0.0))
    ]
    stated = plan("cr2", (), "two_period_did", data=DID, estimand="att")
    rows = figures(analyse(pd.concat(frames, ignore_index=True), stated))
    pooled = gather(sent(frames, tmp_path, stated), stated)
    assert figures(analyse(pooled, stated)) == [pytest.approx(own, abs=1e-10) for own in rows]


def test_staggered_adoption_of_all_files_is_that_of_all_rows_with_few_refused(tmp_path: Path) -> None:
    frames = [frame.assign(start=[2, 3, 0][place % 3]) for place, frame in enumerate(pilot(9, 12, lost=0.0))]
    roles = {"unit": "person", "period": "term", "cluster": "municipality", "first_treated": "start"}
    stated = plan("influence_small", (), "staggered_adoption", data=roles, estimand="att")
    rows = figures(analyse(pd.concat(frames, ignore_index=True), stated))
    files = sent(frames, tmp_path, stated)
    assert figures(analyse(gather(files, stated), stated)) == [pytest.approx(own, abs=1e-10) for own in rows]
    with pytest.raises(DataError, match="over whom a sum") as caught:
        made(pilot(1, 12, lost=0.4, seed=6)[0].assign(start=2), tmp_path, stated)
    assert "treated from 2 on" in str(caught.value)
    together = pd.concat([frames[0], frames[3], pilot(8, 3, lost=0.0)[6].assign(start=2)])
    with pytest.raises(DataError, match="--merge 0107=0101"):
        made(together, tmp_path, stated)
    sheet = [str(line) for line in cover_sheet(from_bytes(files["a0.moments"], "a0"), stated)]
    assert "for each of them: at most 6;" in " ".join(sheet)


def test_the_sum_is_the_same_bytes_in_every_order_and_from_paths(files: dict[str, bytes], tmp_path: Path) -> None:
    together = gather(files, STATED)
    assert to_bytes(gather(dict(reversed(files.items())), STATED)) == to_bytes(together)
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    assert to_bytes(gather(paths, STATED)) == to_bytes(together)
    assert gather([paths[0]], STATED).authority == "a0"


def test_a_gathered_file_can_be_gathered_again(files: dict[str, bytes]) -> None:
    together = gather(files, STATED)
    assert to_bytes(gather({"all.moments": to_bytes(together)}, STATED)) == to_bytes(together)


def test_every_fault_of_every_file_is_said_at_once_by_name(files: dict[str, bytes], tmp_path: Path) -> None:
    sound = files["a0.moments"]
    other = json.loads(sound)
    other["effects_version"] = "0.0.1"
    check = {key: value for key, value in other.items() if key != "check"}
    faulty = {
        "cut.moments": sound[:-40],
        "rows.moments": b"a,b\n1,2\n",
        "altered.moments": sound.replace(b'"rows": ', b'"rows": 1', 1),
        "old.moments": json.dumps({**check, "check": fingerprint(check)}).encode(),
        "plan.moments": to_bytes(made(pilot(2, 30)[1], tmp_path, plan("cr2"), "x")),
        "small.moments": to_bytes(counted(from_bytes(files["a1.moments"], "a1"), 3.0)),
        **files,
    }
    found = {(finding.where, finding.code) for finding in refused(faulty)}
    assert found >= {
        ("cut.moments", "not_moments"),
        ("rows.moments", "not_moments"),
        ("altered.moments", "altered"),
        ("old.moments", "other_version"),
        ("plan.moments", "other_plan"),
        ("small.moments", "small_group"),
        ("small.moments", "repeated_part"),
    }
    assert not any(where in ("a0.moments", "a2.moments") for where, _ in found)


def test_the_same_file_or_the_same_rows_twice_are_named(files: dict[str, bytes]) -> None:
    (found,) = refused({**files, "again.moments": files["a1.moments"]})
    assert (found.code, found.params) == ("repeated_part", {"file": "a1.moments", "other": "again.moments"})
    again = to_bytes(replace(from_bytes(files["a1.moments"], "a1"), authority="somebody else", sha256=("0" * 64,)))
    (found,) = refused({**files, "again.moments": again})
    assert found.code == "repeated_part"


@pytest.mark.parametrize("spelling", ["a0.moments", "../{}/a0.moments", "link.moments"])
def test_one_path_given_twice_is_refused_however_it_is_written(
    spelling: str, files: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "a0.moments").write_bytes(files["a0.moments"])
    (tmp_path / "link.moments").symlink_to(tmp_path / "a0.moments")
    again = tmp_path / spelling.format(tmp_path.name)
    with pytest.raises(DataError) as caught:
        gather([tmp_path / "a0.moments", again], STATED)
    assert [(found.where, found.code) for found in caught.value.findings] == [(str(again), "repeated_file")]


def test_two_files_of_one_authority_are_refused_however_its_name_is_written(tmp_path: Path) -> None:
    frames = pilot(2)
    one = to_bytes(made(frames[0], tmp_path, STATED, "Aarhus Kommune"))
    other = to_bytes(made(frames[1], tmp_path, STATED, "aarhus  KOMMUNE "))
    (found,) = refused({"one.moments": one, "other.moments": other})
    assert found.code == "repeated_authority"
    assert "one.moments and other.moments" in found.text()


@pytest.mark.parametrize("name", ["Aar\u200bhus", "\uff21arhus", "\u202eAarhus\u202c", "Aarhus\u00a0"])
def test_a_name_that_only_looks_the_same_is_the_same_authority(name: str, tmp_path: Path) -> None:
    frames = pilot(2)
    one, other = (made(frame, tmp_path, STATED, "x") for frame in frames)
    parts = {"one": to_bytes(replace(one, authority="Aarhus")), "other": to_bytes(replace(other, authority=name))}
    (found,) = refused(parts)
    assert found.code == "repeated_authority"


def test_a_cluster_in_two_files_needs_two_authorities_that_name_themselves(tmp_path: Path) -> None:
    halves = [frame.assign(municipality="0101") for frame in pilot(1, 12) + pilot(1, 12, seed=2)]
    named = [made(half, tmp_path, STATED, name) for half, name in zip(halves, ("Aarhus", "Odense"), strict=True)]
    pooled = gather({name: to_bytes(part) for name, part in zip("ab", named, strict=True)}, STATED)
    assert pooled.shared == ("0101",)
    assert pooled.outcomes[0].people_by_cluster == (24.0,)
    (found,) = refused({"a": to_bytes(named[0]), "b": to_bytes(replace(named[1], authority=""))})
    assert found.code == "repeated_authority"
    assert "--authority" in found.text()


def test_sums_by_arm_share_their_arms_without_a_word(tmp_path: Path) -> None:
    stated = plan("hc2", (), "individual_randomised", data={"treated": "treated"})
    frames = [frame.drop_duplicates("person") for frame in pilot(2, 40, lost=0.0)]
    parts = [made(frame.assign(treated=[0, 1] * 20), tmp_path, stated) for frame in frames]
    pooled = gather({str(place): to_bytes(part) for place, part in enumerate(parts)}, stated)
    assert pooled.outcomes[0].grams.rows.tolist() == [40, 40]


def test_files_that_were_split_by_period_are_named(tmp_path: Path) -> None:
    frame = pd.concat(pilot(3, 16, lost=0.0), ignore_index=True)
    halves = [frame[frame["term"] < 2], frame[frame["term"] >= 2]]
    parts = {name: to_bytes(made(half, tmp_path, STATED, name)) for name, half in zip("ab", halves, strict=True)}
    (found,) = refused(parts)
    assert (found.where, found.code) == ("a", "split_by_period")
    assert "a and b" in found.text()


@pytest.mark.parametrize("terms", [(2,), (3,), (2, 1, 3)])
def test_one_cluster_split_by_period_is_enough_and_each_may_be_split_elsewhere(
    terms: tuple[int, ...], tmp_path: Path
) -> None:
    frames = pilot(3, 16, lost=0.0)
    halves = [
        [frame[frame["term"] < cut], frame[frame["term"] >= cut]] for frame, cut in zip(frames, terms, strict=False)
    ]
    early, late = (pd.concat([own[place] for own in halves]) for place in (0, 1))
    parts = {"a": early, "b": pd.concat([late, *frames[len(terms) :]])}
    (found,) = refused({name: to_bytes(made(part, tmp_path, STATED, name)) for name, part in parts.items()})
    assert (found.where, found.code) == ("a", "split_by_period")


def test_staggered_adoption_split_by_period_is_refused_too(tmp_path: Path) -> None:
    roles = {"unit": "person", "period": "term", "cluster": "municipality", "first_treated": "start"}
    stated = plan("influence_small", (), "staggered_adoption", data=roles, estimand="att")
    frame = pilot(1, 16, lost=0.0)[0].assign(start=0)
    halves = {"a": frame[frame["term"] < 2], "b": frame[frame["term"] >= 2]}
    with pytest.raises(DataError) as caught:
        gather({name: to_bytes(made(half, tmp_path, stated, name)) for name, half in halves.items()}, stated)
    assert [found.code for found in caught.value.findings] == ["split_by_period"]


def test_a_person_who_moves_counts_in_both_files_and_the_shared_cluster_is_remarked_on(tmp_path: Path) -> None:
    frames = pilot(2, 14, lost=0.0)
    moved = frames[0][(frames[0]["person"] == "0-0") & (frames[0]["term"] > 1)]
    stayed = frames[0].drop(moved.index)
    there = pd.concat([frames[1], moved.assign(municipality="0102")])
    pooled = gather(sent([stayed, there], tmp_path, STATED), STATED)
    assert int(pooled.outcomes[0].grams.units.sum()) == 29
    halves = [frames[0][frames[0]["person"].str.split("-").str[1].astype(int) % 2 == place] for place in (0, 1)]
    shared = gather(sent(halves, tmp_path, STATED), STATED)
    assert shared.shared == ("0101",)
    assert "shared_clusters" in [check.name for check in analyse(shared, STATED).diagnostics]


def test_what_cannot_be_opened_or_is_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.moments cannot be opened"):
        gather([tmp_path / "gone.moments"], STATED)
    assert [found.code for found in refused({})] == ["no_data"]


def test_files_of_one_name_in_several_folders_are_told_apart(files: dict[str, bytes], tmp_path: Path) -> None:
    paths = []
    for place, content in enumerate(list(files.values())[:2]):
        (tmp_path / str(place)).mkdir()
        paths.append(tmp_path / str(place) / "site.moments")
        paths[-1].write_bytes(content)
    assert gather(paths, STATED).rows > 0
    paths[1].write_bytes(b"{}")
    with pytest.raises(DataError) as caught:
        gather(paths, STATED)
    assert [found.where for found in caught.value.findings] == [str(paths[1])]


def test_faults_of_two_files_together_are_found_beside_those_of_one(files: dict[str, bytes]) -> None:
    found = refused({**files, "again.moments": files["a0.moments"], "cut.moments": files["a1.moments"][:-9]})
    assert {(finding.where, finding.code) for finding in found} == {
        ("a0.moments", "repeated_part"),
        ("cut.moments", "not_moments"),
    }
    assert all(finding.remedy for finding in found)


def test_a_changed_figure_is_noticed_wherever_it_stands(files: dict[str, bytes]) -> None:
    content = json.loads(files["a0.moments"])
    for change in ({"authority": "somebody else"}, {"merged": [["a", "b"]]}, {"rows": content["rows"] + 1}):
        (found,) = refused({**files, "a0.moments": json.dumps({**content, **change}).encode()})
        assert (found.where, found.code) == ("a0.moments", "altered")


def test_people_who_were_merged_at_home_stay_merged_in_the_sum(tmp_path: Path) -> None:
    frames = pilot(8, 14, small={3: 3})
    one = make(
        STATED, [csv(pd.concat([frames[0], frames[3]]), tmp_path, "one")], authority="a", merged={"0104": "0101"}
    )
    other = made(pd.concat([frames[1], frames[4]]), tmp_path, STATED, "b")
    pooled = gather({"one": to_bytes(one), "other": to_bytes(other)}, STATED)
    assert pooled.merged == (("0104", "0101"),)
    assert pooled.outcomes[0].grams.clusters == ("0101", "0102", "0105")
    assert pooled.outcomes[0].people_by_cluster is not None
    assert pooled.outcomes[0].people_by_cluster[0] == frames[0]["person"].nunique() + frames[3]["person"].nunique()
    assert [check.name for check in analyse(pooled, STATED).diagnostics].count("merged_clusters") == 1


def test_a_corrected_file_beside_the_one_it_corrects_is_the_same_authority_twice(tmp_path: Path) -> None:
    first = pd.concat(pilot(2), ignore_index=True)
    corrected = first.assign(
        score=first["score"].where(first["municipality"] != "0101", first["score"] + first["term"])
    )
    (found,) = refused(
        {
            name: to_bytes(make(STATED, [csv(frame, tmp_path, name)], authority=authority))
            for name, frame, authority in (("old", first, "Aarhus"), ("new", corrected, " aarhus "))
        }
    )
    assert (found.code, found.where, found.params["other"]) == ("repeated_authority", "old", "new")
