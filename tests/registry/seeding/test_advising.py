from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.evidence.queries import assessments_of
from registry.people.rules import Role
from registry.recommendations.queries import recommendations
from registry.seeding import advising, catalogue, files
from tests.registry.seeding.story import a_cast, worked

pytestmark = pytest.mark.usefixtures("database")

TRIAL, SATISFACTION = files.programme().published


async def entry_of(seed: files.PublishedSeed) -> int:
    await catalogue.load()
    found = await catalogue.pilot_id(seed.entry)
    assert found is not None
    return found


async def test_a_trial_is_advised_on_and_satisfaction_alone_waits_for_the_second_evaluator(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    pilot = await entry_of(TRIAL)
    assert not await advising.carry_published(TRIAL, cast, pilot), "it is being graded"
    assert await advising.carry_published(SATISFACTION, cast, pilot), "it goes no further"
    await worked(tmp_path)
    assert not await advising.carry_published(TRIAL, cast, pilot), "the advice is being drawn up"
    await worked(tmp_path)
    before = await AuditEntry.count()
    for seed in (TRIAL, SATISFACTION):
        assert await advising.carry_published(seed, cast, pilot)
    assert await AuditEntry.count() == before
    (advice,) = (await recommendations(cast.first(Role.DECISION_MAKER))).recommendations
    assert (advice.kind, advice.rule, advice.issued_by) == ("STOP", "R6", cast.first(Role.EVALUATOR).id)
    found = (await assessments_of(cast.second(Role.EVALUATOR), pilot)).assessments
    assert {one.source: (one.graded, one.approved_at is not None) for one in found} == {
        TRIAL.source: (True, True),
        SATISFACTION.source: (True, False),
    }
