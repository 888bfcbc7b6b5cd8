"""The page and the file of a bundle as a browser and a program see them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from registry.audit.tables import AuditEntry
from registry.evidence.tables import Synthesis
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from registry.pilots.tables import Pilot
from tests.registry.people.story import an_account, signed_in
from tests.registry.recommendations.story import telecare_recommended

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "publishing")


async def test_the_page_says_what_it_holds_what_not_and_how_to_verify_it(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}/bundle", headers=PAGE)).text
    told = (await client.get(f"/recommendations/{made}/bundle", headers=JSON)).json()
    for said in (
        "Next step",
        f"virkning verify virkning-recommendation-{made}.zip",
        "recommendation.json",
        "The advice with every reason",
        "Rows of persons or clusters",
        told["sha256"],
        f"/recommendations/{made}/bundle.zip",
    ):
        assert said in shown, said
    client.cookies.set("language", "da")
    assert "Sådan efterprøves den" in (await client.get(f"/recommendations/{made}/bundle", headers=PAGE)).text


async def test_the_file_is_the_same_each_time_and_each_taking_is_noted(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, cast.lead)
    told = (await client.get(f"/recommendations/{made}/bundle", headers=JSON)).json()
    before = await AuditEntry.count()
    taken = [await client.get(f"/recommendations/{made}/bundle.zip") for _ in range(2)]
    assert {hashlib.sha256(answer.content).hexdigest() for answer in taken} == {told["sha256"]}
    assert taken[0].headers["content-type"] == "application/zip"
    assert f"virkning-recommendation-{made}.zip" in taken[0].headers["content-disposition"]
    assert await AuditEntry.count() == before + 2


async def test_a_private_pilots_bundle_does_not_exist_for_others(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await signed_in(client, await an_account(Role.EVALUATOR))
    for path in (f"/recommendations/{made}/bundle", f"/recommendations/{made}/bundle.zip", "/recommendations/9/bundle"):
        for accept in (PAGE, JSON):
            assert (await client.get(path, headers=accept)).status_code == 404
    await Pilot.update({Pilot.visibility: Visibility.PROGRAMME}).where(Pilot.id == cast.pilot)
    assert (await client.get(f"/recommendations/{made}/bundle.zip", headers=JSON)).status_code == 200


async def test_a_bundle_that_would_lack_a_pilot_is_explained_and_not_given(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, made = await telecare_recommended(tmp_path)
    await Synthesis.update({Synthesis.assessments: "[99]"}).where(Synthesis.id > 0)  # none that the lead may see
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/recommendations/{made}/bundle", headers=PAGE)).text
    assert "It rests on a pilot that is not open to you" in shown
    assert "bundle.zip" not in shown
    assert (await client.get(f"/recommendations/{made}/bundle.zip", headers=PAGE)).status_code == 404
