"""The main job, end to end, by everybody who has a part in it, in a browser, on real rows where they are at hand."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from registry.kit.clock import today
from registry.people.rules import StakeholderGroup
from tests.journeys.material import Material, material, p_of
from tests.journeys.service import Service, User, signed_in, until

pytestmark = pytest.mark.browser

TITLE = "Digital case investigation"
DISSENT = "It says nothing about whether people were met with respect."


@dataclass
class Story:
    """Who takes part, what they work on, and the addresses of what they have made so far."""

    people: dict[str, User]
    material: Material
    made: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        return self.people[name]


@pytest.fixture(scope="module")
def story(on_each_database: Service, window: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Everybody signed in at once, each in a browser of their own; the decision-maker reads Danish."""
    names = ["lead", "lead2", "evaluator", "evaluator2", "decision", *StakeholderGroup]
    with ExitStack() as doors:
        people = {}
        for name in names:
            language = "da" if name == "decision" else "en"
            door = signed_in(window, on_each_database, name, language, by_form=name == "lead")
            people[name] = doors.enter_context(door)
        yield Story(people, material(tmp_path_factory.mktemp("material")))


def test_the_lead_registers_the_pilot(story: Story) -> None:
    page = story.lead.goto("/")
    story.lead.follow(page.get_by_role("link", name="Register a pilot"))
    page.fill("[name=title]", TITLE)
    page.get_by_label("Welfare-technology pilot").check(force=True)
    page.get_by_text("The technology is not in the list").click()
    page.fill("[name=new_technology]", "Digital case investigation form")
    page.fill("[name=new_major_version]", "1")
    page.fill("[name=technology_version]", "1.2.0")
    page.fill("[name=target_group]", "Citizens whom the service calls")
    page.fill("[name=starts]", "13-12-2021")
    page.fill("[name=ends]", "06-02-2022")
    page.fill("[name=find-place], #find-place", "Rebild")
    for place in ("Aalborg", "Rebild"):
        page.fill("#find-place", place)
        page.get_by_label(f"{place}: Runs the pilot").check(force=True)
    page.fill("[name=legal_basis]", "GDPR article 6(1)(e)")
    page.get_by_label("Done", exact=True).check(force=True)
    page.get_by_label("Everybody in the programme").check(force=True)
    story.lead.press("Register the pilot")
    expect(page.locator("h1")).to_contain_text(TITLE)
    found = re.search(r"/pilots/\d+", page.url)
    assert found, page.url
    story.made["pilot"] = found.group()


def test_the_lead_proposes_the_outcomes_of_the_plan_file_and_opens_the_round(story: Story) -> None:
    page = story.lead.goto(story.made["pilot"])
    story.lead.follow(page.get_by_role("link", name="Go there"))
    story.lead.follow(page.get_by_role("link", name="From a plan file"))
    page.fill("[name=plan]", story.material.plan)
    story.lead.press("Propose its outcomes")
    told = story.lead.read(f"{story.made['pilot']}/indicators")
    assert {one["code"] for one in told["indicators"]} == set(story.material.expected)
    story.lead.press("Open the rating round")
    story.lead.press("Open the rating round")
    assert story.lead.read(f"{story.made['pilot']}/indicators")["state"] == "open"


@pytest.mark.parametrize("group", StakeholderGroup)
def test_each_group_rates_what_waits_on_its_desk(story: Story, group: StakeholderGroup) -> None:
    voice = story.people[group]
    page = voice.goto("/")
    waiting = page.get_by_role("table", name="Pilots whose next step is yours")
    voice.follow(waiting.get_by_role("row", name=TITLE).get_by_role("link").last)
    expect(page.locator(".rating")).to_have_count(len(story.material.expected))
    for number, one in enumerate(page.locator(".rating").all()):
        one.locator(f"input[value='{9 - (number + len(group)) % 3}']").check(force=True)
    if group in ("citizens", "staff"):
        first = page.locator(".rating").first
        first.locator("summary").click()
        first.locator("textarea").fill(DISSENT)
    voice.press("Save my scores")
    expect(page.get_by_text("You have scored every indicator.")).to_be_visible()
    page = voice.goto("/")
    expect(page.get_by_role("row", name=TITLE)).to_have_count(1)


def test_the_lead_closes_the_round_on_all_eleven(story: Story) -> None:
    page = story.lead.goto("/")
    story.lead.follow(to_next_step(page))
    story.lead.press("Close the rating round")
    story.lead.press("Close the rating round")
    told = story.lead.read(f"{story.made['pilot']}/indicators")
    assert {one["outcome"] for one in told["results"]} == {"in"}
    assert len(told["results"]) == len(story.material.expected)
    expect(page.get_by_text(DISSENT).first).to_be_visible()


def test_the_evaluator_drafts_the_plan_from_its_file_simulates_it_and_locks_it(story: Story) -> None:
    page = story.evaluator.goto(f"{story.made['pilot']}/plans/new?by=file")
    page.fill("[name=toml]", story.material.plan)
    story.evaluator.press("Save the draft")
    story.made["plan"] = page.url
    story.evaluator.follow(page.get_by_role("link", name="Simulate the plan"))
    for box in page.locator("[name='outcomes.standard_error']").all():
        box.fill("0.02")
    page.fill("[name=chance_of_value]", "80")
    page.locator("summary", has_text="How the simulation is made").click()
    page.fill("[name=replications]", "50")
    story.evaluator.press("Simulate")
    expect(page.get_by_role("heading", name="In words")).to_be_visible(timeout=90_000)
    story.evaluator.follow(page.get_by_role("link", name="Go on to locking"))
    expect(page.get_by_text("Probability that the advice settles the matter")).to_be_visible()
    if page.locator("[name=unsettled_reason]").count():
        page.fill("[name=unsettled_reason]", "It tells where to look next.")
    story.evaluator.press("Lock the plan")
    told = story.evaluator.read(story.made["plan"])
    assert told["locked_at"] is not None
    assert page.get_by_text(told["fingerprint"]).count() == 1
    assert page.get_by_role("button", name="Lock the plan").count() == 0


def test_the_lead_sends_the_rows_as_the_proposed_schema_reads_them(story: Story) -> None:
    page = story.lead.goto(f"{story.made['pilot']}/datasets")
    sent = FilePayload(name=story.material.filename, mimeType="text/csv", buffer=story.material.rows)
    page.set_input_files("[name=file]", sent)
    page.fill("[name=purpose]", "Effect analysis of the pilot")
    page.fill("[name=retain_until]", _danish_day(365))
    story.lead.press("Send and check")
    address = page.url
    if story.lead.read(address)["state"] == "received":
        story.lead.press("Read it so")
    until(lambda: story.lead.read(address)["state"] not in ("checking", "received"), "the check of the upload")
    told = story.lead.read(address)
    assert told["state"] == "stored", told["findings"]
    story.made["version"] = f"/datasets/{told['version']}"
    page = story.lead.goto(story.made["version"])
    assert page.get_by_role("button", name="Approve").count() == 0


def test_a_second_person_approves(story: Story) -> None:
    page = story.lead2.goto("/")
    story.lead2.follow(to_next_step(page))
    story.lead2.follow(page.get_by_role("link", name="Open the version"))
    story.lead2.press("Approve")
    assert story.lead2.read(story.made["version"])["state"] == "approved"


def test_the_evaluator_runs_the_plan_and_reads_every_effect(story: Story) -> None:
    page = story.evaluator.goto("/")
    story.evaluator.follow(to_next_step(page))
    story.evaluator.press("Run the analysis")
    story.made["analysis"] = page.url
    expect(page.get_by_role("heading", name="Effects")).to_be_visible(timeout=90_000)
    told = _estimates(story)
    assert set(told) == set(story.material.expected)
    for name, expected in story.material.expected.items():
        assert told[name]["estimate"] == pytest.approx(expected["estimate"], rel=1e-6)
        assert told[name]["standard_error"] == pytest.approx(expected["standard_error"], rel=1e-6)
        assert p_of(told[name]) == pytest.approx(p_of(expected), rel=1e-4)


def test_the_table_holds_the_same_figures_in_words(story: Story) -> None:
    page = story.evaluator.goto(story.made["analysis"])
    table = page.get_by_role("table", name="Effects in the unit of each indicator")
    rows = [row.inner_text() for row in table.locator("tbody tr").all()]
    assert len(rows) == len(story.material.expected)
    for row, (name, expected) in zip(rows, story.material.expected.items(), strict=True):
        assert f"{abs(expected['estimate']):.4f}" in row, name
        assert f"({expected['standard_error']:.4f})" in row, name
        assert ("Not distinguishable" in row) is (name not in story.material.distinguishable), row
    assert page.locator("figure svg, figure img").count() == 1


def test_a_rerun_gives_the_same_bytes(story: Story) -> None:
    evaluator, file = story.evaluator, f"{story.made['analysis']}/result.json"
    before = evaluator.context.request.get(file).body()
    evaluator.goto(story.made["analysis"])
    evaluator.press("Run again and compare")
    until(lambda: evaluator.read(story.made["analysis"])["analysis"]["reruns"] == 1, "the rerun")
    assert evaluator.context.request.get(file).body() == before


def test_the_evaluator_states_the_facts_and_has_them_graded(story: Story) -> None:
    page = story.evaluator.goto("/")
    story.evaluator.follow(to_next_step(page))
    story.evaluator.follow(page.get_by_role("link", name="State the facts"))
    for name, answer in {"self_report": "no", "blinded": "no", "instruments_differ": "no"}.items():
        page.locator(f"[name={name}][value={answer}]").check(force=True)
    page.locator("[name=diagnostics_passed][value=yes]").check(force=True)
    page.fill("[name=dose]", "0.9")
    story.evaluator.press("Keep the facts and grade")
    story.made["assessment"] = page.url
    expect(page.get_by_role("heading", name="What the evidence shows")).to_be_visible(timeout=90_000)
    assert page.get_by_role("button", name="Approve the assessment").count() == 0


def test_a_second_evaluator_approves_and_the_advice_is_issued(story: Story) -> None:
    second = story.evaluator2
    page = second.goto("/")
    second.follow(to_next_step(page))
    second.follow(page.get_by_role("link", name="Open the assessment"))
    second.press("Approve the assessment")
    second.follow(page.get_by_role("link", name="Go to the recommendation"))
    second.press("Issue the recommendation")
    address = f"{story.made['assessment']}/recommendation"
    until(lambda: bool(second.read(address)["recommendation_id"]), "the recommendation")
    story.made["advice"] = f"/recommendations/{second.read(address)['recommendation_id']}"


def test_the_decision_maker_reads_the_advice_and_its_reasons_in_danish(story: Story) -> None:
    page = story.decision.goto("/")
    assert page.locator("html").get_attribute("lang") == "da"
    story.decision.follow(page.get_by_role("link", name="Digital case investigation form"))
    assert page.url.endswith(story.made["advice"])
    told = story.decision.read(story.made["advice"])
    assert told["recommendation"]["rule"] in page.locator("main").inner_text()
    named = {one["outcome"]: one["name"] for one in story.evaluator.read(story.made["analysis"])["effects"]}
    graded = {one["name"]: one["verdict"] for one in told["advice"]["indicators"]}
    for column in story.material.distinguishable:
        assert named[column] in page.locator("main").inner_text()
        assert graded[named[column]] is not None
    reasons = page.locator("h2", has_text="Hvorfor").locator("xpath=following::table[1]").locator("tbody tr")
    assert reasons.count() > 0
    expect(page.get_by_text(DISSENT).first).to_be_visible()


def test_a_deviation_without_a_reason_is_refused_and_keeps_what_was_typed(story: Story) -> None:
    page = story.decision.goto(f"{story.made['advice']}/decision")
    other = page.locator("[name=choice]:not([aria-describedby])").first
    other.check(force=True)
    chosen = other.get_attribute("value")
    page.locator("[name='conditions.text']").first.fill("Sprog og beskæftigelse måles igen")
    page.locator("[name='conditions.owner']").first.fill("Programkontoret")
    page.locator("[name='conditions.due']").first.fill(_danish_day(90))
    page.fill("[name=review_on]", _danish_day(180))
    page.locator("main form button").last.click()
    expect(page.locator("#error-summary a[href='#f-reason']")).to_be_visible()
    assert page.locator(f"[name=choice][value={chosen}]").is_checked()
    assert page.locator("[name='conditions.owner']").first.input_value() == "Programkontoret"


def test_the_decision_with_its_reason_and_conditions_stands(story: Story) -> None:
    page = story.decision.page
    page.fill("[name=reason]", "Kommunerne har brug for mere tid.")
    story.decision.follow(page.locator("main form button").last)
    assert re.search(r"/decisions/\d+$", page.url), page.locator("main").inner_text()
    told: dict[str, Any] = story.decision.read(page.url)
    assert told["decision"]["deviates"]
    assert told["conditions"][0]["owner"] == "Programkontoret"
    assert "Kommunerne har brug for mere tid." in page.locator("main").inner_text()
    desk = story.decision.read("/")
    assert TITLE not in [pilot["title"] for pilot in desk["waiting"]]


def test_everybody_who_may_see_the_pilot_sees_how_far_it_is(story: Story) -> None:
    assert story.lead.read(story.made["pilot"])["phase"] == "decided"
    assert story.citizens.read(story.made["pilot"])["phase"] == "decided"


def to_next_step(desk: Page) -> Locator:
    """The link of a desk to what the pilot waits for."""
    return desk.get_by_role("row", name=TITLE).get_by_role("link").last


def _estimates(story: Story) -> dict[str, Any]:
    result = story.evaluator.read(f"{story.made['analysis']}/result.json")
    main = [one for one in result["estimates"] if one["analysis"] == "primary" and one["aggregation"] == "overall"]
    return {one["outcome"]: one for one in main if one["subgroup"] is None}


def _danish_day(days: int) -> str:
    return (today() + timedelta(days=days)).strftime("%d-%m-%Y")
