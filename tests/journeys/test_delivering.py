"""Rows that may not leave an authority: its moments are delivered, gathered, approved and analysed in their place."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from effects.analyse import analyse
from effects.compression.files import to_bytes
from effects.federation.making import make
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate
from registry.seeding import files
from tests.journeys.looking import WIDTHS, shown
from tests.journeys.service import Service, User, signed_in, until

pytestmark = pytest.mark.browser

PILOT = "Natsensorer på plejehjem (simuleret)"
CODES = ("0851", "0820", "0860", "0846", "0849", "0810")
"""The municipalities of the pilot; the last delivers late."""

PLAN = files.text("plans/night_sensors.toml")
HEADER = "nursing_home,sensors,falls,staff_physical_strain,dignity_self_determination,use_gap_education"
HOMES = 4
RESIDENTS = 12
MISSING = "Not all authorities are in it"


@dataclass
class Hands:
    """Who takes part, all of whom must find accessible pages that fit the narrowest phone."""

    lead: User
    second: User
    evaluator: User
    axe: Callable[[Page], list[str]]
    made: dict[str, str] = field(default_factory=dict)
    """The addresses of what they have made so far, and of the pilot."""

    def holds(self, user: User) -> None:
        """The page in front of a person."""
        language = "da" if user is self.second else "en"
        assert user.page.locator("html").get_attribute("lang") == language
        assert list(shown(user.page, language, self.axe)) == [], user.page.url
        user.page.set_viewport_size({"width": WIDTHS["en"], "height": 900})


@pytest.fixture(scope="module")
def hands(ready: Service, window: Browser, axe: Callable[[Page], list[str]]) -> Iterator[Hands]:
    """A lead and an evaluator who read English, and a second lead who reads Danish."""
    with ExitStack() as doors:
        lead, evaluator = (doors.enter_context(signed_in(window, ready, who)) for who in ("lead", "evaluator"))
        second = doors.enter_context(signed_in(window, ready, "lead2", "da"))
        pilot = next(one for one in lead.read("/")["waiting"] if one["title"] == PILOT)
        yield Hands(lead, second, evaluator, axe, {"pilot": f"/pilots/{pilot['id']}"})


def test_the_plan_says_before_anything_is_collected_that_moments_are_enough(hands: Hands) -> None:
    user = hands.evaluator
    assert user.read(f"{hands.made['pilot']}/datasets")["versions"] == []
    locked = user.read(f"{hands.made['pilot']}/plans")["current"]
    page = user.goto(f"/plans/{locked}")
    expect(page.get_by_role("heading", name="Rows or moments")).to_be_visible()
    expect(page.get_by_text("Moments are enough", exact=True)).to_be_visible()
    page.locator("summary", has_text="Answer by answer (4)").click()
    needed = page.get_by_role("table", name="What each answer needs")
    expect(needed.get_by_role("row", name="Fald")).to_contain_text("Moments")
    hands.holds(user)


def test_the_lead_sees_who_is_expected_and_what_they_have_to_run(hands: Hands) -> None:
    user = hands.lead
    page = user.goto(f"{hands.made['pilot']}/datasets")
    hands.holds(user)
    user.follow(page.locator("main").get_by_role("link", name="Moments instead of rows"))
    hands.made["deliveries"] = page.url
    assert _states(page) == dict.fromkeys(CODES, "Missing")
    expect(page.locator("code", has_text=re.compile(r"^virkning moments plan-\d+-\d+\.toml rows\.csv"))).to_be_visible()
    with page.expect_download() as plan:
        page.get_by_role("link", name="Download the plan file").click()
    assert Path(plan.value.path()).read_text("utf-8") == PLAN
    hands.holds(user)


def test_one_truncated_file_is_refused_by_its_name_and_nothing_is_stored(hands: Hands) -> None:
    user, whole, broken = hands.lead, _payload("0851"), _payload("0820")
    told = _send(hands, [whole, {**broken, "buffer": broken["buffer"][:-200]}])
    assert told["state"] == "refused"
    assert {finding["where"] for finding in told["findings"]} == {"0820.moments"}
    page = user.goto(user.page.url)
    expect(page.get_by_text("The files were refused and deleted")).to_be_visible()
    found = page.get_by_role("table", name="Findings").locator("tbody tr")
    assert all("0820.moments" in row for row in found.all_inner_texts())
    hands.holds(user)
    assert _states(user.goto(hands.made["deliveries"])) == dict.fromkeys(CODES, "Missing")


def test_the_good_files_are_delivered_together(hands: Hands) -> None:
    told = _send(hands, [_payload(code) for code in CODES[:-1]])
    assert told["state"] == "stored", told["findings"]
    page = hands.lead.goto(hands.made["deliveries"])
    assert _states(page) == {**dict.fromkeys(CODES, "Delivered"), CODES[-1]: "Missing"}
    row = page.get_by_role("table", name="What each authority has delivered").get_by_role("row", name="0851")
    expect(row).to_contain_text(f"{HOMES * RESIDENTS} of {HOMES * RESIDENTS}")
    hands.holds(hands.lead)


def test_each_delivery_says_line_by_line_what_left_the_house(hands: Hands) -> None:
    user, page = hands.lead, hands.lead.page
    user.follow(page.get_by_role("link", name="Aalborg", exact=True))
    expect(page.get_by_role("heading", name="What left the house")).to_be_visible()
    for heading in ("What leaves the house", "What does not leave"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    for line in ("From: 0851", "No rows, no names, numbers or hashes of people or units"):
        expect(page.get_by_role("listitem").filter(has_text=line)).to_be_visible()
    expect(page.get_by_text(re.compile(r"falls\)?: sums for each cluster, .*people: 48;"))).to_be_visible()
    hands.holds(user)


def test_what_is_gathered_without_one_authority_names_it(hands: Hands) -> None:
    page = _gathered(hands)
    expect(page.locator("main .alert").filter(has_text=MISSING)).to_contain_text("(0810)")
    expect(page.get_by_role("table", name="Whose moments it holds").locator("tbody tr")).to_have_count(len(CODES) - 1)
    assert page.get_by_role("button", name="Approve").count() == 0
    hands.holds(hands.lead)
    hands.made["partial"] = page.url


def test_the_late_one_is_delivered_and_all_are_gathered(hands: Hands) -> None:
    assert _send(hands, [_payload(CODES[-1])])["state"] == "stored"
    assert set(_states(hands.lead.goto(hands.made["deliveries"])).values()) == {"Delivered"}
    page = _gathered(hands)
    expect(page.get_by_text(MISSING)).to_have_count(0)
    expect(page.get_by_role("table", name="Whose moments it holds").locator("tbody tr")).to_have_count(len(CODES))
    hands.holds(hands.lead)
    hands.made["version"] = page.url


def test_a_second_person_rejects_the_part_and_approves_the_whole(hands: Hands) -> None:
    user = hands.second
    page = user.goto(hands.made["partial"])
    expect(page.locator("main .alert").filter(has_text="Ikke alle myndigheder er med")).to_be_visible()
    page.fill("[name=reason]", "En kommune mangler.")
    user.press("Forkast versionen")
    page = user.goto(hands.made["version"])
    expect(page.get_by_role("table", name="Hvis momenter den rummer")).to_be_visible()
    hands.holds(user)
    user.press("Godkend")
    assert user.read(hands.made["version"])["state"] == "approved"
    assert user.read(hands.made["partial"])["state"] == "rejected"


def test_the_evaluator_reads_the_effect_that_all_rows_together_would_give(hands: Hands) -> None:
    user = hands.evaluator
    page = user.goto(f"{hands.made['pilot']}/analyses")
    user.press("Run the analysis")
    expect(page.get_by_role("heading", name="Effects")).to_be_visible(timeout=90_000)
    effects = user.read(f"{page.url}/result.json")["estimates"]
    for told, one in zip(effects, _of_all_rows(), strict=True):
        assert (told["outcome"], told["estimator"]) == (one.outcome, one.estimator)
        assert told["estimate"] == pytest.approx(one.estimate, rel=1e-9)
        assert told["standard_error"] == pytest.approx(one.standard_error, rel=1e-9)
    table = page.get_by_role("table", name="Effects in the unit of each indicator")
    expect(table.get_by_role("row", name="Fald")).to_contain_text("−0.9")
    checked = page.get_by_role("table", name="What was checked before the effects are read")
    expect(checked.get_by_role("row", name="Was anything lost by compressing the rows?")).to_contain_text("Pass")
    page.locator("summary", has_text="Second opinions").click()
    others = page.get_by_role("table", name="Second opinions").get_by_role("row", name="Fald")
    expect(others.first).to_contain_text("Mixed model with a random intercept for clusters")
    hands.holds(user)


def _send(hands: Hands, sent: Sequence[FilePayload]) -> Any:
    """Send files from the page of deliveries; what the service says of them when it has looked."""
    user = hands.lead
    page = user.goto(hands.made["deliveries"])
    page.set_input_files("[name=files]", sent)
    page.fill("[name=purpose]", "Effect analysis of the pilot")
    page.fill("[name=retain_until]", "31-12-2030")
    user.press("Send and check")
    until(lambda: user.read(page.url)["state"] != "checking", "the check of the files")
    return user.read(page.url)


def _gathered(hands: Hands) -> Page:
    """The page of a version of everything that is here."""
    user = hands.lead
    page = user.goto(hands.made["deliveries"])
    user.press("Gather")
    until(lambda: user.read(page.url)["state"] != "checking", "the gathering")
    told = user.read(page.url)
    assert told["state"] == "stored", told["findings"]
    return user.goto(f"/datasets/{told['version']}")


def _states(page: Page) -> dict[str, str]:
    """Whether each authority has delivered, by its code, as the table says."""
    rows = page.get_by_role("table", name="What each authority has delivered").locator("tbody tr").all()
    said = [(row.locator("th .small-text").inner_text()[:4], row.locator("td").first.inner_text()) for row in rows]
    return dict(said)


def _rows(code: str) -> list[str]:
    """The rows of a municipality: sensors in every other nursing home, and the last answer now and then missing."""
    random, rows = Random(code), []
    for home in range(HOMES):
        level, treated = random.gauss(0, 0.2), home % 2
        for _ in range(RESIDENTS):
            falls, strain = random.gauss(2 + level - 0.9 * treated, 0.6), random.gauss(4 - 0.9 * treated, 0.8)
            gap = "" if random.random() < 0.1 else f"{random.gauss(3, 2):.2f}"
            rows.append(f"{code}-{home},{treated},{falls:.2f},{strain:.2f},{random.gauss(60, 10):.1f},{gap}")
    return rows


@cache
def _payload(code: str) -> FilePayload:
    """The moments file that a municipality makes of its rows."""
    with TemporaryDirectory() as folder:
        path = _written(Path(folder), [code])
        content = to_bytes(make(AnalysisPlan.from_text(PLAN), [path], authority=code))
    return FilePayload(name=f"{code}.moments", mimeType="application/octet-stream", buffer=content)


def _of_all_rows() -> list[EffectEstimate]:
    """The effects of the plan in all rows, as if they had been sent, with what stands beside them."""
    with TemporaryDirectory() as folder:
        found = analyse([_written(Path(folder), CODES)], AnalysisPlan.from_text(PLAN))
    return [one for one in found.estimates if isinstance(one, EffectEstimate)]


def _written(folder: Path, codes: Sequence[str]) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join([HEADER, *(row for code in codes for row in _rows(code))]) + "\n", "utf-8")
    return path
