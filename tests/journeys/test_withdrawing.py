"""Approved rows turn out to be wrong: everything that rests on them says so and stays readable.

Named to come last of what uses the programme, because nothing withdrawn ever comes back.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import shown
from tests.journeys.service import Service, User, caller, signed_in

pytestmark = pytest.mark.browser

PILOT = "Skærmbesøg i hjemmeplejen (simuleret)"
REASON = "Two municipalities had exchanged their rows."
SAID = {
    "version": "The version is withdrawn",
    "analysis": "This result is outdated",
    "assessment": "This assessment is outdated",
    "recommendation": "This recommendation is outdated",
    "decision": "The evidence under this decision no longer counts",
    "benefit": "A measurement is outdated",
}
"""What each page says of itself afterwards."""
STAYS = {
    "version": "What it holds",
    "analysis": "Effects",
    "assessment": "Why the certainty is what it is",
    "recommendation": "What the evidence shows",
    "decision": "Conditions",
    "benefit": "Measurements",
}
"""A heading of each page that stands as before."""


@pytest.fixture(scope="module")
def lead(ready: Service, window: Browser) -> Iterator[User]:
    with signed_in(window, ready, "lead") as user:
        yield user


@pytest.fixture(scope="module")
def chain(ready: Service, lead: User) -> dict[str, str]:
    """The addresses of one version of rows and of everything that rests on it."""
    with caller(ready, "decision") as follower:
        row = next(one for one in follower.read("/portfolio")["wall"] if one["pilot_title"] == PILOT)
    benefit = lead.read(f"/pilots/{row['pilot_id']}/benefits")["benefits"][0]["promise"]
    analysis = benefit["measurements"][0]["analysis"]
    about = lead.read(f"/recommendations/{row['recommendation_id']}")["recommendation"]
    return {
        "version": f"/datasets/{lead.read(f'/analyses/{analysis}')['analysis']['dataset_version_id']}",
        "analysis": f"/analyses/{analysis}",
        "assessment": f"/assessments/{about['assessment_id']}",
        "recommendation": f"/recommendations/{about['id']}",
        "decision": f"/decisions/{row['decision_id']}",
        "benefit": f"/benefits/{benefit['id']}",
    }


@pytest.mark.parametrize("part", SAID)
def test_nothing_is_outdated_before(lead: User, chain: dict[str, str], part: str) -> None:
    page = lead.goto(chain[part])
    expect(page.get_by_role("heading", name=STAYS[part], exact=True).first).to_be_visible()
    expect(page.get_by_text(SAID[part])).to_have_count(0)


def test_the_lead_withdraws_the_version_with_a_reason_and_not_without(
    lead: User, chain: dict[str, str], axe: Callable[[Page], list[str]]
) -> None:
    page = lead.goto(chain["version"])
    lead.press("Withdraw the version")
    lead.press("Withdraw the version")
    expect(page.locator("#error-summary a[href='#f-reason']")).to_be_visible()
    assert list(shown(page, "da", axe)) == []
    page.fill("[name=reason]", REASON)
    before = lead.context.request.get(f"{chain['analysis']}/result.json").body()
    lead.press("Withdraw the version")
    assert page.url.endswith(chain["version"])
    assert lead.context.request.get(f"{chain['analysis']}/result.json").body() == before


@pytest.mark.parametrize("part", SAID)
def test_everything_downstream_says_it_is_outdated_and_stays_readable(
    lead: User, chain: dict[str, str], axe: Callable[[Page], list[str]], part: str
) -> None:
    page = lead.goto(chain[part])
    said = page.locator("main .alert").filter(has_text=SAID[part])
    expect(said).to_be_visible()
    expect(said).to_contain_text(REASON)
    expect(page.get_by_role("heading", name=STAYS[part], exact=True).first).to_be_visible()
    assert list(shown(page, "da", axe)) == []


def test_the_measurement_no_longer_counts_and_the_wall_warns(ready: Service, lead: User, chain: dict[str, str]) -> None:
    figures = lead.goto(chain["benefit"]).locator(".figures").inner_text()
    assert re.search(r"Measured\s+–\s+not measured", figures), figures
    with caller(ready, "decision") as follower:
        row = next(one for one in follower.read("/portfolio")["wall"] if one["pilot_title"] == PILOT)
    assert row["outdated"]
