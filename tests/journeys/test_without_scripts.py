"""Signing in, registering, rating and sending a file need no scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.service import Service, User, signed_in, until

pytestmark = pytest.mark.browser


@pytest.fixture
def lead(ready: Service, window: Browser) -> Iterator[User]:
    with signed_in(window, ready, "lead", scripts=False, by_form=True) as user:
        yield user


def test_a_wrong_password_is_refused_and_the_address_kept(ready: Service, window: Browser) -> None:
    page = window.new_context(base_url=ready.address, java_script_enabled=False).new_page()
    page.goto("/login")
    page.fill("[name=email]", "lead@demo.invalid")
    page.fill("[name=password]", "not this one")
    page.locator("main form button").click()
    expect(page.locator("#error-summary")).to_be_visible()
    assert page.locator("[name=email]").input_value() == "lead@demo.invalid"
    page.context.close()


def test_the_menu_is_there_without_scripts_on_a_phone(lead: User) -> None:
    lead.page.set_viewport_size({"width": 360, "height": 800})
    page = lead.goto("/")
    expect(page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Pilots").first).to_be_visible()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()


def test_a_pilot_is_registered(lead: User) -> None:
    page = lead.goto("/pilots/new")
    lead.press("Register the pilot")
    expect(page.locator("#error-summary")).to_be_visible()
    page.fill("[name=title]", "Registered without scripts")
    page.get_by_label("Welfare-technology pilot").check(force=True)
    page.select_option("[name=technology]", index=1)
    for group in page.locator("details.place-group").all():
        if group.get_attribute("open") is None:
            group.locator("summary").click()
    page.get_by_label("Aalborg: Runs the pilot").check(force=True)
    lead.press("Register the pilot")
    expect(page.locator("h1")).to_contain_text("Registered without scripts")


def test_a_stakeholder_rates(ready: Service, window: Browser) -> None:
    with signed_in(window, ready, "citizens", scripts=False, by_form=True) as voice:
        page = voice.goto("/")
        voice.follow(page.get_by_role("link", name="Go there"))
        for one in page.locator(".rating").all():
            one.locator("input[value='7']").check(force=True)
        voice.press("Save my scores")
        expect(page.get_by_text("You have scored every indicator.")).to_be_visible()


def test_a_file_is_sent_and_its_check_can_be_followed(lead: User) -> None:
    desk = lead.read("/")
    waiting = next(one for one in desk["waiting"] + desk["following"] if one["title"].startswith("Natsensorer"))
    template = lead.context.request.get(f"/pilots/{waiting['id']}/datasets/template.csv").body()
    page = lead.goto(f"/pilots/{waiting['id']}/datasets")
    page.set_input_files("[name=file]", {"name": "rows.csv", "mimeType": "text/csv", "buffer": template})
    page.fill("[name=purpose]", "Trying it out")
    page.fill("[name=retain_until]", "31-12-2030")
    lead.press("Send and check")
    assert re.search(r"/uploads/\d+$", page.url), page.locator("main").inner_text()
    until(lambda: lead.read(page.url)["state"] != "checking", "the check")
    assert lead.goto(page.url).locator("h2", has_text="What was found").count() == 1
