"""Looks at a technology: when they are made, and that they stay."""

from pathlib import Path

import msgspec
import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.evidence.grounds import ground_of
from registry.evidence.looks import ask, keep
from registry.evidence.rules import LOOK
from registry.evidence.schemas import Look
from registry.evidence.tables import Synthesis
from registry.kit.database import transaction
from registry.kit.tables import Job
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import an_approved_assessment, technology_of, two_pilots

pytestmark = pytest.mark.usefixtures("database")


async def test_an_approval_has_the_technology_looked_at_once_it_has_two_pilots(tmp_path: Path) -> None:
    cast, _ = await an_approved_assessment(tmp_path)
    assert await Job.count().where(Job.kind == LOOK) == 0
    assert await Synthesis.count() == 0
    _, _, technology = await two_pilots(tmp_path)
    looks = await Synthesis.select().where(Synthesis.technology == technology).order_by("number")
    assert [(row["number"], row["decides"]) for row in looks] == [(1, False)]
    assert len(msgspec.json.decode(looks[0]["assessments"])) == 2
    assert technology != await technology_of(cast)


async def test_a_look_is_on_record_and_a_later_one_never_overwrites_it(tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    ground = await ground_of(technology)
    first = await Synthesis.select().order_by(Synthesis.id).first()
    async with transaction():
        await keep(ground, Look("a", "1", {"pilots": []}), job=1, decides=True)
    rows = await Synthesis.select().order_by(Synthesis.number)
    assert [row["number"] for row in rows] == [1, 2]
    assert rows[0] == first
    last = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert last is not None and last["action"] == "evidence.look"
    assert await verify_chain() is None


async def test_where_the_evidence_is_gone_meanwhile_no_look_is_kept(tmp_path: Path) -> None:
    cast, _ = await an_approved_assessment(tmp_path)
    technology = await technology_of(cast)
    await ask(technology)
    await work_off(tmp_path)
    assert await Synthesis.count() == 0
