"""Whose turn it is: a next step belongs to a role, but not to whoever has done their part already."""

from collections.abc import Iterable, Sequence
from typing import Any

from piccolo.columns import Column, ForeignKey
from piccolo.columns.combination import And, Or, Where

from registry.datasets.tables import DatasetVersion, Deletion, Withdrawal
from registry.evidence.tables import Assessment
from registry.indicators.queries import open_ratings_for
from registry.people.rules import Person, Role
from registry.pilots.rules import NextStep, Phase
from registry.recommendations.tables import Recommendation


def kept() -> And:
    """Versions that still have rows which may be used: whoever deleted or withdrew them ended what they waited for."""
    there = DatasetVersion.id.not_in(Deletion.select(Deletion.version))
    return there & DatasetVersion.id.not_in(Withdrawal.select(Withdrawal.version))


def undecided() -> And:
    """Versions that wait for somebody to approve or reject them."""
    return DatasetVersion.approved_at.is_null() & DatasetVersion.rejected_at.is_null() & kept()


async def done_part(person: Person, pilots: Sequence[int]) -> frozenset[int]:
    """Those of the pilots in which whatever waits for another pair of eyes is the person's own work."""
    if not pilots:
        return frozenset()
    versions = await _all_made_by(person, DatasetVersion.pilot, DatasetVersion.uploaded_by, pilots, undecided())
    graded = await _all_made_by(
        person, Assessment.pilot, Assessment.assessed_by, pilots, Assessment.approved_at.is_null()
    )
    advised = await _all_made_by(person, Recommendation.assessment._.pilot, Recommendation.issued_by, pilots)
    return frozenset(versions | graded | advised)


async def rated(person: Person) -> frozenset[int]:
    """The pilots whose open round the person has rated in."""
    return frozenset(one.pilot for one in await open_ratings_for(person) if one.rated)


def falls_to(person: Person, step: NextStep, now: Phase, *, organisation: int, pilot: int, done: Iterable[int]) -> bool:
    """Whether the step waits for this very person; `done` are the pilots in which they have done their part.

    A decision that is made waits for nobody: the portfolio keeps its review date.
    """
    reached = any(grant.role is step.role and grant.covers(organisation, pilot) for grant in person.grants)
    theirs = step.by_another or step.role is Role.STAKEHOLDER
    return reached and now is not Phase.DECIDED and not (theirs and pilot in done)


async def _all_made_by(
    person: Person,
    pilot: Column | ForeignKey[Any],
    maker: ForeignKey[Any],
    pilots: Sequence[int],
    condition: Where | And | Or | None = None,
) -> set[int]:
    wanted = pilot.is_in(list(pilots)) if condition is None else pilot.is_in(list(pilots)) & condition
    table = maker._meta.table
    rows = await table.select(pilot.as_alias("pilot"), maker.as_alias("maker")).where(wanted)
    others = {row["pilot"] for row in rows if row["maker"] != person.id}
    return {row["pilot"] for row in rows} - others
