"""What of a result follows from its plan."""

import json
from typing import Any

import pytest

from effects.bundle.follows import follows_from_the_plan
from effects.plan import AnalysisPlan
from effects.planning.settings import DEFAULT_SEED
from tests.effects.bundle.story import PLAN, the_files


def places(plan: dict[str, Any] = PLAN, **changes: Any) -> list[str]:
    result = {**json.loads(the_files()["pilots/2/result.json"]), **changes}
    found = follows_from_the_plan("result.json", result, AnalysisPlan.from_mapping(plan), "plan.toml")
    return [difference.where for difference in found]


def test_the_result_of_its_plan_follows_from_it() -> None:
    assert places() == []


def test_another_plan_is_named_by_fingerprint_and_title() -> None:
    assert places(plan={**PLAN, "title": "Day sensors"}) == ["$.plan.fingerprint", "$.plan.title"]


@pytest.mark.parametrize("seed", [8, None, "7"])
def test_a_seed_that_is_not_the_plans_is_named(seed: object) -> None:
    assert places(seed=seed) == ["$.seed"]


def test_a_plan_without_a_seed_leaves_the_registrys_own() -> None:
    unseeded = {**PLAN, "inference": {"standard_error": "cr2"}}
    for seed, wrong in ((DEFAULT_SEED, False), (None, False), (8, True)):
        assert ("$.seed" in places(plan=unseeded, seed=seed)) is wrong


def test_other_defaults_are_named() -> None:
    defaults = json.loads(the_files()["pilots/2/result.json"])["defaults"]
    name = next(iter(defaults))
    assert places(defaults={**defaults, name: "another"}) == [f"$.defaults.{name}"]
    assert places(defaults=None) == ["$.defaults"]


def test_adjustment_for_several_outcomes_is_worked_out_again() -> None:
    entries = json.loads(the_files()["pilots/2/result.json"])["estimates"]
    entries[0]["p_adjusted"] = 0.5
    assert places(estimates=entries) == ["$.estimates[0].p_adjusted"]


@pytest.mark.parametrize("entries", [None, 3, [None], [{"analysis": "primary"}], [{"outcome": {}}]])
def test_entries_of_any_form_are_no_fault(entries: object) -> None:
    assert places(estimates=entries) == []
