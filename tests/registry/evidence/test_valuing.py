"""The worker values a business case by the evidence as it stands."""

from pathlib import Path

import pytest

from effects.economics.facts import Place
from registry.business_cases.actions import store
from registry.business_cases.queries import business_case
from registry.evidence.grounds import Ground
from registry.evidence.looks import ask
from registry.evidence.valuing import valued
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.recommendations.compute import Business, drawn_up
from registry.recommendations.queries import recommendation
from tests.registry.analyses.story import work_off
from tests.registry.business_cases.story import BY_EFFECT, HEAD, LINES, a_stated_case
from tests.registry.evidence.story import an_approved_assessment, two_pilots
from tests.registry.evidence.test_compute import a_ground, heard
from tests.registry.evidence.test_pooling import a_reach, falls
from tests.registry.recommendations.story import issued

FALLS = (
    HEAD.format(name="Robot", version="1") + LINES + BY_EFFECT.replace("language", "falls").replace("higher", "lower")
)
PLACES = (Place("0101", "Testkøbing", "Region Test", "medium", 60_000),)


def test_the_figures_are_those_of_the_recommendation_on_the_same_ground() -> None:
    alone = heard(1, falls(-1.0))
    single = Ground(technology=7, heard=(alone,), reach=a_reach(registered=1), information=())
    for ground in (a_ground(), single):
        worth = valued(FALLS, ground, PLACES)
        advised = drawn_up(ground.heard[0].case, ground, Business(FALLS, PLACES)).valuation
        evidence = worth.pop("evidence")
        assert worth == advised
        assert worth["expected_net_value"] is not None
        assert evidence["pilots"] == [one.pilot for one in ground.heard]
        assert evidence["names"] == {"Falls": "Falls", "falls": "Falls"}


def test_without_evidence_what_rests_on_an_effect_stays_open() -> None:
    nothing = Ground(technology=7, heard=(), reach=a_reach(registered=1), information=())
    worth = valued(FALLS, nothing, PLACES)
    assert (worth["expected_net_value"], worth["evidence"]["pilots"]) == (None, [])


@pytest.mark.usefixtures("database")
async def test_a_case_stated_first_is_valued_once_the_only_pilot_is_approved(tmp_path: Path) -> None:
    cast, assessment = await an_approved_assessment(tmp_path)
    _, made = await a_stated_case(cast, more=BY_EFFECT)
    await work_off(tmp_path)
    before = (await business_case(made)).valuation
    await issued(tmp_path, cast, assessment)
    found = await business_case(made)
    assert before is not None and found.valuation is not None
    assert before["expected_net_value"] == found.valuation["expected_net_value"] is not None
    about = await recommendation(cast.lead, 1)
    assert about.resting.valuation is not None
    assert found.valuation["expected_net_value"] == about.resting.valuation["expected_net_value"]


@pytest.mark.usefixtures("database")
async def test_every_look_has_the_version_that_holds_valued_anew(tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    _, made = await a_stated_case(second, more=BY_EFFECT)
    await work_off(tmp_path)
    async with transaction():
        await store(made, {"expected_net_value": None})
        await ask(technology)
    await work_off(tmp_path)
    worth = (await business_case(made)).valuation
    assert worth is not None
    assert worth["expected_net_value"] is not None
    assert sorted(worth["evidence"]["pilots"]) == sorted([first.pilot, second.pilot])
    effect = next(line["effect"] for line in worth["lines"] if line["indicator"] == "language")
    assert 0.2 < effect < 0.3, "between what the two pilots found"


@pytest.mark.usefixtures("database")
async def test_the_worker_values_a_version_in_every_municipality(tmp_path: Path) -> None:
    cast, made = await a_stated_case()
    await work_off(tmp_path)
    found = await business_case(made)
    assert found.state == JobState.DONE
    assert found.valuation is not None
    assert found.valuation["expected_net_value"] is not None
    assert cast.lead.organisation_name in {place["name"] for place in found.valuation["by_place"]}


@pytest.mark.usefixtures("database")
async def test_a_line_that_rests_on_an_effect_waits_for_evidence(tmp_path: Path) -> None:
    _, made = await a_stated_case(more=BY_EFFECT)
    await work_off(tmp_path)
    found = await business_case(made)
    assert found.valuation is not None
    assert found.valuation["expected_net_value"] is None
    assert "no effect on language is known" in found.valuation["unknown"][0]["text"]
