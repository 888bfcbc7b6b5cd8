"""Looks at all pilots of a technology: asked for when evidence is approved, kept one after another for good."""

import hashlib

import msgspec

from registry.audit.actions import record
from registry.business_cases.actions import value_current
from registry.evidence.grounds import Ground
from registry.evidence.rules import ENOUGH_TOGETHER, LOOK, LOOKS
from registry.evidence.schemas import Look
from registry.evidence.tables import Synthesis
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn
from registry.pilots.tables import Pilot, Technology


async def ask(technology_id: int) -> None:
    """Have the worker look at the technology anew, inside the caller's transaction.

    A single pilot needs no look: there the business case is valued anew at once.
    """
    if await Pilot.count().where(Pilot.technology == technology_id) >= ENOUGH_TOGETHER:
        await jobs.enqueue(LOOK, subject=LOOKS.format(technology_id), payload={"technology": technology_id})
    else:
        await value_current(technology_id)


async def keep(ground: Ground, look: Look, *, job: int, decides: bool = False, by: int | None = None) -> int:
    """Keep a look under the next number of its technology, inside the job's transaction; returns its id.

    The business case that holds is valued anew by it.
    """
    await take_turn(Technology, ground.technology)
    text = msgspec.json.encode(look.result).decode()
    row = Synthesis(
        technology=ground.technology,
        number=await Synthesis.count().where(Synthesis.technology == ground.technology) + 1,
        assessments=msgspec.json.encode([one.assessment for one in ground.heard]).decode(),
        case=look.case,
        ruleset=look.ruleset,
        result=text,
        decides=decides,
        job=job,
        made_at=now(),
    )
    await row.save()
    content = {
        "assessments": [one.assessment for one in ground.heard],
        "case": hashlib.sha256(look.case.encode()).hexdigest(),
        "result": hashlib.sha256(text.encode()).hexdigest(),
    }
    await record(action="evidence.look", object_kind="synthesis", object_id=row.id, content=content, by=by)
    await value_current(ground.technology)
    key: int = row.id
    return key
