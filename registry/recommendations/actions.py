"""Issuing the advice that follows from an approved assessment."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from registry.audit.actions import record
from registry.evidence import queries as evidence
from registry.evidence.tables import Assessment
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.recommendations import queries
from registry.recommendations.rules import ISSUE, ISSUED_ALREADY, NOT_APPROVED, OVERTAKEN
from registry.recommendations.tables import Basis, Recommendation

KIND = "recommendations.issue"


async def issue(assessment_id: int, *, by: Person) -> None:
    """Have the worker draw up the recommendation of an approved assessment.

    Raises NotFound, Forbidden, and Conflict while it is not approved, once it is issued or where it is overtaken.
    """
    about = (await evidence.assessment(by, assessment_id)).assessment
    pilot = await visible_pilot(by, about.pilot_id)
    require(by, ISSUE, organisation=pilot.organisation, pilot=pilot.id)
    if about.approved_at is None:
        raise Conflict(NOT_APPROVED)
    if await evidence.outdated([assessment_id]):
        raise Conflict(OVERTAKEN)
    async with transaction():
        await take_turn(Assessment, assessment_id)
        before = await queries.issuing(by, assessment_id)
        if before.recommendation_id or (before.job and not before.job.over):
            raise Conflict(ISSUED_ALREADY)
        payload = {"assessment": assessment_id, "technology": pilot.technology, "by": by.id}
        await jobs.enqueue(KIND, subject=queries.SUBJECT.format(assessment_id), payload=payload)
        await record(
            action="recommendations.request",
            object_kind="assessment",
            object_id=assessment_id,
            content=payload,
            by=by.id,
        )


async def store(
    payload: Mapping[str, Any],
    advice: Mapping[str, Any],
    *,
    look: int | None = None,
    business_case: int | None = None,
    valuation: Mapping[str, Any] | None = None,
) -> int:
    """Keep the advice and what it rests on beside its assessment, inside the job's transaction; returns its id."""
    text = msgspec.json.encode(advice).decode()
    row = Recommendation(
        technology=payload["technology"],
        assessment=payload["assessment"],
        ruleset=advice["rules_version"],
        kind=advice["recommendation"],
        rule=advice["rule"],
        advice=text,
        issued_by=payload["by"],
        issued_at=now(),
    )
    await row.save()
    worth = None if valuation is None else msgspec.json.encode(valuation).decode()
    await Basis(recommendation=row.id, synthesis=look, business_case=business_case, valuation=worth).save()
    content = {"assessment": payload["assessment"], "advice": hashlib.sha256(text.encode()).hexdigest()}
    await record(
        action="recommendations.issue",
        object_kind="recommendation",
        object_id=row.id,
        content=content,
        by=payload["by"],
    )
    return row.id
