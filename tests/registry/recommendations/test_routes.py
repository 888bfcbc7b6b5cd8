"""Pages and JSON of recommendations as a browser and a program see them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from registry.evidence.queries import assessments_of
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from registry.recommendations.queries import SUBJECT, recommendation
from registry.recommendations.tables import Basis, Recommendation
from tests.registry.analyses.story import work_off
from tests.registry.business_cases.story import a_stated_case
from tests.registry.evidence.story import a_graded_assessment, an_approved_assessment, two_pilots
from tests.registry.people.story import an_account, signed_in
from tests.registry.recommendations.story import an_issued_recommendation, issued, telecare_recommended

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "recommendations", "decisions", "evidence")


async def test_the_evaluator_issues_the_advice_and_everybody_is_led_to_it(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await signed_in(client, cast.evaluator)
    path = f"/assessments/{assessment_id}/recommendation"
    assert "Issue the recommendation" in (await client.get(path, headers=PAGE)).text
    assert (await client.post(path, headers=PAGE)).status_code == 303
    assert "The recommendation is being drawn up." in (await client.get(path, headers=PAGE)).text
    await work_off(tmp_path)
    led = await client.get(path, headers=PAGE)
    assert led.status_code == 302
    shown = (await client.get(led.headers["location"], headers=PAGE)).text
    assert "Not enough evidence" in shown
    assert "Important benefit" in shown
    assert "What would change this" in shown


async def test_the_page_carries_everything_the_advice_rests_on(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    for said in (
        "Expected net value is negative and no claim of something better is proven.",
        "At least 2 of 3 primary claims have to hold, and they do not.",
        "Very low to low (1–2 of 4)",
        "G5 Every stakeholder group has voted on the indicators",
        "Hold the rating round with the groups that have not voted.",
        "If value of a unit gained passes 55,152, now 21,068",
        "If a feasible extension were offered",
        "Extend the trial",
        "Horizon in years",
        "No stakeholder recorded dissent",
        "Expected value of the extension",
    ):
        assert said in shown, said


async def test_what_would_change_the_advice_leaves_out_what_leads_to_the_same(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await telecare_recommended(tmp_path)
    advice = (await recommendation(cast.lead, made)).advice
    assert any(turn["kind"] == "STOP" for turn in advice["what_would_change"])
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    section = shown[shown.index("<h2>What would change this") : shown.index("<h2>Dissent")]
    listed = section.split("<details")[0]
    assert ">Extend the trial<" in listed
    assert ">Stop<" not in listed


async def test_the_json_is_the_whole_advice(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await signed_in(client, cast.lead)
    body = (await client.get(f"/recommendations/{made}", headers=JSON)).json()
    assert body["advice"] == (await recommendation(cast.lead, made)).advice
    listed = (await client.get("/recommendations", headers=JSON)).json()["recommendations"]
    assert [(row["id"], row["kind"]) for row in listed] == [(made, "NOT_ENOUGH_EVIDENCE")]
    about = (
        await client.get(f"/assessments/{body['recommendation']['assessment_id']}/recommendation", headers=JSON)
    ).json()
    assert (about["recommendation_id"], about["approved"]) == (made, True)


async def test_before_approval_the_page_says_whose_turn_it_is_and_the_api_refuses(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    await signed_in(client, cast.evaluator)
    path = f"/assessments/{assessment_id}/recommendation"
    shown = (await client.get(path, headers=PAGE)).text
    assert "A second evaluator approves the assessment first." in shown
    assert "Issue the recommendation" not in shown
    assert (await client.post(path, headers=JSON)).status_code == 409


async def test_advice_that_could_not_be_drawn_up_may_be_asked_for_again(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await signed_in(client, cast.evaluator)
    path = f"/assessments/{assessment_id}/recommendation"
    await client.post(path, headers=PAGE)
    await Job.update({Job.state: JobState.FAILED}).where(Job.subject == SUBJECT.format(assessment_id))
    shown = (await client.get(path, headers=PAGE)).text
    assert "The recommendation could not be drawn up" in shown
    assert (await client.post(path, headers=JSON)).status_code == 201


async def test_the_decision_maker_is_asked_to_decide_and_others_to_read(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await signed_in(client, await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation))
    assert "Go to the decision" in (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "Go to the decision" not in shown
    assert "The decision-maker reads the reasons" in shown


async def test_a_private_pilots_advice_does_not_exist_for_others(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    assessment_id = (await recommendation(cast.lead, made)).recommendation.assessment_id
    await signed_in(client, await an_account(Role.EVALUATOR))
    for headers in (PAGE, JSON):
        for path in (
            f"/recommendations/{made}",
            f"/assessments/{assessment_id}/recommendation",
            "/recommendations/999",
        ):
            assert (await client.get(path, headers=headers)).status_code == 404
        assert (await client.post(f"/assessments/{assessment_id}/recommendation", headers=headers)).status_code == 404
    assert (await client.get("/recommendations", headers=JSON)).json()["recommendations"] == []
    assert "No recommendation yet" in (await client.get("/recommendations", headers=PAGE)).text


async def test_who_sees_but_may_not_issue_is_told_so(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, assessment_id = await an_approved_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    await signed_in(client, await an_account(Role.EVALUATOR))
    path = f"/assessments/{assessment_id}/recommendation"
    assert "An evaluator issues the recommendation." in (await client.get(path, headers=PAGE)).text
    assert (await client.post(path, headers=JSON)).status_code == 403


async def test_a_simulated_pilot_is_labelled(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path, simulated=True)
    await signed_in(client, cast.lead)
    assert "The figures are made up" in (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "Simulated" in (await client.get("/recommendations", headers=PAGE)).text
    assert (await client.get(f"/recommendations/{made}", headers=JSON)).json()["recommendation"]["simulated"] is True


async def test_the_advice_is_in_the_readers_language(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, cast.lead)
    client.cookies.set("language", "da")
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "Forventet nettoværdi er negativ" in shown
    assert "55.152" in shown


async def test_every_figure_of_the_golden_case_stands_on_its_page(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    for said in (
        "those lost could shift it by 0.080 SD",
        "(0.168)",
        "55,152 EUR",
        "−450 EUR",
        "21,068 EUR",
        "between 1.4 lower and 1.7 higher",
        "Sundhedssektor og kommuner",
        "No guardrail was measured",
        "the advice is the same in ",
    ):
        assert said in shown, said
    unfolded = shown[shown.index("<h2>What would change this") :].split("<details")[0]
    assert "passes 55,152, now 21,068" in unfolded and "If a feasible extension were offered" in unfolded


async def test_advice_on_several_pilots_leads_to_their_evidence(client: httpx.AsyncClient, tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    listed = await assessments_of(second.evaluator, second.pilot)
    made = await issued(tmp_path, second, listed.assessments[0].id)
    await signed_in(client, second.lead)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "It rests on 2 pilots of the technology." in shown
    assert f"/technologies/{technology}/evidence/2" in shown
    await signed_in(client, first.lead)
    assert (await client.get(f"/recommendations/{made}", headers=PAGE)).status_code == 404
    assert "A recommendation" in (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text


async def test_outdated_advice_says_why_and_leads_to_the_newer(client: httpx.AsyncClient, tmp_path: Path) -> None:
    first, second, _ = await two_pilots(tmp_path)
    made = []
    for cast in (first, second):
        listed = await assessments_of(cast.evaluator, cast.pilot)
        made.append(await issued(tmp_path, cast, listed.assessments[0].id))
    await signed_in(client, await an_account(Role.DECISION_MAKER, everywhere=True))
    shown = (await client.get(f"/recommendations/{made[0]}", headers=PAGE)).text
    assert "This recommendation is outdated" in shown and f'href="/recommendations/{made[1]}"' in shown
    assert "outdated" not in (await client.get(f"/recommendations/{made[1]}", headers=PAGE)).text
    listing = (await client.get("/recommendations", headers=PAGE)).text
    assert listing.count("Outdated") == 1


async def test_my_municipality_says_what_is_lacking(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await signed_in(client, cast.lead)
    path = f"/recommendations/{made}/municipality"
    shown = (await client.get(path, headers=PAGE)).text
    assert cast.lead.organisation_name in shown
    assert "No business case is stated for the technology" in shown
    assert "of 100" in shown and "Language known" in shown
    code = (await client.get(path, headers=JSON)).json()["place"]["code"]
    assert (await client.get(f"{path}?place={code}", headers=PAGE)).status_code == 200
    for wrong in ("9999", "%00", "x" * 50):
        assert (await client.get(f"{path}?place={wrong}", headers=PAGE)).status_code == 404
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    assert (await client.get(path, headers=PAGE)).status_code == 404


async def test_my_municipality_says_what_it_is_worth_there(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await a_stated_case(cast)
    await work_off(tmp_path)
    made = await issued(tmp_path, cast, assessment_id)
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}/municipality", headers=PAGE)).text
    assert "Probability that it pays here: " in shown and "Expected local net value" in shown and "DKK" in shown
    whole = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "By size of municipality" in whole and "What the economy rests on" in whole
    assert "Discount rate" in whole


async def test_my_municipality_shows_the_value_for_each_citizen_of_published_evidence(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """A reader who cannot state the business case is not sent to it."""
    cast, made = await telecare_recommended(tmp_path)
    reader = await an_account(Role.DECISION_MAKER, everywhere=True)
    for account, led in ((reader, False), (cast.lead, True)):
        await signed_in(client, account)
        shown = (await client.get(f"/recommendations/{made}/municipality", headers=PAGE)).text
        for said in (
            "For each citizen it is expected to cost",
            "For 100 citizens",
            "Probability that it pays: ",
            "(ICER)",
        ):
            assert said in shown, said
        assert "How many citizens here would use it is not known" in shown
        assert ("Go to the business case" in shown) is led


EVERYWHERE = "Net value is positive in most municipalities of each size class"
OF_CLASS = "If the share of municipalities with positive value in size class {class} passes {to}, now {now}"


async def the_advice_holds(made: int, **parts: Any) -> None:
    """The advice as it would be with these parts."""
    row = await Recommendation.select(Recommendation.advice).where(Recommendation.id == made).first()
    assert row is not None
    advice = msgspec.json.encode(msgspec.json.decode(row["advice"]) | parts).decode()
    await Recommendation.update({Recommendation.advice: advice}).where(Recommendation.id == made)


async def test_size_classes_and_gates_are_named_in_the_readers_language(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    classes = {"large": 1.0, "medium": 1.0, "small": 0.824}
    everywhere: dict[str, Any] = {
        "id": "value_everywhere",
        "state": True,
        "message": {"template": EVERYWHERE, "params": {}},
    }
    turn: dict[str, Any] = {"input": "share_positive_by_size_class", "kind": "STOP", "rule": "R6", "regraded": False}
    turn |= {"message": {"template": OF_CLASS, "params": {"class": "small", "to": 0.8, "now": 0.824}}}
    gate: dict[str, Any] = {"input": "G6", "indicator": None, "binding": True, "rules": ["R2"]}
    gate |= {"title": {"template": "gate G6", "params": {}}, "supplier": {"template": "project lead", "params": {}}}
    await the_advice_holds(
        made,
        reasons=[{**everywhere, "inputs": classes, "thresholds": {"class_share": 0.8}}],
        what_would_change=[turn],
        unknowns=[gate],
    )
    await signed_in(client, cast.lead)
    english = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "Large: 1<br>Medium: 1<br>Small: 0.824" in english and "in size class small passes 0.8" in english
    assert "Gate G6: " in english and "large difference from" not in english
    client.cookies.set("language", "da")
    danish = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "Stor: 1<br>Mellem: 1<br>Lille: 0,824" in danish and "i størrelsesklasse lille passerer 0,8" in danish


async def test_harm_within_the_margin_is_said_to_stay_there_and_a_kind_of_benefit_has_its_word(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    view = await recommendation(cast.lead, made)
    harmed = {"verdict": "harm", "no_harm": True, "title": {"template": "Harm", "params": {}}}
    kind: dict[str, Any] = {
        "template": "Benefits of the kind {kind} are multiplied by {factor}.",
        "params": {"kind": "working_time"},
    }
    kind["params"]["factor"] = 0.7
    await the_advice_holds(
        made,
        indicators=[{**item, **harmed} for item in view.advice["indicators"]],
        economy={**view.advice["economy"], "expected_net_value": 10.0, "notes": [kind]},
    )
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    assert "but stays within the margin that is accepted" in shown
    assert "Benefits of the kind working time are multiplied by 0.7." in shown


async def test_the_unit_gained_is_named_and_what_no_municipality_bears_is_told_apart(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await a_stated_case(cast)
    await work_off(tmp_path)
    made = await issued(tmp_path, cast, assessment_id)
    view = await recommendation(cast.lead, made)
    assert view.resting.valuation is not None
    item = view.advice["indicators"][0]
    await signed_in(client, cast.lead)
    for units, said in ((item["effect"]["estimate"], f"one of the indicator {item['name']}"), (-9.0, "does not name")):
        await the_advice_holds(made, economy={**view.advice["economy"], "units_gained": units})
        assert said in (await client.get(f"/recommendations/{made}", headers=PAGE)).text
    lines = [{**line, "scope": "national"} for line in view.resting.valuation["lines"]]
    for scoped, told in ((lines, True), (view.resting.valuation["lines"], False)):
        valuation = msgspec.json.encode({**view.resting.valuation, "lines": scoped}).decode()
        await Basis.update({Basis.valuation: valuation}).where(Basis.recommendation == made)
        shown = (await client.get(f"/recommendations/{made}", headers=PAGE)).text
        assert ("belongs to no municipality" in shown) is told
