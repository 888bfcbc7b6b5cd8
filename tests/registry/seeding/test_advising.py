from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.evidence.queries import assessments_of
from registry.people.rules import Role
from registry.recommendations.queries import recommendations
from registry.seeding import advising, catalogue, files
from registry.seeding.cast import Cast
from tests.registry.seeding.story import a_cast, worked

pytestmark = pytest.mark.usefixtures("database")

TRIAL, SATISFACTION = files.programme().published


async def entry_of(seed: files.PublishedSeed) -> int:
    await catalogue.load()
    found = await catalogue.pilot_id(seed.entry)
    assert found is not None
    return found


async def arrived(seed: files.PublishedSeed, cast: Cast, pilot: int, state: Path) -> None:
    while not await advising.carry_published(seed, cast, pilot):
        await worked(state)


async def test_a_published_trial_is_approved_by_a_second_evaluator_and_advised_on(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    pilot = await entry_of(TRIAL)
    assert not await advising.carry_published(TRIAL, cast, pilot), "it is being graded"
    await arrived(TRIAL, cast, pilot, tmp_path)
    (advice,) = (await recommendations(cast.first(Role.DECISION_MAKER))).recommendations
    assert (advice.kind, advice.rule) == ("STOP", "R6")
    assert advice.issued_by == cast.first(Role.EVALUATOR).id
    before = await AuditEntry.count()
    assert await advising.carry_published(TRIAL, cast, pilot)
    assert await AuditEntry.count() == before


async def test_satisfaction_alone_is_assessed_and_goes_no_further(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    pilot = await entry_of(SATISFACTION)
    assert await advising.carry_published(SATISFACTION, cast, pilot)
    await worked(tmp_path)
    assert await advising.carry_published(SATISFACTION, cast, pilot)
    (found,) = (await assessments_of(cast.second(Role.EVALUATOR), pilot)).assessments
    assert found.graded
    assert found.approved_at is None
    assert found.source == SATISFACTION.source
