"""From the evidence of several pilots to a decision: what an evaluator and a decision-maker read and do."""

import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from effects.plan import AnalysisPlan
from registry.kit.clock import today
from tests.journeys.looking import WIDTHS, shown
from tests.journeys.service import Service, User, signed_in

pytestmark = pytest.mark.browser

POOLED = "Medicindispenser"
TRIAL = "TeleCare Nord"
GOLDEN = ["0,080 SD", "0,168", "55.152", "−450 EUR", "728 EUR (−754 til 2.211)", "0,0132 (−0,0083 til 0,0346)"]
TURNING = {
    "værdi af en vundet enhed passerer 55.152, nu 21.068": "Ikke nok evidens",
    "en gennemførlig forlængelse, som afgør sagen og er mere værd": "Forlæng afprøvningen",
}
REASON = "Patienterne med svær KOL skal ikke miste ordningen, mens de undersøges for sig."


@dataclass
class Readers:
    """An evaluator who reads English and a decision-maker who reads Danish."""

    evaluator: User
    decision: User
    axe: Callable[[Page], list[str]]

    def holds(self, user: User) -> Page:
        """The page in front of a person, which must be accessible and fit the narrowest phone."""
        language = "da" if user is self.decision else "en"
        assert user.page.locator("html").get_attribute("lang") == language
        assert list(shown(user.page, language, self.axe)) == [], user.page.url
        user.page.set_viewport_size({"width": WIDTHS["en"], "height": 900})
        return user.page


@pytest.fixture(scope="module")
def readers(ready: Service, window: Browser, axe: Callable[[Page], list[str]]) -> Iterator[Readers]:
    with signed_in(window, ready, "evaluator") as evaluator, signed_in(window, ready, "decision", "da") as decision:
        yield Readers(evaluator, decision, axe)


def test_the_evaluator_reads_what_three_pilots_say_together(readers: Readers) -> None:
    user = readers.evaluator
    page = user.goto("/technologies")
    user.follow(page.get_by_role("link", name=POOLED, exact=True))
    user.follow(page.get_by_role("navigation", name="Pages of this technology").get_by_role("link", name="Evidence"))
    readers.holds(user)
    told = user.read(page.url)["result"]
    first = told["indicators"][0]
    effects = [study["estimate"] for study in first["studies"]]
    assert len(effects) == 3
    assert first["pooled"]["mean"] == pytest.approx(sum(effects) / 3)  # the three are equally precise
    assert first["pooled"]["predictive_low"] < first["pooled"]["low"] < first["pooled"]["high"]
    rows = page.get_by_role("table", name="Every pilot, all of them together").get_by_role("row", name=first["name"])
    expect(rows.filter(has_text="All pilots together")).to_contain_text(f"{first['pooled']['low']:.3f}")
    expect(rows.filter(has_text="A new place")).to_contain_text(f"{first['pooled']['predictive_high']:.3f}")
    expect(page.locator("figure.chart svg")).to_be_visible()
    expect(page.get_by_text("0 of 3 completed pilots have no approved evidence (0%).")).to_be_visible()


def test_other_methods_and_each_pilot_left_out_stand_beside_the_rules_own(readers: Readers) -> None:
    page = readers.evaluator.page
    first = readers.evaluator.read(page.url)["result"]["indicators"][0]["name"]
    page.locator("details", has_text="by every method").locator("summary").first.click()
    methods = page.get_by_role("table", name=f"{first} by every method")
    for method in ("prior on the spread", "double the assumed spread", "fixed effects", "Hartung and Knapp"):
        expect(methods.get_by_role("row", name=method)).to_be_visible()
    left_out = page.get_by_role("table", name=f"{first} with one pilot left out").locator("tbody tr")
    assert left_out.count() == 3
    assert all(POOLED in row for row in left_out.all_inner_texts())
    readers.holds(readers.evaluator)


def test_every_look_is_counted_and_an_earlier_one_stays_readable(readers: Readers) -> None:
    user, page = readers.evaluator, readers.evaluator.page
    looks = user.read(page.url)["looks"]
    assert [one["number"] for one in looks] == list(range(len(looks), 0, -1))
    user.follow(page.get_by_role("link", name="Look 1", exact=True))
    expect(page.get_by_role("alert").filter(has_text="This look is outdated")).to_be_visible()
    expect(page.get_by_role("heading", name="Pilot by pilot")).to_be_visible()
    readers.holds(user)


def test_the_evaluator_reads_a_grade_its_rules_and_what_would_raise_it(readers: Readers) -> None:
    user = readers.evaluator
    page = user.goto(f"/pilots/{_advised(user, TRIAL)['pilot_id']}/evidence")
    user.follow(page.get_by_role("row", name="Approved").get_by_role("link"))
    graded = page.get_by_role("table", name="Verdict, claim and certainty of each indicator")
    expect(graded.get_by_role("row", name="SF-36 PCS")).to_contain_text("Little or no effect")
    expect(graded.get_by_role("row", name="SF-36 PCS")).to_contain_text("Very low to low (1–2 of 4)")
    raising = page.get_by_role("table", name="What would raise the certainty, by the rule that lowers it")
    expect(raising.get_by_role("row", name="A Attrition")).to_contain_text("Collect the outcome from those lost")
    expect(raising.get_by_role("row", name="E Measurement")).to_contain_text("a blinded assessor")
    page.locator("details", has_text="SF-36 PCS").locator("summary").first.click()
    reasons = page.get_by_role("table", name="Why the certainty of SF-36 PCS")
    for rule, consequence in (("D5 ", "+4"), ("A Attrition", "-1"), ("E Measurement", "-1")):
        expect(reasons.get_by_role("row", name=rule)).to_contain_text(consequence)
    expect(reasons.get_by_role("row", name="A Attrition")).to_contain_text("0.0801")
    readers.holds(user)


def test_the_wall_shows_each_technology_with_advice_certainty_money_and_duty(readers: Readers) -> None:
    user = readers.decision
    page = user.goto("/")
    user.follow(_menu(page, "Portefølje"))
    for technology, said in {
        TRIAL: ["Stop", "Meget lav", "−450 EUR", "Ikke besluttet endnu"],
        POOLED: ["Udrul trinvist", "Høj", "DKK", "hele landet", "Simuleret"],
    }.items():
        row = page.get_by_role("table", name="Teknologier med anbefaling").get_by_role("row", name=technology)
        for part in said:
            expect(row).to_contain_text(part)
    readers.holds(user)


def test_the_recommendation_shows_every_golden_figure_and_both_turning_points(readers: Readers) -> None:
    user, page = readers.decision, readers.decision.page
    user.follow(page.get_by_role("row", name=TRIAL).get_by_role("link"))
    seen = page.locator("main").inner_text()
    assert [figure for figure in GOLDEN if figure not in seen] == []
    expect(page.locator(".advice")).to_contain_text("Stop")
    turns = page.get_by_role("table", name="Hvad der ville ændre anbefalingen")
    for condition, advice in TURNING.items():
        expect(turns.get_by_role("row", name=condition)).to_contain_text(advice)
    readers.holds(user)


def test_a_municipality_sees_what_it_may_expect_and_what_is_not_known(readers: Readers) -> None:
    user, page = readers.decision, readers.decision.page
    user.follow(page.get_by_role("link", name="Hvad det betyder for min kommune"))
    page.select_option("[name=place]", label="Aalborg")
    user.press("Vis")
    expect(page.locator("h1")).to_contain_text("Aalborg")
    expected = page.get_by_role("table", name="Hver indikator på et nyt sted, som målt")
    expect(expected.get_by_role("row", name="SF-36 PCS")).to_contain_text(re.compile(r"Mellem .* lavere og .* højere"))
    expect(page.get_by_text("For hver borger ventes den at koste 450 EUR mere")).to_be_visible()
    readers.holds(user)


def test_a_municipality_sees_whether_a_roll_out_pays_there(readers: Readers) -> None:
    user = readers.decision
    page = user.goto(f"/recommendations/{_advised(user, POOLED)['recommendation_id']}/municipality?place=0851")
    expect(page.get_by_text(re.compile(r"Sandsynlighed for, at det betaler sig her: .*\d+ af 100"))).to_be_visible()
    readers.holds(user)


def test_a_deviation_is_refused_with_everything_that_is_missing(readers: Readers) -> None:
    user = readers.decision
    page = user.goto(f"/recommendations/{_advised(user, TRIAL)['recommendation_id']}")
    user.follow(page.get_by_role("link", name="Gå til beslutningen"))
    page.locator("[name=choice][value=roll_out_in_stages]").check(force=True)
    page.locator("[name='conditions.text']").first.fill("Kun patienter med svær KOL")
    page.locator("[name='conditions.owner']").first.fill("Programkontoret")
    page.locator("[name='conditions.due']").first.fill(_danish_day(-1))
    user.press("Registrer beslutningen")
    for place in ("reason", "review_on", "conditions-0-due"):
        expect(page.locator(f"#error-summary a[href='#f-{place}']")).to_be_visible()
    assert page.locator("[name=choice][value=roll_out_in_stages]").is_checked()
    readers.holds(user)


def test_a_deviation_stands_with_reason_condition_and_review_date(readers: Readers) -> None:
    user, page = readers.decision, readers.decision.page
    page.locator("[name=choice][value=extend]").check(force=True)
    page.fill("[name=reason]", REASON)
    page.fill("[name=review_on]", _danish_day(180))
    page.locator("[name='conditions.due']").first.fill(_danish_day(90))
    user.press("Registrer beslutningen")
    assert re.search(r"/decisions/\d+$", page.url), page.locator("main").inner_text()
    for said in ("Forlæng afprøvningen", "Stop", "Afviger", REASON, _danish_day(180), "Programkontoret"):
        expect(page.locator("main")).to_contain_text(said)
    readers.holds(user)
    row = _advised(user, TRIAL)
    assert (row["choice"], row["deviates"], row["state"]) == ("extend", True, "decided")


def test_a_staged_roll_out_shows_who_starts_when_and_how_even_it_is(readers: Readers) -> None:
    user = readers.decision
    page = user.goto("/decisions")
    user.follow(page.get_by_role("row", name=POOLED).get_by_role("link"))
    user.follow(page.get_by_role("link", name="Se rækkefølgen og planen, der måler den"))
    stages = page.get_by_role("table", name="Etaperne i rækkefølge").locator("tbody tr").all()
    places = Counter(place for stage in stages for place in stage.locator("td").last.inner_text().split(", "))
    assert len(stages) == 4
    assert set(places.values()) == {1}
    assert len(places) == 98 - 9, "the nine municipalities that have it already are not drawn"
    balance = page.get_by_role("table", name="Steder i hver gruppe, der begynder i hver etape").locator("tbody tr")
    assert all("overholdt" in row for row in balance.all_inner_texts())
    assert not re.search(r"\b(small|medium|large)\b", page.locator("main").inner_text())
    readers.holds(user)


def test_the_plan_file_of_the_roll_out_is_a_plan_that_measures_it(readers: Readers, tmp_path: Path) -> None:
    plan = AnalysisPlan.from_toml(_downloaded(readers.decision.page, "Planfil (TOML)", tmp_path))
    assert plan.design == "stepped_wedge"


def test_the_ledger_shows_promised_revised_measured_and_realised(readers: Readers) -> None:
    user, page = readers.decision, readers.decision.page
    user.follow(_menu(page, "Gevinster"))
    readers.holds(user)
    user.follow(page.get_by_role("link", name="Hjemmehjælp, der ikke længere skal leveres"))
    figures = page.locator(".figures").inner_text()
    for said in ("−12", "−10", "−4"):
        assert said in figures
    assert re.search(r"−\d,\d+\s+−\d+,\d+ til −\d,\d+", figures), "measured, with its interval"
    expect(page.get_by_text("Færre borgere end ventet kan bruge skærmen til personlig pleje.")).to_be_visible()
    expect(page.get_by_role("table", name="Målinger").get_by_role("link", name="Kørsel")).to_be_visible()
    readers.holds(user)


@pytest.mark.parametrize("technology", [TRIAL, POOLED])
def test_a_bundle_is_taken_and_verified_elsewhere(readers: Readers, technology: str, tmp_path: Path) -> None:
    user = readers.decision
    page = user.goto(f"/recommendations/{_advised(user, technology)['recommendation_id']}")
    user.follow(page.get_by_role("link", name="Alt, hvad anbefalingen hviler på"))
    stated = page.locator("code.fingerprint").inner_text()
    readers.holds(user)
    taken = _downloaded(page, "Hent pakken", tmp_path)
    assert hashlib.sha256(taken.read_bytes()).hexdigest() == stated
    call = [sys.executable, "-m", "registry.cli", "verify", str(taken)]
    verified = subprocess.run(call, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _advised(user: User, technology: str) -> dict[str, Any]:
    """The row of a technology on the wall."""
    wall = user.read("/portfolio")["wall"]
    return next(row for row in wall if row["technology"].startswith(technology))


def _menu(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation").get_by_role("link", name=name, exact=True)


def _downloaded(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def _danish_day(days: int) -> str:
    return (today() + timedelta(days=days)).strftime("%d-%m-%Y")
