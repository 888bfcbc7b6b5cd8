"""The worker values what was stated."""

from pathlib import Path

import pytest

from registry.business_cases.queries import business_case
from registry.kit.jobs import JobState
from tests.registry.analyses.story import work_off
from tests.registry.business_cases.story import BY_EFFECT, a_stated_case

pytestmark = pytest.mark.usefixtures("database")


async def test_the_worker_values_a_version_in_every_municipality(tmp_path: Path) -> None:
    cast, made = await a_stated_case()
    await work_off(tmp_path)
    found = await business_case(made)
    assert found.state == JobState.DONE
    assert found.valuation is not None
    assert found.valuation["expected_net_value"] is not None
    assert cast.lead.organisation_name in {place["name"] for place in found.valuation["by_place"]}


async def test_a_line_that_rests_on_an_effect_waits_for_evidence(tmp_path: Path) -> None:
    _, made = await a_stated_case(more=BY_EFFECT)
    await work_off(tmp_path)
    found = await business_case(made)
    assert found.valuation is not None
    assert found.valuation["expected_net_value"] is None
    assert "no effect on language is known" in found.valuation["unknown"][0]["text"]
