"""The traffic lights of many pilots, a fixed number of statements whatever their number."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from registry.desks.schedule import Changes, light, promises
from registry.desks.schemas import Light
from registry.kit.clock import today
from registry.pilots.schemas import MilestoneView, PilotRow
from registry.pilots.tables import Amendment, Milestone


async def lights_of(pilots: Sequence[PilotRow]) -> dict[int, Light | None]:
    """The light of each pilot; for pilots the reader may see."""
    ids = [pilot.id for pilot in pilots]
    if not ids:
        return {}
    milestones: defaultdict[int, list[MilestoneView]] = defaultdict(list)
    for row in await Milestone.select().where(Milestone.pilot.is_in(ids)).order_by(Milestone.due):
        milestones[row["pilot"]].append(msgspec.convert(row, MilestoneView))
    amendments: defaultdict[int, list[Changes]] = defaultdict(list)
    stated = Amendment.select(Amendment.pilot, Amendment.changes).where(Amendment.pilot.is_in(ids))
    for row in await stated.order_by(Amendment.id):
        amendments[row["pilot"]].append(msgspec.json.decode(row["changes"]))
    day = today()
    return {pilot.id: light(promises(pilot.ends, milestones[pilot.id], amendments[pilot.id], day)) for pilot in pilots}
