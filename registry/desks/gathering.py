"""The facts about pilots from every later noun, a fixed number of statements whatever the number of pilots."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from piccolo.columns import Column, ForeignKey
from piccolo.columns.combination import And, Or, Where
from piccolo.query.functions import Count
from piccolo.table import Table

from registry.analyses.tables import Analysis
from registry.datasets.rules import UploadState
from registry.datasets.tables import DatasetVersion, Upload
from registry.desks.in_force import in_force
from registry.desks.turns import kept, undecided
from registry.indicators.rules import Outcome
from registry.indicators.tables import Agreement, Indicator, Rating, Round
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.pilots.rules import Facts, Part
from registry.pilots.tables import Pilot, Site
from registry.plans.tables import Plan

Condition = Where | And | Or


async def facts_of(pilots: Sequence[int]) -> dict[int, Facts]:
    """What has happened to each of the pilots; for pilots the reader may see."""
    if not pilots:
        return {}
    catalogue = await _count(Pilot, Pilot.id, pilots, Pilot.registered_by.is_null())
    sites = await _count(Site, Site.pilot, pilots, Site.part == Part.INTERVENTION)
    compared = await _count(Site, Site.pilot, pilots, Site.part == Part.COMPARISON)
    indicators = await _count(Indicator, Indicator.pilot, pilots, Indicator.withdrawn_at.is_null())
    opened = await _count(Round, Round.pilot, pilots, Round.closed_at.is_null())
    voted = await _groups(pilots)
    closed = await _count(Round, Round.pilot, pilots, Round.closed_at.is_not_null())
    agreed = await _count(Agreement, Agreement.round._.pilot, pilots, Agreement.outcome == Outcome.IN)
    drafted = await _count(Plan, Plan.pilot, pilots, Plan.locked_at.is_null())
    locked = await _count(Plan, Plan.pilot, pilots, Plan.locked_at.is_not_null())
    checking = await _count(
        Upload, Upload.pilot, pilots, Upload.state.is_in([UploadState.RECEIVED, UploadState.CHECKING])
    )
    waiting = await _count(DatasetVersion, DatasetVersion.pilot, pilots, undecided())
    usable = DatasetVersion.approved_at.is_not_null() & kept()
    approved = await _count(DatasetVersion, DatasetVersion.pilot, pilots, usable)
    at_work = Job.select(Job.id).where(Job.state.is_in([JobState.QUEUED, JobState.RUNNING]))
    running = await _count(Analysis, Analysis.plan._.pilot, pilots, Analysis.job.is_in(at_work))
    counting = await in_force(pilots)
    return {
        pilot: Facts(
            catalogue=catalogue[pilot] > 0,
            sites=sites[pilot],
            comparison_sites=compared[pilot],
            indicators=indicators[pilot],
            round_open=opened[pilot] > 0,
            groups_rated=voted[pilot],
            round_closed=closed[pilot] > 0,
            agreed=agreed[pilot],
            plan_drafted=drafted[pilot] > 0,
            plan_locked=locked[pilot] > 0,
            data_checking=checking[pilot] > 0,
            data_waiting=waiting[pilot],
            data_approved=approved[pilot],
            analysis_running=running[pilot] > 0,
            analyses=counting.analyses[pilot],
            assessments_waiting=counting.assessments_waiting[pilot],
            assessments=counting.assessments[pilot],
            recommendations=counting.recommendations[pilot],
            decisions=counting.decisions[pilot],
        )
        for pilot in pilots
    }


async def _count(
    table: type[Table], pilot: Column | ForeignKey[Any], pilots: Iterable[int], condition: Condition | None = None
) -> Counter[int]:
    wanted = pilot.is_in(list(pilots)) if condition is None else pilot.is_in(list(pilots)) & condition
    rows = await table.select(pilot.as_alias("pilot"), Count(alias="rows")).where(wanted).group_by(pilot)
    return Counter({row["pilot"]: row["rows"] for row in rows})


async def _groups(pilots: Sequence[int]) -> Counter[int]:
    """How many stakeholder groups have rated."""
    pilot = Rating.round._.pilot
    pairs = Rating.select(pilot.as_alias("pilot"), Rating.stakeholder_group).where(pilot.is_in(list(pilots)))
    return Counter(row["pilot"] for row in await pairs.distinct())
