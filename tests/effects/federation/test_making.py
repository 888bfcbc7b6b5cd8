import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.analyse import analyse
from effects.compression.files import to_bytes
from effects.errors import DataError, Finding
from effects.federation.gathering import gather
from effects.federation.making import make
from effects.plan import AnalysisPlan
from tests.effects.compression.panels import parquet
from tests.effects.federation.pilot import ROLES, csv, made, pilot, plan, sent

CLUSTERS: dict[str, object] = {"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}


def refused(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan, **asked: dict[str, str]) -> list[Finding]:
    with pytest.raises(DataError) as caught:
        make(stated, [csv(frame, folder)], **asked)  # type: ignore[arg-type]
    return list(caught.value.findings)


def together(**small: int) -> pd.DataFrame:
    """Eight municipalities of 14 people, some of them of fewer."""
    return pd.concat(pilot(8, 14, small={int(name[1:]): people for name, people in small.items()}), ignore_index=True)


def test_csv_and_parquet_of_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    frame = pilot(1, 20)[0]
    from_csv = make(plan(), [csv(frame, tmp_path)], authority="Aarhus")
    from_parquet = make(plan(), [parquet(frame, tmp_path / "rows.parquet")], authority="Aarhus")
    assert to_bytes(from_csv) == to_bytes(from_parquet)
    assert from_csv.authority == "Aarhus"
    assert from_csv.outcomes[0].people_by_cluster == (20.0,)
    assert from_csv.outcomes[0].least == (5.0,)


def test_parquet_given_twice_is_refused_beside_a_merge_too(tmp_path: Path) -> None:
    frame = together(m3=3).assign(treated=lambda rows: (rows["municipality"] > "0104").astype(int))
    path = parquet(frame.drop_duplicates("person"), tmp_path / "rows.parquet")
    stated = plan("cr1", (), "cluster_randomised", data={"cluster": "municipality", "treated": "treated"})
    with pytest.raises(DataError) as caught:
        make(stated, [path, path], merged={"0104": "0101"})
    assert [found.code for found in caught.value.findings] == ["repeated_file"]


def test_nothing_of_the_rows_is_in_the_file_but_sums(tmp_path: Path) -> None:
    frame = pilot(1, 20)[0].assign(secret="Jens Hansen, 8000 Aarhus")
    frame["person"] = [f"9{place:05d}" for place in pd.factorize(pilot(1, 20)[0]["person"])[0]]
    text = to_bytes(made(frame, tmp_path, plan())).decode()
    assert not any(person in text for person in frame["person"])
    assert "Jens" not in text
    content = json.loads(text)
    assert {outcome["outcome"] for outcome in content["outcomes"]} == {"score", "happy"}
    assert all("age" not in outcome["columns"] for outcome in content["outcomes"])


def test_the_digest_follows_from_what_leaves_and_not_from_the_rows(tmp_path: Path) -> None:
    frame = pilot(1, 20, lost=0.0)[0]
    swapped = frame.copy()
    swapped["person"] = "x" + swapped["person"]
    one, other = made(frame, tmp_path, plan(), "Aarhus"), made(swapped, tmp_path, plan(), "Odense")
    assert one.sha256 == other.sha256
    assert made(frame.assign(score=frame["score"] * 2), tmp_path, plan()).sha256 != one.sha256
    raw = csv(frame, tmp_path).read_bytes()
    assert one.sha256[0] not in raw.decode()


def test_squares_leave_only_where_something_needs_them(tmp_path: Path) -> None:
    frame = pilot(1, 20)[0]
    assert made(frame, tmp_path, plan("cr1", model=CLUSTERS)).outcomes[0].grams.squared
    assert not made(frame, tmp_path, plan("cr1")).outcomes[0].grams.squared
    assert made(frame, tmp_path, plan("cr2", ["age"])).outcomes[0].grams.products[0][-1, -1] == 0.0
    iid = made(frame, tmp_path, plan("iid"))
    assert iid.outcomes[0].grams.squared
    assert iid.outcomes[0].grams.products[0][-1, -1] > 0.0


def test_a_square_that_one_person_makes_up_stays_where_the_effect_does_without_it(tmp_path: Path) -> None:
    frame = pilot(1, 40)[0]
    frame["score"] = np.where(frame["person"] == "0-7", 900_000.0, frame["score"])
    linear = made(frame, tmp_path, plan("cr2", model=CLUSTERS))
    assert [one.grams.squared for one in linear.outcomes] == [False, True]
    assert linear.outcomes[0].grams.products[0][-1, -1] == 0.0
    (found,) = refused(frame, tmp_path, plan("iid", model=CLUSTERS))
    assert found.text().startswith("People of cluster 0101 who make up nearly all that score tells: 1.")
    whole = made(pilot(1, 40)[0], tmp_path, plan("cr2", model=CLUSTERS))
    assert [one.grams.squared for one in whole.outcomes] == [True, True]


def test_second_opinions_say_that_a_file_keeps_its_squares_back(tmp_path: Path) -> None:
    frames, stated = pilot(8, 12), plan("cr2", model=CLUSTERS)
    frames[3]["score"] = np.where(frames[3]["person"] == "3-7", 900_000.0, frames[3]["score"])
    sums = analyse(gather(sent(frames, tmp_path, stated), stated), stated)
    told = {(entry.outcome, entry.analysis, entry.kind) for entry in sums.estimates}
    assert {("score", "primary", "estimate"), ("score", "sensitivity", "not_estimable")} < told
    assert ("happy", "sensitivity", "not_estimable") not in told


def test_a_square_that_is_one_sum_too_many_for_the_people_stays(tmp_path: Path) -> None:
    frame = pilot(1, 5, lost=0.0)[0]
    found = made(frame, tmp_path, plan("cr2", model=CLUSTERS))
    assert [one.grams.squared for one in found.outcomes] == [False, False]


def test_a_municipality_of_three_is_refused_with_the_merge_that_helps_and_with_it_works(tmp_path: Path) -> None:
    frame = together(m3=3)
    (found,) = refused(frame, tmp_path, plan())
    assert (found.where, found.code) == ("0104", "small_group")
    assert found.text() == "People behind cluster 0104: 3, fewer than 5. Add --merge 0104=0101."
    moments = make(plan(), [csv(frame, tmp_path)], merged={"0104": "0101"})
    assert moments.merged == (("0104", "0101"),)
    assert moments.plan == plan().fingerprint
    assert "0104" not in moments.clusters
    relabelled = frame.assign(municipality=frame["municipality"].replace("0104", "0101"))
    ran = [analyse(moments, plan()), analyse(relabelled, plan())]
    sums, rows = ([entry for entry in result.estimates if entry.analysis == "primary"] for result in ran)
    for one, other in zip(sums, rows, strict=True):
        assert one.kind == other.kind == "estimate"
        assert (one.estimate, one.standard_error) == pytest.approx((other.estimate, other.standard_error), abs=1e-10)


def test_all_small_clusters_are_found_at_once_and_one_merge_may_mend_two(tmp_path: Path) -> None:
    found = refused(together(m0=3, m3=4, m6=4, m1=3), tmp_path, plan())
    said = {finding.where: finding.text() for finding in found}
    assert set(said) == {"0101", "0102", "0104", "0107"}
    assert "--merge 0101=0104" in said["0101"]
    assert "The merge named for another cluster mends this too." in said["0104"]
    assert "--merge 0102=" in said["0102"]


def test_a_lonely_small_cluster_is_told_with_whom_to_make_one_file(tmp_path: Path) -> None:
    frame = together(m3=3)
    (found,) = refused(frame[frame["municipality"].isin(["0102", "0104"])], tmp_path, plan())
    assert "authority that is treated from 1 on" in found.text()


def test_few_people_who_tie_the_terms_together_are_found(tmp_path: Path) -> None:
    frame = pilot(1, 40, lost=0.0)[0]
    person = frame["person"].str.removeprefix("0-").astype(int)
    kept = frame[(person < 3) | ((person < 20) & (frame["term"] < 2)) | ((person >= 20) & (frame["term"] >= 2))]
    (found,) = refused(kept, tmp_path, plan())
    assert "People of cluster 0101 over whom a sum could be worked out: 3" in found.text()


def test_a_rare_covariate_and_few_who_were_treated_early_are_found(tmp_path: Path) -> None:
    frame = pilot(1, 40)[0]
    assert made(frame, tmp_path, plan("cr1", ["rare"])).clusters == {"0101"}, "what never changes does not leave"
    (rare,) = refused(frame.assign(rare=frame["rare"] * (frame["term"] % 2)), tmp_path, plan("cr1", ["rare"]))
    assert "People of cluster 0101 whose rare and period:1 together could be worked out: 2" in rare.text()
    early = frame.assign(treated=np.where(frame["person"].isin(["0-0", "0-1"]), 1, frame["treated"]))
    (few,) = refused(early, tmp_path, plan())
    assert "over whom a sum could be worked out: 2" in few.text()


def test_people_behind_rows_count_where_the_plan_states_them(tmp_path: Path) -> None:
    sites = pilot(1, 12, lost=0.0)[0].assign(people=9)
    roles = {"unit": "municipality", "period": "term", "treated": "treated", "persons": "people"}
    mean = sites.groupby(["municipality", "term", "treated", "people"], as_index=False)[["score", "happy"]].mean()
    stated = plan("cr1", data=roles)
    assert made(mean, tmp_path, stated).outcomes[0].people_by_cluster == (9.0,)
    (found,) = refused(mean.assign(people=4), tmp_path, stated)
    assert found.text().startswith("People behind cluster 0101: 4,")
    (alone,) = refused(mean, tmp_path, plan("cr1", data={key: roles[key] for key in roles if key != "persons"}))
    assert alone.text().startswith("People behind cluster 0101: 1,")


def test_a_plan_that_needs_rows_is_refused_with_every_reason_and_remedy(tmp_path: Path) -> None:
    stated = plan("cr1", data={**ROLES, "weight": "age"}, subgroup=[{"column": "site"}])
    found = refused(pilot(1)[0], tmp_path, stated)
    assert [finding.code for finding in found] == ["needs_rows", "needs_rows"]
    assert "Leave out data.weight." in found[0].text()
    assert "Leave out the subgroups" in found[1].text()


def test_columns_and_values_that_are_wrong_are_said_as_an_analysis_says_them(tmp_path: Path) -> None:
    frame = pilot(1)[0]
    found = refused(frame.drop(columns=["score", "person"]), tmp_path, plan())
    assert {finding.column or finding.params.get("column") for finding in found} >= {"score", "person"}
    assert refused(frame.assign(treated=2), tmp_path, plan())
    assert refused(frame.assign(score="high"), tmp_path, plan())
    with pytest.raises(DataError, match="cannot be opened"):
        make(plan(), [tmp_path / "gone.csv"])
    with pytest.raises(DataError, match="Parquet"):
        (tmp_path / "broken.parquet").write_bytes(b"PAR1")
        make(plan(), [tmp_path / "broken.parquet"])


def test_rows_that_only_rows_can_answer_are_refused_with_the_reason(tmp_path: Path) -> None:
    twice = pd.concat([pilot(1)[0]] * 2, ignore_index=True)
    twice["municipality"] = np.where(np.arange(len(twice)) % 2, "0101", "0102")
    (found,) = refused(twice, tmp_path, plan())
    assert found.code == "needs_rows"
    assert "a unit stands in several clusters" in found.text()


def test_wrong_merges_are_refused_before_anything_is_summed(tmp_path: Path) -> None:
    found = refused(together(), tmp_path, plan(), merged={"0101": "0102", "9999": "0103"})
    assert sorted(finding.code for finding in found) == ["no_such_cluster", "other_treatment"]


def test_a_higher_minimum_may_be_asked_for(tmp_path: Path) -> None:
    frame = pilot(1, 20)[0]
    assert make(plan(), [csv(frame, tmp_path)], minimum=8).outcomes[0].least == (8.0,)
    with pytest.raises(DataError, match="fewer than 30"):
        make(plan(), [csv(frame, tmp_path)], minimum=30)


@pytest.mark.parametrize("error", ["cr1", "iid"])
def test_several_files_of_one_authority_are_one_table(error: str, tmp_path: Path) -> None:
    frame = pilot(1, 20)[0]
    early = frame["person"].isin(frame["person"].unique()[:9])
    halves = [csv(frame[early], tmp_path, "a"), csv(frame[~early], tmp_path, "b")]
    whole = make(plan(error), [csv(frame, tmp_path)])
    assert to_bytes(make(plan(error), halves)) == to_bytes(whole)
    with pytest.raises(DataError, match="holds the same as a file given before"):
        make(plan(error), [halves[0], halves[0]])


def test_a_mixed_model_takes_its_squares_along_and_gives_what_the_rows_give(tmp_path: Path) -> None:
    frames = pilot(8, 12, lost=0.0)
    roles = {"unit": "person", "cluster": "municipality", "treated": "treated"}
    trial = [frame.drop_duplicates("person").assign(treated=place % 2) for place, frame in enumerate(frames)]
    stated = plan("model_based", (), "cluster_randomised", data=roles)
    pooled = make(stated, [csv(pd.concat(trial), tmp_path)])
    assert pooled.outcomes[0].grams.squared
    rows, sums = analyse(pd.concat(trial, ignore_index=True), stated), analyse(pooled, stated)
    assert (sums.estimates[0].kind, rows.estimates[0].kind) == ("estimate", "estimate")
    assert sums.estimates[0].estimate == pytest.approx(rows.estimates[0].estimate, abs=1e-9)
    assert sums.estimates[0].standard_error == pytest.approx(rows.estimates[0].standard_error, abs=1e-9)


def test_second_opinions_are_those_of_the_rows_where_clusters_have_effects_of_their_own(tmp_path: Path) -> None:
    frames, stated = pilot(8, 12), plan("cr2", ["age"], model=CLUSTERS)
    rows = analyse(pd.concat(frames, ignore_index=True), stated)
    sums = analyse(gather(sent(frames, tmp_path, stated), stated), stated)
    assert {entry.analysis for entry in rows.estimates} == {"primary", "sensitivity"}
    for one, other in zip(sums.estimates, rows.estimates, strict=True):
        assert one.kind == other.kind == "estimate"
        assert one.estimate == pytest.approx(other.estimate, abs=1e-10 * other.standard_error)
        assert one.standard_error == pytest.approx(other.standard_error, rel=1e-10)


def test_few_rows_of_one_arm_are_found_in_a_trial_of_persons(tmp_path: Path) -> None:
    frame = pilot(1, 40, lost=0.0)[0].drop_duplicates("person").reset_index(drop=True)
    frame["treated"] = (frame.index < 4).astype(int)
    (found,) = refused(frame, tmp_path, plan("hc2", (), "individual_randomised", data={"treated": "treated"}))
    assert found.text() == "People behind cluster 1: 4, fewer than 5. Make one file together with another authority."


def test_a_table_schema_says_how_the_file_is_written(tmp_path: Path) -> None:
    frame = pilot(1, 20)[0]
    danish, schema = tmp_path / "danish.csv", tmp_path / "schema.json"
    frame.to_csv(danish, index=False, sep=";", decimal=",")
    fields = [
        {"name": name, "type": "number", "decimalChar": ","}
        if frame[name].dtype.kind in "fi"
        else {"name": name, "type": "string"}
        for name in frame.columns
    ]
    schema.write_text(json.dumps({"fields": fields, "dialect": {"delimiter": ";"}}), encoding="utf-8")
    assert to_bytes(make(plan(), [danish], schema=schema)) == to_bytes(made(frame, tmp_path, plan()))
