import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from effects.compression.files import from_bytes, to_bytes
from effects.compression.plan_reasons import within_units
from effects.errors import DataError
from effects.federation.answering import squares_leave
from effects.federation.gathering import gather
from effects.federation.plan_shape import misfits
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.serialize import fingerprint
from tests.effects.federation.pilot import ROLES, made, pilot, plan

TRIAL = {"unit": "person", "cluster": "municipality", "treated": "treated"}
DESIGNS = {
    "wedge": plan(),
    "wedge_iid": plan("iid", ["age"]),
    "wedge_clusters": plan("cr2", ["age"], model={"working_model": "fixed_effects", "fixed_effects": ["period"]}),
    "wedge_mixed": plan("model_based", (), model={"working_model": "nested_exchangeable"}),
    "clusters": plan("cr1", ["age"], "cluster_randomised", data=TRIAL),
    "persons": plan("hc2", (), "individual_randomised", data={"treated": "treated"}),
    "did": plan("cr2", ["age"], "two_period_did", data={**ROLES, "period": "late"}, estimand="att"),
    "staggered": plan(
        "influence_small",
        (),
        "staggered_adoption",
        data={"unit": "person", "period": "term", "cluster": "municipality", "first_treated": "start"},
        estimand="att",
    ),
}


def rows(design: str, seed: int = 1) -> pd.DataFrame:
    """Rows as the design has them."""
    frames = pilot(4, 14, lost=0.0, seed=seed)
    if design == "staggered":
        frames = [frame.assign(start=[2, 3, 0][place % 3]) for place, frame in enumerate(frames)]
    elif design == "did":
        frames = [
            frame.assign(late=(frame["term"] > 1).astype(int), treated=(frame["term"] > 1).astype(int) * (place % 2))
            for place, frame in enumerate(frames)
        ]
    elif not design.startswith("wedge"):
        frames = [frame.drop_duplicates("person").assign(treated=place % 2) for place, frame in enumerate(frames)]
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Moments:
    return made(rows("clusters"), tmp_path_factory.mktemp("trial"), DESIGNS["clusters"], "a")


@pytest.mark.parametrize("design", DESIGNS)
def test_what_every_design_makes_fits_its_plan_alone_and_pooled(design: str, tmp_path: Path) -> None:
    stated = DESIGNS[design]
    parts = {
        name: made(
            frame.assign(person=name + frame["person"], municipality=name + frame["municipality"]),
            tmp_path,
            stated,
            name,
        )
        for name, frame in {
            "a": rows(design),
            "b": rows(design, 2).assign(score=lambda own: own["score"] * 1e6 + 1e9),
        }.items()
    }
    assert [list(misfits(part, stated)) for part in parts.values()] == [[], []]
    pooled = gather({name: to_bytes(part) for name, part in parts.items()}, stated)
    assert list(misfits(pooled, stated)) == []
    assert to_bytes(gather({"all": to_bytes(pooled)}, stated)) == to_bytes(pooled)


@pytest.mark.parametrize("design", [name for name in DESIGNS if name not in ("clusters",)])
def test_what_another_design_made_does_not_fit(design: str, trial: Moments) -> None:
    assert list(misfits(trial, DESIGNS[design]))


def resealed(moments: Moments, change: Callable[[Any], None]) -> bytes:
    """The file with something changed in its first outcome, and a check that fits."""
    content: Any = json.loads(to_bytes(moments))
    content.pop("check")
    change(content["outcomes"][0])
    return json.dumps({**content, "check": fingerprint(content)}).encode()


def every(name: str, value: object) -> Callable[[Any], None]:
    def change(own: Any) -> None:
        for cluster in own["clusters"]:
            cluster[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda own: own.update(outcome="other"), "outcomes"),
        (lambda own: own.update(statistic="changes"), "score.statistic"),
        (lambda own: own.update(demeaned=True), "score.demeaned"),
        (lambda own: own["columns"].__setitem__(2, "period:1"), "score.columns"),
        (lambda own: own["columns"].__setitem__(2, "term:shoes"), "score.columns"),
        (lambda own: own.update(base=["outcome"] * 4), "score.base"),
        (lambda own: own["origin"].__setitem__(0, 1.0), "score.base"),
        (lambda own: own["origin"].__setitem__(3, 1e300), "score.base"),
        (every("units", 0), "score.rows"),
        (lambda own: own["clusters"][0].update(rows=99, units=1), "score.rows"),
        (lambda own: own.update(people=[0.0, 0.0]), "score.rows"),
        (lambda own: own.update(people_by_cluster=[1e300] * 4), "score.rows"),
        (lambda own: own.update(people_by_cluster=[2000.0] * 4), "score.rows"),
        (lambda own: own.update(missing=2**40), "score.rows"),
        (lambda own: own["clusters"][1].update(treated=7), "score.rows"),
        (every("products", [1e300] * 10), "score.products"),
        (every("products", [0.0] * 10), "score.products"),
        (lambda own: own["clusters"][1]["products"].__setitem__(2, 1e9), "score.products"),
        (lambda own: own["clusters"][0]["products"].__setitem__(3, 1e9), "score.products"),
        (lambda own: own["clusters"][1]["products"].__setitem__(3, 1e9), "score.products"),
        (lambda own: own["clusters"][1]["products"].__setitem__(5, 1e9), "score.products"),
    ],
)
def test_a_resealed_file_that_does_not_fit_is_refused_by_name_and_place(
    trial: Moments, change: Callable[[Any], None], place: str
) -> None:
    base = json.loads(to_bytes(trial))
    assert base["outcomes"][0]["columns"] == ["treated", "constant", "term:age", "outcome"]
    with pytest.raises(DataError) as caught:
        gather({"x.moments": resealed(trial, change)}, DESIGNS["clusters"])
    found = caught.value.findings[0]
    assert (found.where, found.code, found.params["where"]) == ("x.moments", "not_of_plan", place)


def test_squares_may_be_kept_back_where_the_effect_does_without_them(trial: Moments, tmp_path: Path) -> None:
    def back(own: dict[str, Any]) -> None:
        own.update(squared=False)

    assert not gather({"x.moments": resealed(trial, back)}, STATED).outcomes[0].grams.squared
    mixed = made(rows("wedge_mixed"), tmp_path, DESIGNS["wedge_mixed"])
    with pytest.raises(DataError) as caught:
        gather({"x.moments": resealed(mixed, back)}, DESIGNS["wedge_mixed"])
    assert caught.value.findings[0].params["where"] == "score.squared"


def test_a_cluster_in_both_arms_does_not_fit_a_trial_of_clusters(trial: Moments) -> None:
    first = trial.outcomes[0]
    mixed = replace(first.grams, treated=np.array([7, 7, 7, 7]))
    people = float(mixed.rows.sum() - 28), 28.0
    places = list(
        misfits(replace(trial, outcomes=(replace(first, grams=mixed, people=people), trial.outcomes[1])), STATED)
    )
    assert places == ["score.treated"]


STATED: AnalysisPlan = DESIGNS["clusters"]


def test_outcomes_too_many_too_few_or_in_another_order_do_not_fit(trial: Moments) -> None:
    one, other = trial.outcomes
    for outcomes in ((one,), (one, other, other), (other, one), (one, one)):
        assert list(misfits(replace(trial, outcomes=outcomes), STATED)) == ["outcomes"]
    assert list(misfits(replace(trial, shared=("nobody",)), STATED)) == ["shared"]


def test_a_part_of_another_plan_is_said_once(trial: Moments) -> None:
    with pytest.raises(DataError) as caught:
        gather({"x": to_bytes(trial)}, plan("cr2"))
    assert [found.code for found in caught.value.findings] == ["other_plan"]


@pytest.mark.parametrize("name", ["waves", "starts", "changes"])
def test_counts_that_only_other_designs_have_do_not_fit(name: str, trial: Moments, tmp_path: Path) -> None:
    source = {"waves": "did", "starts": "wedge_mixed", "changes": "staggered"}[name]
    donor = made(rows(source), tmp_path, DESIGNS[source]).outcomes[0]
    given: Any = {name: getattr(donor, name)}
    assert given[name] is not None
    changed = replace(trial.outcomes[0], **given)
    assert list(misfits(replace(trial, outcomes=(changed, trial.outcomes[1])), STATED)) == [f"score.{name}"]


def test_counts_of_other_rows_do_not_fit(tmp_path: Path) -> None:
    stated = DESIGNS["staggered"]
    kept = made(rows("staggered"), tmp_path, stated)
    first = kept.outcomes[0]
    assert first.changes is not None
    changes = first.changes
    for wrong in (
        replace(changes, rows=changes.rows + 1),
        replace(changes, units=changes.units + 1),
        replace(changes, clusters=("x", *changes.clusters[1:])),
        replace(changes, periods=("when", *changes.periods[1:])),
    ):
        found = replace(kept, outcomes=(replace(first, changes=wrong), *kept.outcomes[1:]))
        assert list(misfits(found, stated)) == ["score.changes"]


def test_squares_are_asked_for_by_errors_of_rows_and_by_mixed_models_also_as_second_opinions() -> None:
    asked = {name: squares_leave(stated, settle(stated)[0]) for name, stated in DESIGNS.items()}
    assert {name for name, squares in asked.items() if not squares} == {"wedge", "did"}
    within = {name for name, stated in DESIGNS.items() if within_units(stated, settle(stated)[0])}
    assert {"wedge", "wedge_iid"} <= within
    assert "staggered" not in within


def test_a_covariate_that_never_changes_within_units_of_any_size_fits(tmp_path: Path) -> None:
    stated = plan("cr2", ["age"])
    frame = rows("wedge")
    income = frame["person"].rank(method="dense") * 12345.678 + 1e6 / 3.0
    kept = made(frame.assign(age=income), tmp_path, stated)
    assert list(misfits(from_bytes(to_bytes(kept), "x"), stated)) == []
