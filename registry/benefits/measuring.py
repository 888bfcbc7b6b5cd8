"""What a measurement can be taken from: the finished analyses of the pilot."""

from registry.analyses import queries as analyses
from registry.benefits.queries import measurable
from registry.benefits.schemas import MeasuredEffect
from registry.people.rules import Person

NEWEST = 5
"""Runs whose effects are offered; an older one was done again for a reason."""


async def effects_of(person: Person, pilot_id: int) -> list[MeasuredEffect]:
    """The effects of the newest finished analyses that are not outdated; for a pilot the person may see."""
    finished = (await analyses.finished(pilot_id))[:NEWEST]
    gone = await analyses.outdated([one.id for one in finished])
    found: list[MeasuredEffect] = []
    for run in finished:
        if run.id not in gone and run.finished_at is not None:
            found += measurable(run.id, (await analyses.analysis(person, run.id)).effects, run.finished_at)
    return found
