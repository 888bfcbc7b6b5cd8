"""The demo programme reaches every phase, on both databases; nothing it did is done twice."""

from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.desks.gathering import facts_of
from registry.evidence.queries import assessments_of
from registry.kit import jobs
from registry.people.rules import Role
from registry.people.tables import Account
from registry.pilots.rules import Phase, phase
from registry.recommendations.queries import recommendations
from registry.seeding import loading, programme
from registry.seeding.cast import Cast
from registry.seeding.catalogue import pilot_id
from tests.registry.seeding.story import a_cast, demo_settings, worked

pytestmark = pytest.mark.usefixtures("database")

TRIAL = "TeleCare Nord: telemedicin til borgere med KOL"
CARRIED = "Skærmbesøg i hjemmeplejen (simuleret)"
PHASES = {
    CARRIED: Phase.DECIDED,
    "Gulvsensorer mod fald på plejecentre (simuleret)": Phase.RATING,
    "Digital læsestøtte i indskolingen (simuleret)": Phase.INDICATORS_AGREED,
    "Natsensorer på plejehjem (simuleret)": Phase.PLAN_LOCKED,
    TRIAL: Phase.RECOMMENDED,
    "Elektroniske låse i hjemmeplejen": Phase.REGISTERED,
}


async def phase_of(title: str) -> Phase:
    found = await pilot_id(title)
    assert found is not None
    return phase((await facts_of([found]))[found])


async def advice_of(cast: Cast) -> dict[str, tuple[str, str]]:
    seen = await recommendations(cast.first(Role.DECISION_MAKER))
    return {one.pilot_title: (one.kind, one.rule) for one in seen.recommendations}


async def waiting_assessments(cast: Cast, title: str) -> int:
    found = await pilot_id(title)
    assert found is not None
    seen = await assessments_of(cast.second(Role.EVALUATOR), found)
    return sum(one.graded and one.approved_at is None for one in seen.assessments)


async def test_the_programme_stands_in_every_phase_and_carrying_it_on_changes_nothing(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    await loading.load(demo_settings(tmp_path))
    await worked(tmp_path)
    assert {title: await phase_of(title) for title in PHASES} == PHASES
    advice = await advice_of(cast)
    assert advice[TRIAL] == ("STOP", "R6")
    assert advice[CARRIED] == ("ROLL_OUT", "R2"), "every municipality took part, and it pays in each size class"
    assert await waiting_assessments(cast, TRIAL) == 1, "satisfaction alone waits for the second evaluator"
    assert await verify_chain() is None
    before = await AuditEntry.count()
    await loading.load(demo_settings(tmp_path))
    assert (await AuditEntry.count(), await jobs.waiting()) == (before, 0)

    async def rows() -> bytes:
        raise AssertionError("the file was sent before")

    assert await programme.carry(cast, tmp_path, rows)
    assert await AuditEntry.count() == before


async def test_a_programme_that_broke_off_is_taken_up_at_the_next_start() -> None:
    await programme.begin()
    first = await jobs.latest(programme.SUBJECT)
    assert first is not None
    await programme.begin()
    assert await jobs.waiting() == 1, "it is under way"
    await jobs.cancel(first.id)
    await programme.begin()
    assert await jobs.waiting() == 1


async def test_without_its_people_the_programme_is_left_alone(tmp_path: Path) -> None:
    await a_cast(tmp_path)
    await loading.load(demo_settings(tmp_path))
    await Account.update({Account.active: False}).where(Account.email == "lead@demo.invalid")
    await worked(tmp_path)
    assert await phase_of(CARRIED) is Phase.REGISTERED
