"""What a look at a technology rests on."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.evidence.grounds import ground_of, heard_of
from registry.evidence.tables import Assessment, Synthesis
from registry.indicators.tables import Indicator, LibraryIndicator
from registry.kit.clock import day_of
from registry.pilots.tables import Pilot
from tests.registry.evidence.story import (
    a_graded_assessment,
    a_published_assessment,
    an_approved_assessment,
    technology_of,
    two_pilots,
)
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def test_the_newest_approved_assessment_of_each_pilot_is_heard(tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    found = await ground_of(technology)
    assert [one.pilot for one in found.heard] == [second.pilot, first.pilot]
    assert found.together
    assert found.heard[0].codes == {"Language known": "language", "Strain": "strain"}
    assert (found.heard[0].place, found.heard[0].title) == (second.lead.organisation, "Night watch")
    assert found.reach.registered == 2


async def test_an_assessment_that_nobody_approved_is_not_heard(tmp_path: Path) -> None:
    cast, _ = await a_graded_assessment(tmp_path)
    found = await ground_of(await technology_of(cast))
    assert (found.heard, found.together) == ((), False)


async def test_a_single_pilot_is_not_looked_at_together(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    found = await ground_of(await technology_of(cast))
    assert ([one.assessment for one in found.heard], found.together) == ([assessment_id], False)
    assert found.information == ()


async def test_the_units_are_those_that_were_agreed(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    assert (await heard_of(assessment_id)).units == {}
    await Indicator.update({Indicator.unit: "share"}).where(
        (Indicator.pilot == cast.pilot) & (Indicator.code == "language")
    )
    assert (await heard_of(assessment_id)).units == {"Language known": "share"}


async def test_a_published_trial_has_neither_codes_nor_units(tmp_path: Path) -> None:
    cast = await a_cast()
    found = await heard_of(await a_published_assessment(tmp_path, cast))
    assert (found.codes, found.units) == ({}, {})


async def test_looks_that_advice_followed_from_are_counted_as_shares_of_the_planned_pilots(tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    assert (await ground_of(technology)).information == ()
    first = await Synthesis.select(Synthesis.id, Synthesis.assessments).order_by(Synthesis.id).first()
    assert first is not None
    await Synthesis.update({Synthesis.decides: True}).where(Synthesis.id == first["id"])
    alone = "[1]"
    await Synthesis.update({Synthesis.assessments: alone}).where(Synthesis.id == first["id"])
    assert (await ground_of(technology)).information == (0.5, 1.0)
    assert await Assessment.count() == 2


async def test_a_pilots_evidence_is_dated_by_its_end_else_its_start_else_the_assessment(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    start, end = date(2015, 3, 1), date(2016, 6, 30)
    assessed = await Assessment.select(Assessment.assessed_at).where(Assessment.id == assessment_id).first()
    assert assessed is not None
    for starts, ends, dated in ((start, end, end), (start, None, start), (None, None, day_of(assessed["assessed_at"]))):
        await Pilot.update({Pilot.starts: starts, Pilot.ends: ends}).where(Pilot.id == cast.pilot)
        assert (await heard_of(assessment_id)).dated == dated


async def test_an_indicator_of_the_librarys_name_has_its_unit_unless_another_was_agreed(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    texts: dict[str, Any] = dict.fromkeys(("perspective", "domain", "better", "wording_da", "wording_en"), "citizen")
    entry = LibraryIndicator(code="x", name_da="Sprog kendt", name_en="Language known", unit="%", **texts)
    await entry.save()
    assert (await heard_of(assessment_id)).units == {"Language known": "%"}
    await Indicator.update({Indicator.unit: "share"}).where(
        (Indicator.pilot == cast.pilot) & (Indicator.code == "language")
    )
    assert (await heard_of(assessment_id)).units == {"Language known": "share"}
