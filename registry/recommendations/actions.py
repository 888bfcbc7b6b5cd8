"""Issuing the advice that follows from an approved assessment."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from registry.audit.actions import record
from registry.evidence import queries as evidence
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.recommendations import queries
from registry.recommendations.rules import ISSUE, ISSUED_ALREADY, NOT_APPROVED
from registry.recommendations.tables import Recommendation

KIND = "recommendations.issue"


async def issue(assessment_id: int, *, by: Person) -> None:
    """Have the worker draw up the recommendation of an approved assessment.

    Raises NotFound, Forbidden, and Conflict while it is not approved or once it is issued.
    """
    about = (await evidence.assessment(by, assessment_id)).assessment
    pilot = await visible_pilot(by, about.pilot_id)
    require(by, ISSUE, organisation=pilot.organisation, pilot=pilot.id)
    if about.approved_at is None:
        raise Conflict(NOT_APPROVED)
    async with transaction():
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


async def store(payload: Mapping[str, Any], advice: Mapping[str, Any]) -> int:
    """Keep the advice on an assessment; inside the job's transaction; returns the recommendation."""
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
    content = {"assessment": payload["assessment"], "advice": hashlib.sha256(text.encode()).hexdigest()}
    await record(
        action="recommendations.issue",
        object_kind="recommendation",
        object_id=row.id,
        content=content,
        by=payload["by"],
    )
    return row.id
